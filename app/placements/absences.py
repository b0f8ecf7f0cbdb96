"""Absences: before the service's cut-off place, meal and escort are free in one act; after it they are spare."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.actor import Actor
from app.audit.commands import record
from app.calendars.queries import load_calendar
from app.calendars.rules import Calendar
from app.clock import SHANGHAI
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.commands import lock_templates, release, take
from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING, count_spare
from app.models import Booking, Placement, PlacementException, PlacementUse, Service, Slot, SlotCapacity
from app.models.enums import CapacityKind, ExceptionKind
from app.placements.errors import (
    AbsenceBackwards,
    AbsenceKnown,
    AbsenceTooLong,
    DoubleBooked,
    MealGiven,
    NotOnThisDate,
    NotPossibleInState,
)
from app.placements.queries import get_service_of_class, lock_person, lock_placement
from app.placements.rules import parse_cut_off, runs_on

LONGEST: Final = timedelta(days=184)
"""The longest absence in one act, half a year: each day is a row, and all are written under one lock."""


@dataclass(frozen=True)
class _Stay:
    """A placement, locked, with what says on which dates there is care."""

    row: Placement
    service: Service
    calendar: Calendar


def excuse(
    session: WriteSession, actor: Actor, placement_id: int, on: date, kind: ExceptionKind, now: datetime
) -> PlacementException:
    """Note that somebody will not come on a date; before the cut-off that frees what the placement uses there.

    In a year whose calendar is not published it is kept: slots that are made later leave the place free.
    Raises `NotPossibleInState`, `NotOnThisDate` and `AbsenceKnown`.
    """
    stay = _lock_stay(session, placement_id, load_calendar(session))
    return _excuse(session, actor, stay, on, kind, now)


def _lock_stay(session: WriteSession, placement_id: int, calendar: Calendar) -> _Stay:
    row = lock_placement(session, placement_id)
    if row.state not in OCCUPYING:
        raise NotPossibleInState(placement=row.code, state=row.state, act="excuse")
    return _Stay(row, get_service_of_class(session, row.class_id), calendar)


def _excuse(
    session: WriteSession, actor: Actor, stay: _Stay, on: date, kind: ExceptionKind, now: datetime
) -> PlacementException:
    row, service, calendar = stay.row, stay.service, stay.calendar
    if not (row.starts_on <= on and (row.ends_on is None or on <= row.ends_on)):
        raise NotOnThisDate(placement=row.code, on=on.isoformat())
    possible = calendar.list_possible_weekdays(service.calendar_class, on)
    runs = any(runs_on(row.weekdays, weekday) for weekday in possible)
    if not runs or calendar.find_closure(service.site_id, service.id, on):
        raise NotOnThisDate(placement=row.code, on=on.isoformat())
    cut_off = parse_cut_off(service.cut_off).find_moment(calendar, on)
    frees = now <= cut_off.replace(tzinfo=SHANGHAI)
    lock_templates(session, [row.id])  # the slot of the date must not be made while its exception is written
    made = PlacementException(placement_id=row.id, on_date=on, kind=kind, frees_place=frees)
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError as fault:
        raise AbsenceKnown(placement=row.code, on=on.isoformat()) from fault
    if frees:
        for slot_id, uses in list_slot_uses(session, row, on):
            release(session, slot_id, uses)
    record(
        session,
        actor.label,
        "placement.excuse",
        f"placement:{row.code}",
        {"on": on, "kind": kind, "frees_place": frees},
    )
    return made


@dataclass(frozen=True)
class Excused:
    """What a long absence came to: what was noted, and what is kept until the calendar of its year is published."""

    made: list[PlacementException]
    kept: list[PlacementException]


def excuse_days(
    session: WriteSession,
    actor: Actor,
    placement_id: int,
    span: tuple[date, date],
    kind: ExceptionKind,
    now: datetime,
) -> Excused:
    """Note an absence from a day to a day, in one act; days without care are passed over.

    Who is in hospital or away stays away from everything: all the person's places are excused, so that no meal is
    cooked and no carer comes. Who is absent from one class may well eat elsewhere. Nobody knows yet on which days of an
    unpublished year there is care: all that may be are kept, and those that are will be free. Raises `AbsenceBackwards`
    and `AbsenceTooLong`.
    """
    first, last = span
    if last < first:
        raise AbsenceBackwards(first_on=first.isoformat(), last_on=last.isoformat())
    if last - first > LONGEST:
        raise AbsenceTooLong(most_days=LONGEST.days, last_on=(first + LONGEST).isoformat())
    row = lock_placement(session, placement_id)
    ids = [row.id]
    if kind is not ExceptionKind.absent:
        others = select(Placement.id).where(
            Placement.person_id == row.person_id, Placement.state.in_(OCCUPYING)
        )
        ids = sorted({row.id, *session.scalars(others)})
    excused = Excused([], [])
    calendar = load_calendar(session)
    for id_ in ids:
        stay = _lock_stay(session, id_, calendar)
        for i in range((last - first).days + 1):
            on = first + timedelta(days=i)
            into = excused.made if calendar.is_published(on) else excused.kept
            with suppress(AbsenceKnown, NotOnThisDate):
                into.append(_excuse(session, actor, stay, on, kind, now))
    return excused


def unexcuse(session: WriteSession, actor: Actor, placement_id: int, on: date) -> None:
    """Take an absence back: who comes after all needs the place again, and raises `SlotFull` where it was given away
    (`MealGiven` where a guest ate the meal), `DoubleBooked` where the person is booked elsewhere by now.
    """
    row = lock_placement(session, placement_id)
    lock_person(session, row.person_id)  # a booking made at this moment waits, or is seen
    lock_templates(session, [row.id])
    made = session.scalars(
        select(PlacementException)
        .where(PlacementException.placement_id == row.id, PlacementException.on_date == on)
        .with_for_update()
    ).first()
    if made is None:
        raise NotFound
    if row.state in OCCUPYING:
        _check_not_elsewhere(session, row, on)
        for slot_id, uses in list_slot_uses(session, row, on):
            if made.frees_place:
                take(session, slot_id, uses)
            elif CapacityKind.meals in uses:
                _check_meal_is_there(session, slot_id, on)
    session.delete(made)
    session.flush()
    record(session, actor.label, "placement.unexcuse", f"placement:{row.code}", {"on": on})


def _check_not_elsewhere(session: WriteSession, row: Placement, on: date) -> None:
    """Raise `DoubleBooked` where the person has booked something else at the placement's times of a date."""
    mine, theirs = aliased(Slot), aliased(Slot)
    booked = session.scalar(
        select(Booking.code)
        .join(theirs, theirs.id == Booking.slot_id)
        .join(mine, and_(mine.starts_at < theirs.ends_at, mine.ends_at > theirs.starts_at))
        .join(PlacementUse, PlacementUse.template_id == mine.template_id)
        .where(
            PlacementUse.placement_id == row.id,
            mine.occurs_on == on,
            Booking.person_id == row.person_id,
            Booking.state.in_(LIVE_BOOKINGS),
        )
        .limit(1)
    )
    if booked is not None:
        raise DoubleBooked(**{"placement": row.code, "with": f"booking:{booked}"})


def _check_meal_is_there(session: WriteSession, slot_id: int, on: date) -> None:
    """Raise `MealGiven` where a guest ate what was left over; the seats' row is what ticking a guest locks first."""
    session.execute(
        select(SlotCapacity.slot_id)
        .where(SlotCapacity.slot_id == slot_id, SlotCapacity.kind == CapacityKind.seats)
        .with_for_update()
    ).all()
    if count_spare(session, slot_id) < 1:
        raise MealGiven(on=on.isoformat())


def list_slot_uses(
    session: Session, placement: Placement, on: date
) -> list[tuple[int, dict[CapacityKind, int]]]:
    """Return what a placement uses in each dated slot of a date, by slot id."""
    rows = session.execute(
        select(Slot.id, PlacementUse.kind, PlacementUse.amount)
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .where(PlacementUse.placement_id == placement.id, Slot.occurs_on == on)
        .order_by(Slot.id, PlacementUse.kind)
    )
    found: dict[int, dict[CapacityKind, int]] = {}
    for slot_id, kind, amount in rows:
        found.setdefault(slot_id, {})[kind] = amount
    return sorted(found.items())
