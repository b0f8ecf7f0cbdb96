"""Reads slots, templates and how far the dated slots reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING
from app.models import (
    Booking,
    CareClass,
    Hold,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Slot,
    SlotCapacity,
    SlotTemplate,
)
from app.models.enums import CalendarClass, CapacityKind, HoldState, ServiceKind
from app.versions import version_of


@dataclass(frozen=True)
class TemplateRow:
    """A cell of a week with what decides on which dates it runs."""

    id: int
    class_id: int
    service_id: int
    site_id: int
    calendar_class: CalendarClass
    weekday: int
    starts_at_local: time
    ends_at_local: time
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Return whether the cell is part of the week on a date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def list_template_rows(session: Session) -> list[TemplateRow]:
    """Return the templates of active services, by id."""
    rows = session.execute(
        select(
            SlotTemplate.id,
            SlotTemplate.class_id,
            Service.id.label("service_id"),
            Service.site_id,
            Service.calendar_class,
            SlotTemplate.weekday,
            SlotTemplate.starts_at_local,
            SlotTemplate.ends_at_local,
            SlotTemplate.valid_from,
            SlotTemplate.valid_to,
        )
        .join(CareClass, CareClass.id == SlotTemplate.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.is_active)
        .order_by(SlotTemplate.id)
    )
    return [TemplateRow(**row) for row in rows.mappings()]


def find_slots_made(session: Session, first: date, last: date) -> dict[date, set[int]]:
    """Return which templates have a slot already, by date."""
    made: dict[date, set[int]] = defaultdict(set)
    rows = session.execute(
        select(Slot.occurs_on, Slot.template_id).where(Slot.occurs_on >= first, Slot.occurs_on <= last)
    )
    for on, template_id in rows:
        made[on].add(template_id)
    return made


@dataclass(frozen=True)
class SlotWanted:
    """Which slots are asked for; None leaves a filter out."""

    first: date
    last: date
    service_id: int | None = None
    class_id: int | None = None
    site_id: int | None = None
    kind: ServiceKind | None = None
    limit: int = 500


@dataclass(frozen=True)
class SlotRow:
    """A dated slot with its place in the tree; `slot.capacities` is loaded."""

    slot: Slot
    template: SlotTemplate
    service_id: int
    site_id: int
    kind: ServiceKind
    held_back_places: int

    @property
    def version(self) -> int:
        """What an edit of the capacities was made from."""
        return find_version({each.kind: each.capacity for each in self.slot.capacities})


def find_version(capacities: Mapping[CapacityKind, int]) -> int:
    """Return the version of what a slot offers; what is taken is left out, for bookings are no edits of it."""
    return version_of({kind.value: capacity for kind, capacity in capacities.items()})


def find_versions(session: Session, slot_ids: Collection[int]) -> dict[int, int]:
    """Return the version of each of these slots."""
    offered: dict[int, dict[CapacityKind, int]] = defaultdict(dict)
    for slot_id, kind, capacity in session.execute(
        select(SlotCapacity.slot_id, SlotCapacity.kind, SlotCapacity.capacity).where(
            SlotCapacity.slot_id.in_(slot_ids)
        )
    ):
        offered[slot_id][kind] = capacity
    return {slot_id: find_version(capacities) for slot_id, capacities in offered.items()}


def get_slot(session: Session, slot_id: int) -> SlotRow:
    """Return a slot or raise `NotFound`."""
    found = _list_rows(session, Slot.id == slot_id, limit=1)
    if not found:
        raise NotFound
    return found[0]


def list_slots(session: Session, wanted: SlotWanted) -> list[SlotRow]:
    """Return slots by time, class and id."""
    conditions: list[ColumnElement[bool]] = [
        Slot.occurs_on >= wanted.first,
        Slot.occurs_on <= wanted.last,
    ]
    for column, value in (
        (CareClass.service_id, wanted.service_id),
        (Slot.class_id, wanted.class_id),
        (Service.site_id, wanted.site_id),
        (Service.kind, wanted.kind),
    ):
        if value is not None:
            conditions.append(column == value)
    return _list_rows(session, *conditions, limit=wanted.limit)


def _list_rows(session: Session, *conditions: ColumnElement[bool], limit: int) -> list[SlotRow]:
    rows = session.execute(
        select(
            Slot, SlotTemplate, CareClass.service_id, Service.site_id, Service.kind, Service.held_back_places
        )
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(*conditions, Service.is_active)
        .options(selectinload(Slot.capacities))
        .execution_options(populate_existing=True)  # the ledger changes rows behind the session
        .order_by(Slot.starts_at, Slot.class_id, Slot.id)
        .limit(limit)
    )
    return [SlotRow(*row) for row in rows]


@dataclass(frozen=True)
class InTheWay:
    """Codes of what takes a slot's capacity."""

    bookings: list[str]
    placements: list[str]
    holds: list[int]


def list_in_the_way(session: Session, slot_id: int) -> InTheWay:
    """Return who takes a slot's capacity: what has to be moved or ended before it can shrink."""
    slot = session.get_one(Slot, slot_id)
    bookings = session.scalars(
        select(Booking.code)
        .where(Booking.slot_id == slot_id, Booking.state.in_(LIVE_BOOKINGS))
        .order_by(Booking.code)
    )
    excused = select(PlacementException.placement_id).where(
        PlacementException.on_date == slot.occurs_on, PlacementException.frees_place
    )
    placements = session.scalars(
        select(Placement.code)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .where(
            PlacementUse.template_id == slot.template_id,
            Placement.state.in_(OCCUPYING),
            Placement.starts_on <= slot.occurs_on,
            Placement.ends_on.is_(None) | (Placement.ends_on >= slot.occurs_on),
            Placement.id.not_in(excused),
        )
        .distinct()
        .order_by(Placement.code)
    )
    holds = session.scalars(
        select(Hold.id).where(Hold.slot_id == slot_id, Hold.state == HoldState.live).order_by(Hold.id)
    )
    return InTheWay(list(bookings), list(placements), list(holds))
