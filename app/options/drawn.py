"""Reads what people draw on their own allowances already: placed and booked visits and meals; decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking, Need, Placement, Slot
from app.models.enums import PlacementState, ServiceKind
from app.options.amounts import DEFAULT_VISIT_MINUTES
from app.options.facts import Person, Standing
from app.options.quotas import find_fullest_week

DRAWING = (ServiceKind.home_visit, ServiceKind.canteen)


@dataclass
class Drawn:
    """What one person draws already."""

    minutes_a_week: int = 0
    visits: list[tuple[date, int]] = field(default_factory=list)
    standing_meals: list[Standing] = field(default_factory=list)
    meal_dates: list[date] = field(default_factory=list)


def load_drawn(
    session: Session,
    on: date,
    states: Iterable[PlacementState],
    *,
    person_id: int | None = None,
    but_need_id: int | None = None,
    but_booking_id: int | None = None,
) -> dict[int, Drawn]:
    """Return what people (or one) draw from a day on, by person; a need or booking that is asked about is left out."""
    found: dict[int, Drawn] = defaultdict(Drawn)
    placed = (
        select(
            Placement.person_id,
            Placement.weekdays,
            Placement.starts_on,
            Placement.ends_on,
            Need.kind,
            Need.visit_minutes,
        )
        .join(Need, Need.id == Placement.need_id)
        .where(
            Need.kind.in_(DRAWING),
            Placement.state.in_(list(states)),
            Placement.is_transfer.is_(False),  # who changes places draws once
            or_(Placement.ends_on.is_(None), Placement.ends_on >= on),
        )
    )
    booked = (
        select(Booking.person_id, Slot.occurs_on, Need.kind, Need.visit_minutes)
        .join(Need, Need.id == Booking.need_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            Need.kind.in_(DRAWING),
            Booking.state.in_(LIVE_BOOKINGS),
            Slot.occurs_on >= on.replace(day=1),
        )
    )
    if person_id is not None:
        placed = placed.where(Placement.person_id == person_id)
        booked = booked.where(Booking.person_id == person_id)
    if but_need_id is not None:
        placed, booked = placed.where(Need.id != but_need_id), booked.where(Need.id != but_need_id)
    if but_booking_id is not None:
        booked = booked.where(Booking.id != but_booking_id)
    for row in session.execute(placed):
        drawn = found[row.person_id]
        if row.kind is ServiceKind.canteen:
            drawn.standing_meals.append(Standing(row.weekdays, row.starts_on, row.ends_on))
        else:
            drawn.minutes_a_week += row.weekdays.bit_count() * (row.visit_minutes or DEFAULT_VISIT_MINUTES)
    for visit in session.execute(booked):
        drawn = found[visit.person_id]
        if visit.kind is ServiceKind.canteen:
            drawn.meal_dates.append(visit.occurs_on)
        elif visit.occurs_on >= on:
            drawn.visits.append((visit.occurs_on, visit.visit_minutes or DEFAULT_VISIT_MINUTES))
    return dict(found)


def with_drawn(person: Person, drawn: Drawn | None, *, has_other_wishes: bool = False) -> Person:
    """Return the person with what is drawn already; of single visits the fullest week counts."""
    if drawn is None:
        return replace(person, has_other_wishes=has_other_wishes)
    return replace(
        person,
        other_care_minutes=drawn.minutes_a_week + find_fullest_week(drawn.visits),
        standing_meals=tuple(drawn.standing_meals),
        meal_dates=tuple(drawn.meal_dates),
        has_other_wishes=has_other_wishes,
    )


def add_drawn(
    people: Mapping[int, Person], drawn: Mapping[int, Drawn], busy: Collection[int]
) -> dict[int, Person]:
    """Return the people with what they draw; `busy` have more than one wish that is decided together."""
    changed = (drawn.keys() | set(busy)) & people.keys()
    return dict(people) | {
        id_: with_drawn(people[id_], drawn.get(id_), has_other_wishes=id_ in busy) for id_ in changed
    }
