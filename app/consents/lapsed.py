"""Finds whose consent to matching ran out by its last day, its guardian's, or an import, while they have a place."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, func, select, union
from sqlalchemy.orm import Session

from app.clock import to_local
from app.consents.queries import IS_BARRED, find_youngest
from app.consents.tasks import LIVE, ask_about, make_key, select_live
from app.db import WriteSession
from app.models import Booking, Consent, Person, Placement, Slot, Task
from app.models.enums import BookingState, ConsentPurpose, TaskKind


def find_lapsed(session: Session, today: date) -> list[int]:
    """Return who has a place or a coming booking and no consent to matching, and nobody was asked about it yet."""
    cared_for = union(
        select(Placement.person_id).where(Placement.state.in_(LIVE)),
        select(Booking.person_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Booking.state == BookingState.booked, Slot.occurs_on >= today),
    )
    known = exists().where(
        Task.person_id == Person.id, Task.kind == TaskKind.consent_gone, Task.done_at.is_(None)
    )
    found = session.scalars(
        select(Person.id)
        .where(
            Person.id.in_(cared_for),
            ~select_live(today).where(Consent.person_id == Person.id).exists() | IS_BARRED,
            ~known,
        )
        .order_by(Person.id),
        {"today": today, "youngest": find_youngest(session, today)},
    ).all()
    asked = set(session.scalars(select(Task.key).where(Task.kind == TaskKind.consent_gone)))
    return [id_ for id_ in found if make_key(id_, _find_last(session, id_)) not in asked]


def ask_about_lapsed(session: WriteSession, now: datetime) -> int:
    """Raise a task for each person whose consent lapsed without anybody withdrawing it; return how many."""
    found = find_lapsed(session, to_local(now).date())
    for person_id in found:
        ask_about(session, person_id, _find_last(session, person_id), now)
    return len(found)


def _find_last(session: Session, person_id: int) -> int | None:
    return session.scalar(
        select(func.max(Consent.id)).where(
            Consent.person_id == person_id, Consent.purpose == ConsentPurpose.matching
        )
    )
