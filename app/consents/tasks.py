"""Asks the adviser to look after somebody whose consent to matching is gone; what stands stays until a person decides.

A consent goes when it is withdrawn (asked at once), and when its last day or its guardian's has passed or an import ended
it (asked by the worker's sweep): the same task under the same key, so nobody is asked twice about one consent.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record
from app.calendars.queries import load_calendar
from app.clock import to_local
from app.consents.queries import list_barred
from app.db import WriteSession
from app.models import Booking, Consent, Placement, Slot, Task
from app.models.enums import BookingState, ConsentPurpose, PlacementState, TaskKind

LIVE = (PlacementState.proposed, PlacementState.offered, PlacementState.confirmed, PlacementState.active)
"""As the ledger's: it asks this feature who may not be worked on, and so cannot be asked here."""


def ask_what_becomes(session: WriteSession, row: Consent, now: datetime) -> None:
    """Raise one task where a withdrawn consent was the last to matching: what stands, in figures; due next working day.

    For a child the consent counts only from a guardian in office. Nothing ends by itself: an old person left without
    meals, or a child without care, because a form was withdrawn is what the adviser prevents.
    """
    today = to_local(now).date()
    if row.purpose is ConsentPurpose.matching and not _is_live(session, row.person_id, today):
        ask_about(session, row.person_id, row.id, now)


def ask_about(session: WriteSession, person_id: int, consent_id: int | None, now: datetime) -> None:
    """Raise the task about a consent that is gone (None: there never was one), unless it was raised before."""
    key = make_key(person_id, consent_id)
    if session.scalar(select(Task.id).where(Task.key == key)) is not None:
        return
    today = to_local(now).date()
    session.add(
        Task(
            key=key,
            kind=TaskKind.consent_gone,
            person_id=person_id,
            raised_at=now,
            due_on=load_calendar(session).add_working_days(today, 1),
            data=_count(session, person_id, today),
        )
    )
    session.flush()


def make_key(person_id: int, consent_id: int | None) -> str:
    """Return the task's key: by the consent that went; where there never was one, by the person."""
    return f"{TaskKind.consent_gone}:" + (f"person:{person_id}" if consent_id is None else str(consent_id))


def settle(session: WriteSession, actor: Actor, person_id: int, now: datetime) -> None:
    """Close the person's open tasks where a consent to matching is live again."""
    if not _is_live(session, person_id, to_local(now).date()):
        return
    rows = session.scalars(
        select(Task)
        .where(Task.person_id == person_id, Task.kind == TaskKind.consent_gone, Task.done_at.is_(None))
        .with_for_update()
    ).all()
    for row in rows:
        row.done_at, row.done_by_id = now, actor.user_id
        record(session, actor.label, "task.done", f"task:{row.id}", {"kind": row.kind})
    session.flush()


def select_live(on: date) -> Select[int]:
    """Return a statement for consents to matching that count on a day."""
    return select(Consent.id).where(
        Consent.purpose == ConsentPurpose.matching,
        Consent.given_on <= on,
        or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > on),
        or_(Consent.valid_to.is_(None), Consent.valid_to >= on),
    )


def _is_live(session: Session, person_id: int, on: date) -> bool:
    live = select_live(on).where(Consent.person_id == person_id)
    return session.scalar(live.limit(1)) is not None and not list_barred(session, [person_id], on)


def _count(session: Session, person_id: int, on: date) -> dict[str, int]:
    places = select(func.count(Placement.id)).where(
        Placement.person_id == person_id, Placement.state.in_(LIVE)
    )
    bookings = (
        select(func.count(Booking.id))
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Booking.person_id == person_id, Booking.state == BookingState.booked, Slot.occurs_on >= on)
    )
    return {"placements": session.scalar(places) or 0, "bookings": session.scalar(bookings) or 0}
