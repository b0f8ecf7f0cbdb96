"""Reads standing and dated orders of a date, coming or past; decides nothing. No dated rows are made for standing ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.calendars.rules import Calendar
from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING
from app.meals.rules import MealState, Way, find_state
from app.models import (
    Booking,
    BookingUse,
    CareClass,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Slot,
    SlotTemplate,
)
from app.models.enums import BookingState, CapacityKind, ExceptionKind, Part, PlacementState


@dataclass(frozen=True)
class Order:
    """One meal of one date."""

    service_id: int
    part: Part
    person_id: int
    need_id: int
    way: Way
    state: MealState
    is_sure: bool = True
    """False while the person has not said yes: the place is kept, the meal is not cooked."""


def find_cooking(calendar: Calendar, services: Sequence[Service], on: date) -> dict[int, int]:
    """Return by service id the weekday whose timetable it runs on a date; services that do not run are left out."""
    found = {}
    for service in services:
        weekday = calendar.find_weekday(service.calendar_class, on)
        closed = calendar.find_closure(service.site_id, service.id, on)
        if weekday is not None and closed is None:
            found[service.id] = weekday
    return found


def list_orders(
    session: Session, cooking: dict[int, int], on: date, cut_offs: dict[int, datetime]
) -> list[Order]:
    """Return every meal of services on a date (`find_cooking`), by service, part and person.

    `cut_offs` is by service id: a dated order that was cancelled after it is spare, like a late absence.
    """
    return sorted(
        [*_list_standing(session, cooking, on), *_list_dated(session, cooking, on, cut_offs)],
        key=lambda order: (order.service_id, order.part, order.person_id),
    )


def _list_standing(session: Session, cooking: dict[int, int], on: date) -> list[Order]:
    by_weekday: dict[int, list[int]] = defaultdict(list)
    for service_id, weekday in cooking.items():
        by_weekday[weekday].append(service_id)
    if not by_weekday:
        return []
    runs = or_(
        *(
            and_(SlotTemplate.weekday == weekday, CareClass.service_id.in_(ids))
            for weekday, ids in by_weekday.items()
        )
    )
    was_in_force = and_(Placement.state == PlacementState.ended, Placement.ends_on.is_not(None))
    rows = session.execute(
        select(
            Placement.id,
            Placement.person_id,
            Placement.need_id,
            Placement.state,
            CareClass.service_id,
            SlotTemplate.part,
            PlacementUse.kind,
            PlacementException.kind.label("excused"),
            PlacementException.frees_place,
        )
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .join(SlotTemplate, SlotTemplate.id == PlacementUse.template_id)
        .join(CareClass, CareClass.id == SlotTemplate.class_id)
        .outerjoin(
            PlacementException,
            and_(PlacementException.placement_id == Placement.id, PlacementException.on_date == on),
        )
        .where(
            runs,
            SlotTemplate.valid_from <= on,
            or_(SlotTemplate.valid_to.is_(None), SlotTemplate.valid_to >= on),
            PlacementUse.kind.in_((CapacityKind.meals, CapacityKind.drops)),
            or_(Placement.state.in_(OCCUPYING), was_in_force),
            Placement.starts_on <= on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= on),
        )
    ).all()
    brought = {(row.id, row.part) for row in rows if row.kind is CapacityKind.drops}
    return [
        Order(
            row.service_id,
            row.part,
            row.person_id,
            row.need_id,
            Way.delivery if (row.id, row.part) in brought else Way.take_away,
            find_state(is_excused=row.excused is not None, frees=bool(row.frees_place)),
            row.state not in {PlacementState.proposed, PlacementState.offered},
        )
        for row in rows
        if row.kind is CapacityKind.meals and row.excused is not ExceptionKind.skipped
    ]


def _list_dated(
    session: Session, cooking: dict[int, int], on: date, cut_offs: dict[int, datetime]
) -> list[Order]:
    rows = session.execute(
        select(
            Booking.id,
            Booking.person_id,
            Booking.need_id,
            Booking.state,
            Booking.cancelled_at,
            CareClass.service_id,
            SlotTemplate.part,
            BookingUse.kind,
        )
        .join(BookingUse, BookingUse.booking_id == Booking.id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .where(
            Slot.occurs_on == on,
            CareClass.service_id.in_(list(cooking)),
            BookingUse.kind.in_((CapacityKind.meals, CapacityKind.drops)),
            or_(Booking.state.in_(LIVE_BOOKINGS), Booking.state == BookingState.cancelled),
        )
    ).all()
    brought = {row.id for row in rows if row.kind is CapacityKind.drops}
    found = []
    for row in rows:
        is_gone = row.state is BookingState.cancelled
        cut_off = cut_offs.get(row.service_id)
        in_time = cut_off is None or row.cancelled_at is None or row.cancelled_at <= cut_off
        if row.kind is CapacityKind.meals:
            found.append(
                Order(
                    row.service_id,
                    row.part,
                    row.person_id,
                    row.need_id,
                    Way.delivery if row.id in brought else Way.take_away,
                    find_state(is_excused=is_gone, frees=in_time),
                )
            )
    return found
