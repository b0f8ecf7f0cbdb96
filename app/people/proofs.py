"""Add and end what is proven and allowed about a person: evidence, consents, guardians, pickups. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import or_, select

from app.actor import Actor
from app.audit.commands import record
from app.clock import now, today
from app.codes import make_code
from app.consents.rules import Flaw, find_flaw
from app.consents.tasks import ask_what_becomes, settle
from app.db import WriteSession
from app.errors import NotFound
from app.models import Consent, Evidence, Guardianship, Person, PickupAuthorisation
from app.people.errors import AlreadyGuardian, ConsentNotTheirs, EndsBeforeStart, NotAGuardian, OwnGuardian
from app.people.queries import get_whole_person
from app.policies.queries import get_policy
from app.scope import check_sees_person

Dated = TypeVar("Dated", Evidence, Guardianship, PickupAuthorisation)


def add_evidence(session: WriteSession, actor: Actor, person_id: int, values: Mapping[str, Any]) -> Evidence:
    """Add a dated proof. Raises `NotFound`, `EndsBeforeStart`."""
    person = get_whole_person(session, actor, person_id)
    row = Evidence(code=make_code("E"), person_id=person.id)
    for name, value in values.items():
        setattr(row, name, value)
    _check_dates(row.valid_from, row.valid_to)
    session.add(row)
    session.flush()
    record(
        session, actor.label, "evidence.add", f"person:{person.code}", {"kind": row.kind, "code": row.code}
    )
    return row


def end_evidence(
    session: WriteSession, actor: Actor, person_id: int, evidence_id: int, last_on: date
) -> Evidence:
    """Set the last day on which a proof counts. Raises `NotFound`, `EndsBeforeStart`."""
    person = get_whole_person(session, actor, person_id)
    row = session.get(Evidence, evidence_id, with_for_update=True)
    if row is None or row.person_id != person.id:
        raise NotFound
    _end(row, last_on)
    session.flush()
    record(
        session,
        actor.label,
        "evidence.end",
        f"person:{person.code}",
        {"code": row.code, "last_on": last_on.isoformat()},
    )
    return row


def add_consent(session: WriteSession, actor: Actor, person_id: int, values: Mapping[str, Any]) -> Consent:
    """Note a consent: the person's own or a guardian's, for a child under 14 only a guardian's.

    Raises `NotFound`, `NotAGuardian`, `ConsentNotTheirs`, `EndsBeforeStart`.
    """
    person = get_whole_person(session, actor, person_id)
    row = Consent(code=make_code("C"), person_id=person.id)
    for name, value in values.items():
        setattr(row, name, value)
    check_sees_person(session, actor, row.given_by_id)
    years = get_policy(session, "guardian_consent_under_years", row.given_on)
    flaw = find_flaw(
        person.born_on,
        row.given_on,
        int(years),
        is_own=row.given_by_id == person.id,
        is_guardian=_is_guardian(session, person.id, row.given_by_id, row.given_on),
    )
    if flaw is Flaw.not_a_guardian:
        raise NotAGuardian(years=years)
    if flaw is Flaw.consent_not_theirs:
        raise ConsentNotTheirs(given_on=row.given_on.isoformat())
    _check_dates(row.given_on, row.valid_to)
    session.add(row)
    session.flush()
    record(
        session,
        actor.label,
        "consent.add",
        f"person:{person.code}",
        {"purpose": row.purpose, "code": row.code},
    )
    settle(session, actor, person.id, now())
    return row


def withdraw_consent(session: WriteSession, actor: Actor, person_id: int, consent_id: int) -> Consent:
    """Note that a consent is withdrawn today; a second time changes nothing. Raises `NotFound`."""
    person = get_whole_person(session, actor, person_id)
    row = session.get(Consent, consent_id, with_for_update=True)
    if row is None or row.person_id != person.id:
        raise NotFound
    if row.withdrawn_on is None:
        row.withdrawn_on = today()
        session.flush()
        record(session, actor.label, "consent.withdraw", f"person:{person.code}", {"code": row.code})
        ask_what_becomes(session, row, now())
    return row


def add_guardian(
    session: WriteSession, actor: Actor, child_id: int, guardian_id: int, relation: str, valid_from: date
) -> Guardianship:
    """Make a registered person a child's guardian. Raises `NotFound`, `OwnGuardian`, `AlreadyGuardian`."""
    child = get_whole_person(session, actor, child_id, to_edit=True)
    check_sees_person(session, actor, guardian_id)
    if child_id == guardian_id:
        raise OwnGuardian
    known = select(Guardianship.id).where(
        Guardianship.child_id == child_id, Guardianship.guardian_id == guardian_id
    )
    if session.scalar(known) is not None:
        raise AlreadyGuardian
    row = Guardianship(
        child_id=child_id, guardian_id=guardian_id, relation=relation, valid_from=valid_from, valid_to=None
    )
    session.add(row)
    session.flush()
    guardian = session.get_one(Person, guardian_id)
    record(session, actor.label, "guardian.add", f"person:{child.code}", {"guardian": guardian.code})
    return row


def end_guardian(
    session: WriteSession, actor: Actor, child_id: int, guardianship_id: int, last_on: date
) -> Guardianship:
    """Set a guardianship's last day. Raises `NotFound`, `EndsBeforeStart`."""
    child = get_whole_person(session, actor, child_id)
    row = session.get(Guardianship, guardianship_id, with_for_update=True)
    if row is None or row.child_id != child.id:
        raise NotFound
    _end(row, last_on)
    session.flush()
    record(session, actor.label, "guardian.end", f"person:{child.code}", {"last_on": last_on.isoformat()})
    return row


def add_pickup(
    session: WriteSession, actor: Actor, child_id: int, values: Mapping[str, Any]
) -> PickupAuthorisation:
    """Name an adult to whom a child may be handed over. Raises `NotFound`, `EndsBeforeStart`."""
    child = get_whole_person(session, actor, child_id)
    if values.get("adult_id") is not None:
        check_sees_person(session, actor, values["adult_id"])
    row = PickupAuthorisation(code=make_code("U"), child_id=child.id)
    for name, value in values.items():
        setattr(row, name, value)
    _check_dates(row.valid_from, row.valid_to)
    session.add(row)
    session.flush()
    record(session, actor.label, "pickup.add", f"person:{child.code}", {"code": row.code})
    return row


def end_pickup(
    session: WriteSession, actor: Actor, child_id: int, pickup_id: int, last_on: date
) -> PickupAuthorisation:
    """Set the last day of a pickup authorisation. Raises `NotFound`, `EndsBeforeStart`."""
    child = get_whole_person(session, actor, child_id)
    row = session.get(PickupAuthorisation, pickup_id, with_for_update=True)
    if row is None or row.child_id != child.id:
        raise NotFound
    _end(row, last_on)
    session.flush()
    record(
        session,
        actor.label,
        "pickup.end",
        f"person:{child.code}",
        {"code": row.code, "last_on": last_on.isoformat()},
    )
    return row


def _is_guardian(session: WriteSession, child_id: int, adult_id: int, on: date) -> bool:
    query = select(Guardianship.id).where(
        Guardianship.child_id == child_id,
        Guardianship.guardian_id == adult_id,
        Guardianship.valid_from <= on,
        or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= on),
    )
    return session.scalar(query) is not None


def _end(row: Dated, last_on: date) -> None:
    _check_dates(row.valid_from, last_on)
    row.valid_to = last_on


def _check_dates(starts_on: date, last_on: date | None) -> None:
    if last_on is not None and last_on < starts_on:
        raise EndsBeforeStart(starts_on=starts_on.isoformat())
