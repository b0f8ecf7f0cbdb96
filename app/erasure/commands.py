"""Erases a person in one transaction: every text, number and note of theirs, wherever it stands.

What stays: the row with its code and year of birth, needs, places and attendance as figures, and the audit chain,
which holds codes only and still verifies. Files are files.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from app.actor import Actor
from app.audit.commands import forget_reasons, record
from app.clock import to_local
from app.db import Base, WriteSession
from app.erasure.errors import StillGuardian, StillServed, UnknownPerson
from app.models import (
    Alarm,
    AlarmStep,
    Booking,
    Consent,
    Consultation,
    Escalation,
    Evidence,
    Guardianship,
    Household,
    IdempotencyKey,
    MatchCandidate,
    Need,
    Notice,
    Offer,
    Person,
    PickupAuthorisation,
    Placement,
    ReadLogRow,
    Residence,
    Task,
    VisitStop,
)
from app.models.enums import Mobility, NeedState, NoticeState, Stairs
from app.needs.commands import withdraw_need
from app.needs.errors import NeedInUse

ERASED: Final = "（已删除）"
"""What stands where a text has to stand."""


@dataclass(frozen=True)
class Erased:
    """Whom, and what files may still name them."""

    code: str
    name: str
    person_id: int


def erase_person(session: WriteSession, actor: Actor, code: str, reason: str, now: datetime) -> Erased:
    """Erase what is known of a person; open needs are withdrawn.

    Raises `UnknownPerson`, `StillServed` (places first), `StillGuardian`.
    """
    person = session.scalar(
        select(Person).where(Person.code == code, Person.erased_at.is_(None)).with_for_update()
    )
    if person is None:
        raise UnknownPerson(person=code)
    today = to_local(now).date()
    _check_wards(session, person, today)
    _withdraw_needs(session, actor, person)
    erased = Erased(person.code, person.name, person.id)
    _forget_replies(session, person)
    _forget_around(session, person, today)
    _forget_person(session, person, now)
    _forget_home(session, person)
    record(session, actor.label, "person.erase", f"person:{code}", {"reason": reason})
    return erased


def _check_wards(session: WriteSession, person: Person, today: date) -> None:
    codes = session.scalars(
        select(Person.code)
        .join(Guardianship, Guardianship.child_id == Person.id)
        .where(
            Guardianship.guardian_id == person.id,
            Person.erased_at.is_(None),
            or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= today),
        )
        .order_by(Person.code)
    ).all()
    if codes:
        raise StillGuardian(person=person.code, children="、".join(codes))


def _withdraw_needs(session: WriteSession, actor: Actor, person: Person) -> None:
    live = select(Need.id, Need.version, Need.code).where(
        Need.person_id == person.id, Need.state.in_((NeedState.open, NeedState.placed))
    )
    served = []
    for need_id, version, code in session.execute(live.order_by(Need.id)).all():
        try:
            withdraw_need(session, actor, need_id, version)
        except NeedInUse:
            served.append(code)
    if served:
        raise StillServed(person=person.code, needs="、".join(served))


def _forget_person(session: WriteSession, person: Person, now: datetime) -> None:
    person.name, person.pinyin, person.pinyin_initials = ERASED, "", ""
    person.id_number = person.phone = person.health_note = None
    person.born_on = date(person.born_on.year, 1, 1)
    person.stairs, person.mobility = Stairs.alone, Mobility.walks
    person.erased_at, person.version = now, person.version + 1
    session.flush()
    for model in (Evidence, Consent, Residence):
        _delete(session, model, model.person_id == person.id)
    _delete(
        session, Guardianship, or_(Guardianship.child_id == person.id, Guardianship.guardian_id == person.id)
    )
    # As the row of a list: its code is what the list derived, and nearly somebody else's.
    _delete(
        session,
        MatchCandidate,
        or_(MatchCandidate.person_id == person.id, MatchCandidate.row_code == person.code),
    )


def _forget_around(session: WriteSession, person: Person, today: date) -> None:
    """Empty every text in rows that stay as figures."""
    needs = select(Need.id).where(Need.person_id == person.id)
    placements = select(Placement.id).where(Placement.person_id == person.id)
    alarms = select(Alarm.id).where(Alarm.person_id == person.id)
    pickups = or_(PickupAuthorisation.child_id == person.id, PickupAuthorisation.adult_id == person.id)
    yesterday = today - timedelta(days=1)
    _empty(session, Need, Need.person_id == person.id, note_box=None)
    _empty(
        session,
        Consultation,
        Consultation.person_id == person.id,
        asked_box=None,
        told_box=None,
        agreed_box=None,
        follow_up_on=None,
    )
    _empty(
        session,
        PickupAuthorisation,
        pickups,
        adult_name=ERASED,
        relation="",
        phone_box=None,
        verified_on=None,
        valid_to=yesterday,
    )
    _empty(session, Alarm, Alarm.person_id == person.id, note_box=None)
    _empty(session, AlarmStep, AlarmStep.alarm_id.in_(alarms), note_box=None)
    _empty(session, Task, Task.person_id == person.id, data={})
    _empty(session, Escalation, Escalation.need_id.in_(needs) & (Escalation.outcome != ""), outcome=ERASED)
    _empty(
        session,
        Placement,
        Placement.person_id == person.id,
        is_pinned=False,
        pin_reason="",
        ended_reason="",
        confirmed_by="",
    )
    _empty(session, Offer, Offer.placement_id.in_(placements), answered_by="")
    _empty(session, Booking, (Booking.person_id == person.id) & (Booking.reason != ""), reason=ERASED)
    _empty(session, ReadLogRow, ReadLogRow.person_id == person.id, reason="")
    _delete(session, Notice, (Notice.person_id == person.id) & (Notice.state == NoticeState.waiting))
    _empty(session, Notice, Notice.person_id == person.id, data={})
    _delete(session, VisitStop, VisitStop.need_id.in_(needs))
    forget_reasons(session, _list_subjects(session, person))


def _list_subjects(session: WriteSession, person: Person) -> list[str]:
    """Return how the audit chain names the person and all that is theirs."""
    found = [f"person:{person.code}"]
    for word, model in (("need", Need), ("placement", Placement), ("booking", Booking)):
        codes: Sequence[str] = session.scalars(select(model.code).where(model.person_id == person.id)).all()
        found += [f"{word}:{code}" for code in codes]
    return found


def _forget_home(session: WriteSession, person: Person) -> None:
    """Empty the household once nobody is left in it."""
    others: Select[int] = select(func.count()).where(
        Person.household_id == person.household_id, Person.erased_at.is_(None)
    )
    if not session.scalar(others):
        home = session.get_one(Household, person.household_id)
        home.address, home.building_id, home.floor, home.registered_compound_id = None, None, 1, None
        home.version += 1
        session.flush()


def _forget_replies(session: WriteSession, person: Person) -> None:
    """Drop the replies kept for repeated requests that name the person: these bodies are what the screen showed."""
    words = [text.encode() for text in (person.name, person.code)]
    rows = session.execute(select(IdempotencyKey.id, IdempotencyKey.body))
    named = [id_ for id_, body in rows if any(word in bytes(body) for word in words)]
    if named:
        _delete(session, IdempotencyKey, IdempotencyKey.id.in_(named))


def _empty(session: WriteSession, model: type[Base], where: ColumnElement[bool], **values: Any) -> None:
    session.execute(
        update(model).where(where).values(**values).execution_options(synchronize_session="fetch")
    )


def _delete(session: WriteSession, model: type[Base], where: ColumnElement[bool]) -> None:
    session.execute(delete(model).where(where).execution_options(synchronize_session="fetch"))
