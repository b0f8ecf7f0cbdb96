"""What is proven and allowed about a person, over HTTP: evidence, consents, guardians, pickups."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.auth import DESK, CurrentActor, require
from app.idempotency.once import Once
from app.people import proofs
from app.people.replies import Made
from app.people.schemas import ConsentIn, EvidenceIn, GuardianIn, LastDayIn, PickupIn
from app.schemas import PathId

router = APIRouter(tags=["people"], dependencies=[require(*DESK)])


@router.post("/people/{person_id}/evidence", status_code=201, response_model=Made)
def add_evidence(person_id: PathId, body: EvidenceIn, actor: CurrentActor, once: Once) -> Response:
    """Add a dated proof."""
    return once.reply(
        lambda session: Made(id=proofs.add_evidence(session, actor, person_id, body.values()).id), status=201
    )


@router.post("/people/{person_id}/evidence/{evidence_id}/end", response_model=Made)
def end_evidence(
    person_id: PathId, evidence_id: PathId, body: LastDayIn, actor: CurrentActor, once: Once
) -> Response:
    """Set the last day on which a proof counts."""
    return once.reply(
        lambda session: Made(id=proofs.end_evidence(session, actor, person_id, evidence_id, body.last_on).id)
    )


@router.post("/people/{person_id}/consents", status_code=201, response_model=Made)
def add_consent(person_id: PathId, body: ConsentIn, actor: CurrentActor, once: Once) -> Response:
    """Note a consent for one purpose."""
    return once.reply(
        lambda session: Made(id=proofs.add_consent(session, actor, person_id, body.values()).id), status=201
    )


@router.post("/people/{person_id}/consents/{consent_id}/withdraw", response_model=Made)
def withdraw_consent(person_id: PathId, consent_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Note that a consent is withdrawn."""
    return once.reply(
        lambda session: Made(id=proofs.withdraw_consent(session, actor, person_id, consent_id).id)
    )


@router.post("/people/{person_id}/guardians", status_code=201, response_model=Made)
def add_guardian(person_id: PathId, body: GuardianIn, actor: CurrentActor, once: Once) -> Response:
    """Make a registered person a child's guardian."""
    values = (body.guardian_id, body.relation, body.valid_from)
    return once.reply(
        lambda session: Made(id=proofs.add_guardian(session, actor, person_id, *values).id), status=201
    )


@router.post("/people/{person_id}/guardians/{guardianship_id}/end", response_model=Made)
def end_guardian(
    person_id: PathId, guardianship_id: PathId, body: LastDayIn, actor: CurrentActor, once: Once
) -> Response:
    """Set a guardianship's last day."""
    return once.reply(
        lambda session: Made(
            id=proofs.end_guardian(session, actor, person_id, guardianship_id, body.last_on).id
        )
    )


@router.post("/people/{person_id}/pickups", status_code=201, response_model=Made)
def add_pickup(person_id: PathId, body: PickupIn, actor: CurrentActor, once: Once) -> Response:
    """Name an adult to whom a child may be handed over."""
    return once.reply(
        lambda session: Made(id=proofs.add_pickup(session, actor, person_id, body.values()).id), status=201
    )


@router.post("/people/{person_id}/pickups/{pickup_id}/end", response_model=Made)
def end_pickup(
    person_id: PathId, pickup_id: PathId, body: LastDayIn, actor: CurrentActor, once: Once
) -> Response:
    """Set the last day of a pickup authorisation."""
    return once.reply(
        lambda session: Made(id=proofs.end_pickup(session, actor, person_id, pickup_id, body.last_on).id)
    )
