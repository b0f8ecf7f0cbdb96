"""Reads the record at one moment: a few set-based statements in one read transaction, closed before solving."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select, union_all
from sqlalchemy.orm import Session

from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING
from app.models import (
    Booking,
    BookingUse,
    Hold,
    HoldUse,
    Need,
    NeedGroup,
    Person,
    PickupAuthorisation,
    Placement,
    PlacementUse,
    Plan,
    Slot,
    SlotCapacity,
    SlotTemplateCapacity,
)
from app.models import Round as RoundRow
from app.models.enums import CapacityKind, HoldState, NeedState, PlanState, SlotState
from app.options import facts
from app.options.drawn import add_drawn, load_drawn
from app.options.ground import load_ground
from app.options.load import load_needs
from app.options.people import load_people
from app.planning.facts import PROMISED, Group, Held, Round, Snapshot
from app.planning.pending import add_pending
from app.rounds.queries import get_order, to_window


def take_snapshot(session: Session, effective_on: date) -> Snapshot:
    """Return everything that the night decides on, as of the session's transaction."""
    has_place = select(Placement.need_id).where(Placement.state.in_(OCCUPYING))
    wanted = or_(Need.state == NeedState.open, Need.id.in_(has_place))
    ground = load_ground(session, effective_on)
    needs = load_needs(session, wanted)
    held = load_held(session)
    busy = find_busy(needs, held)
    people = load_people(session, select(Need.person_id).where(wanted), effective_on)
    services = [service for services in ground.services.values() for service in services]
    service_of_class = {each.id: service for service in services for each in service.classes}
    class_by_id = {each.id: each for service in services for each in service.classes}
    cells = [
        (care_class.id, cell)
        for care_class in class_by_id.values()
        for cells in care_class.cells.values()
        for cell in cells
    ]
    needs, held = add_pending(needs, held, load_held(session, is_transfer=True).values())
    return Snapshot(
        effective_on=effective_on,
        ground=ground,
        needs=needs,
        people=add_drawn(people, load_drawn(session, effective_on, PROMISED), busy),
        held=held,
        groups={
            row.id: Group(row.id, row.code, row.kind, row.same_site, row.all_or_none)
            for row in session.scalars(select(NeedGroup))
        },
        rounds=_load_rounds(session),
        closed_slots=_load_closed(session, effective_on, ground.ends_on),
        slot_capacities=_load_capacities(session, effective_on, ground.ends_on),
        dated_uses=_load_dated_uses(session, effective_on, ground.ends_on),
        adult_codes=_load_adults(session),
        prices=_load_prices(session),
        service_of_class=service_of_class,
        class_by_id=class_by_id,
        cell_by_id={cell.id: cell for _, cell in cells},
        class_of_cell={cell.id: class_id for class_id, cell in cells},
    )


def load_held(session: Session, *, is_transfer: bool = False) -> dict[int, Held]:
    """Return the live placement of each need that has one, with its uses in order of template and kind.

    `is_transfer`: the second place of those who are about to change, until it has begun.
    """
    uses: dict[int, list[tuple[int, CapacityKind, int]]] = defaultdict(list)
    live = select(Placement.id).where(Placement.state.in_(OCCUPYING))
    for placement_id, template_id, kind, amount in session.execute(
        select(PlacementUse.placement_id, PlacementUse.template_id, PlacementUse.kind, PlacementUse.amount)
        .where(PlacementUse.placement_id.in_(live))
        .order_by(PlacementUse.placement_id, PlacementUse.template_id, PlacementUse.kind)
    ):
        uses[placement_id].append((template_id, kind, amount))
    rows = session.execute(
        select(
            Placement.id,
            Placement.code,
            Placement.need_id,
            Placement.person_id,
            Placement.class_id,
            Placement.weekdays,
            Placement.part,
            Placement.starts_on,
            Placement.ends_on,
            Placement.state,
            Placement.is_pinned,
            Placement.plan_id,
        )
        .where(Placement.state.in_(OCCUPYING), Placement.is_transfer.is_(is_transfer))
        .order_by(Placement.code)
    )
    return {
        row.need_id: Held(
            id=row.id,
            code=row.code,
            need_id=row.need_id,
            person_id=row.person_id,
            class_id=row.class_id,
            weekdays=row.weekdays,
            part=row.part,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            state=row.state,
            is_pinned=row.is_pinned,
            plan_id=row.plan_id,
            uses=uses.get(row.id, ()),
        )
        for row in rows
    }


