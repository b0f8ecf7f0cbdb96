"""A household's week in one grid: every dated slot that one of its members has, from placements and bookings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.orm import Session

from app.models import (
    Booking,
    CareClass,
    Person,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Site,
    Slot,
    SlotTemplate,
)
from app.models.enums import BookingState, Part, PlacementState, ServiceKind

_LIVE = (PlacementState.offered, PlacementState.confirmed, PlacementState.active)


@dataclass(frozen=True)
class Cell:
    """One slot of one person; `source` is `placement` or `booking`, `state` that row's."""

    person_id: int
    occurs_on: date
    part: Part
    kind: ServiceKind
    service: str
    site: str
    slot_id: int
    source: str
    source_id: int
    state: str


def find_monday(on: date) -> date:
    """Return the Monday on or before a date: the care week starts on Monday."""
    return on - timedelta(days=on.weekday())


def list_week(session: Session, household_id: int, on: date) -> list[Cell]:
    """Return the household's cells of the week that holds `on`, by day and part; days beyond the horizon hold none."""
    monday = find_monday(on)
    members = select(Person.id).where(Person.household_id == household_id, Person.erased_at.is_(None))
    in_week = Slot.occurs_on.between(monday, monday + timedelta(days=6))
    cells = [
        *_read(session, _placed(members, in_week)),
        *_read(session, _booked(members, in_week)),
    ]
    order = {part: rank for rank, part in enumerate(Part)}
    return sorted(cells, key=lambda cell: (cell.occurs_on, order[cell.part], cell.person_id, cell.slot_id))


def _placed(members: Select[int], in_week: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    excused = select(PlacementException.id).where(
        PlacementException.placement_id == Placement.id, PlacementException.on_date == Slot.occurs_on
    )
    query = (
        select(*_columns(Placement.person_id), literal("placement"), Placement.id, Placement.state)
        .select_from(Slot)
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .where(
            Placement.person_id.in_(members),
            Placement.state.in_(_LIVE),
            and_(
                Placement.starts_on <= Slot.occurs_on,
                or_(Placement.ends_on.is_(None), Placement.ends_on >= Slot.occurs_on),
            ),
            in_week,
            ~excused.exists(),
        )
        .distinct()
    )
    return _named(query)


def _booked(members: Select[int], in_week: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    query = (
        select(*_columns(Booking.person_id), literal("booking"), Booking.id, Booking.state)
        .select_from(Slot)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Booking.person_id.in_(members), Booking.state != BookingState.cancelled, in_week)
    )
    return _named(query)


def _columns(person_id: Any) -> tuple[Any, ...]:
    return (
        person_id,
        Slot.occurs_on,
        SlotTemplate.part,
        Service.kind,
        Service.name_zh,
        Site.name_zh,
        Slot.id,
    )


def _named(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
    )


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[Cell]:
    return [Cell(*row) for row in session.execute(query)]
