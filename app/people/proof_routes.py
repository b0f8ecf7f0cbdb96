"""What is proven and allowed about a person, over HTTP: evidence, consents, guardians, pickups."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from app.auth import DESK, CurrentActor, Writing, require
from app.people import proofs
from app.people.schemas import ConsentIn, EvidenceIn, GuardianIn, LastDayIn, Made, PickupIn
from app.schemas import Strict

router = APIRouter(tags=["people"], dependencies=[require(*DESK)])

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _values(body: Strict) -> dict[str, object]:
    return {name: getattr(body, name) for name in type(body).model_fields}


@router.post("/people/{person_id}/evidence", status_code=201)
def add_evidence(person_id: Id, body: EvidenceIn, actor: CurrentActor, session: Writing) -> Made:
    """Add a dated proof."""
    return Made(id=proofs.add_evidence(session, actor, person_id, _values(body)).id)


@router.post("/people/{person_id}/evidence/{evidence_id}/end")
def end_evidence(
    person_id: Id, evidence_id: Id, body: LastDayIn, actor: CurrentActor, session: Writing
) -> Made:
    """Set the last day on which a proof counts."""
    return Made(id=proofs.end_evidence(session, actor, person_id, evidence_id, body.last_on).id)


@router.post("/people/{person_id}/consents", status_code=201)
def add_consent(person_id: Id, body: ConsentIn, actor: CurrentActor, session: Writing) -> Made:
    """Note a consent for one purpose."""
    return Made(id=proofs.add_consent(session, actor, person_id, _values(body)).id)


@router.post("/people/{person_id}/consents/{consent_id}/withdraw")
def withdraw_consent(person_id: Id, consent_id: Id, actor: CurrentActor, session: Writing) -> Made:
    """Note that a consent is withdrawn."""
    return Made(id=proofs.withdraw_consent(session, actor, person_id, consent_id).id)


@router.post("/people/{person_id}/guardians", status_code=201)
def add_guardian(person_id: Id, body: GuardianIn, actor: CurrentActor, session: Writing) -> Made:
    """Make a registered person a child's guardian."""
    row = proofs.add_guardian(session, actor, person_id, body.guardian_id, body.relation, body.valid_from)
    return Made(id=row.id)


@router.post("/people/{person_id}/guardians/{guardianship_id}/end")
def end_guardian(
    person_id: Id, guardianship_id: Id, body: LastDayIn, actor: CurrentActor, session: Writing
) -> Made:
    """Set a guardianship's last day."""
    return Made(id=proofs.end_guardian(session, actor, person_id, guardianship_id, body.last_on).id)


@router.post("/people/{person_id}/pickups", status_code=201)
def add_pickup(person_id: Id, body: PickupIn, actor: CurrentActor, session: Writing) -> Made:
    """Name an adult to whom a child may be handed over."""
    return Made(id=proofs.add_pickup(session, actor, person_id, _values(body)).id)


@router.post("/people/{person_id}/pickups/{pickup_id}/end")
def end_pickup(person_id: Id, pickup_id: Id, body: LastDayIn, actor: CurrentActor, session: Writing) -> Made:
    """Set the last day of a pickup authorisation."""
    return Made(id=proofs.end_pickup(session, actor, person_id, pickup_id, body.last_on).id)