def find_busy(needs: Sequence[facts.Need], held: Mapping[int, Held]) -> set[int]:
    """Return the people of whom more than one wish is decided tonight: these share one allowance."""
    wishes: Counter[int] = Counter()
    for need in needs:
        place = held.get(need.id)
        if place is None or not place.is_promised:
            wishes[need.person_id] += 1
    return {person_id for person_id, count in wishes.items() if count > 1}


def _load_rounds(session: Session) -> dict[int, Round]:
    return {
        row.id: Round(to_window(row), row.mode, get_order(row) or {})
        for row in session.scalars(select(RoundRow))
    }


def _load_closed(session: Session, first: date, last: date) -> frozenset[tuple[int, date]]:
    rows = session.execute(
        select(Slot.template_id, Slot.occurs_on).where(
            Slot.state == SlotState.closed, Slot.occurs_on >= first, Slot.occurs_on <= last
        )
    )
    return frozenset((template_id, on) for template_id, on in rows)


def _load_capacities(session: Session, first: date, last: date) -> dict[tuple[int, date, CapacityKind], int]:
    rows = session.execute(
        select(Slot.template_id, Slot.occurs_on, SlotCapacity.kind, SlotCapacity.capacity)
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .outerjoin(
            SlotTemplateCapacity,
            and_(
                SlotTemplateCapacity.template_id == Slot.template_id,
                SlotTemplateCapacity.kind == SlotCapacity.kind,
            ),
        )
        .where(
            Slot.occurs_on >= first,
            Slot.occurs_on <= last,
            or_(
                SlotTemplateCapacity.capacity.is_(None),
                SlotTemplateCapacity.capacity != SlotCapacity.capacity,
            ),
        )
    )
    return _by_key(rows)


def _load_dated_uses(session: Session, first: date, last: date) -> dict[tuple[int, date, CapacityKind], int]:
    booked = (
        select(Booking.slot_id, BookingUse.kind, BookingUse.amount)
        .join(Booking, Booking.id == BookingUse.booking_id)
        .where(Booking.state.in_(LIVE_BOOKINGS))
    )
    kept = (
        select(Hold.slot_id, HoldUse.kind, HoldUse.amount)
        .join(Hold, Hold.id == HoldUse.hold_id)
        .where(Hold.state == HoldState.live)
    )
    used = union_all(booked, kept).subquery("used")
    rows = session.execute(
        select(Slot.template_id, Slot.occurs_on, used.c.kind, used.c.amount)
        .join(used, used.c.slot_id == Slot.id)
        .where(Slot.occurs_on >= first, Slot.occurs_on <= last)
    )
    return _by_key(rows)


def _by_key(rows: Iterable[Any]) -> dict[tuple[int, date, CapacityKind], int]:
    total: dict[tuple[int, date, CapacityKind], int] = defaultdict(int)
    for template_id, on, kind, amount in rows:
        total[template_id, on, CapacityKind(kind)] += amount
    return dict(total)


def _load_adults(session: Session) -> dict[int, str]:
    adults = select(PickupAuthorisation.adult_id).where(PickupAuthorisation.adult_id.is_not(None))
    rows = session.execute(select(Person.id, Person.code).where(Person.id.in_(adults)))
    return {row.id: row.code for row in rows}


def _load_prices(session: Session) -> dict[str, Any]:
    return session.scalar(select(Plan.prices).where(Plan.state == PlanState.published)) or {}
