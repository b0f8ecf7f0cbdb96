"""What occupies the dated slots, counted from placements, bookings, holds and guests; `taken` must always equal it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.models import (
    Booking,
    BookingUse,
    Hold,
    HoldUse,
    Placement,
    PlacementException,
    PlacementUse,
    Slot,
    SlotCapacity,
    WalkIn,
)
from app.models.enums import BookingState, CapacityKind, ExceptionKind, HoldState, PlacementState

PlacementIds = Sequence[int] | Select[int]
"""Ids, or a statement that selects them: a statement keeps a night of 20,000 in the database."""

OCCUPYING = (
    PlacementState.proposed,
    PlacementState.offered,
    PlacementState.confirmed,
    PlacementState.active,
)
"""States in which a placement sets its place aside."""
LIVE_BOOKINGS = (BookingState.booked, BookingState.attended, BookingState.no_show)


@dataclass(frozen=True)
class Difference:
    """A capacity whose `taken` is not what the record adds up to."""

    slot_id: int
    kind: CapacityKind
    taken: int
    counted: int


def weigh_placements(
    ids: PlacementIds | None = None, *, from_on: date | None = None, after_slot_id: int | None = None
) -> Select[*tuple[Any, ...]]:
    """Select (slot_id, kind, amount) that occupying placements use: all of them, or those named, from a date on.

    Uses are summed by span before they meet the dated slots: a night's placements share few spans, and the
    join with eight weeks of slots then has thousands of rows, not a million.
    """
    # An ended placement was in force until its last day: the slots behind us keep what they were.
    was_in_force = and_(Placement.state == PlacementState.ended, Placement.ends_on.is_not(None))
    chosen: list[ColumnElement[bool]] = [or_(Placement.state.in_(OCCUPYING), was_in_force)]
    if ids is not None:
        chosen.append(Placement.id.in_(ids))
    spans = (
        select(
            PlacementUse.template_id,
            PlacementUse.kind,
            Placement.starts_on,
            Placement.ends_on,
            func.sum(PlacementUse.amount).label("amount"),
        )
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .where(*chosen)
        .group_by(PlacementUse.template_id, PlacementUse.kind, Placement.starts_on, Placement.ends_on)
        .subquery("spans")
    )
    late: list[ColumnElement[bool]] = []
    if from_on is not None:
        late.append(Slot.occurs_on >= from_on)
    if after_slot_id is not None:
        late.append(Slot.id > after_slot_id)
    in_pattern = select(Slot.id.label("slot_id"), spans.c.kind, spans.c.amount).join_from(
        spans,
        Slot,
        and_(
            Slot.template_id == spans.c.template_id,
            Slot.occurs_on >= spans.c.starts_on,
            or_(spans.c.ends_on.is_(None), Slot.occurs_on <= spans.c.ends_on),
            *late,
        ),
    )
    excepted = (
        select(Slot.id.label("slot_id"), PlacementUse.kind, (-PlacementUse.amount).label("amount"))
        .join_from(PlacementException, Placement, Placement.id == PlacementException.placement_id)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .join(
            Slot,
            and_(
                Slot.template_id == PlacementUse.template_id,
                Slot.occurs_on == PlacementException.on_date,
                Slot.occurs_on >= Placement.starts_on,
                or_(Placement.ends_on.is_(None), Slot.occurs_on <= Placement.ends_on),
                *late,
            ),
        )
        .where(PlacementException.frees_place, *chosen)
    )
    return _total(in_pattern, excepted)


def weigh_everything() -> Select[*tuple[Any, ...]]:
    """Select (slot_id, kind, amount) over placements, live bookings, live holds and guests who eat in."""
    placements = weigh_placements().subquery("by_placements")
    bookings = (
        select(Booking.slot_id, BookingUse.kind, BookingUse.amount)
        .join(Booking, Booking.id == BookingUse.booking_id)
        .where(Booking.state.in_(LIVE_BOOKINGS))
    )
    holds = (
        select(Hold.slot_id, HoldUse.kind, HoldUse.amount)
        .join(Hold, Hold.id == HoldUse.hold_id)
        .where(Hold.state == HoldState.live)
    )
    return _total(
        select(placements.c.slot_id, placements.c.kind, placements.c.amount),
        bookings,
        holds,
        *_weigh_guests(),
    )


def _weigh_guests() -> tuple[Select[*tuple[Any, ...]], ...]:
    """Select what guests use: each a seat, and a meal unless it was one that somebody left."""
    kind = SlotCapacity.kind.type
    seats = select(
        WalkIn.slot_id, literal(CapacityKind.seats, kind).label("kind"), literal(1).label("amount")
    )
    meals = select(
        WalkIn.slot_id, literal(CapacityKind.meals, kind).label("kind"), literal(1).label("amount")
    ).where(WalkIn.from_spare.is_(False))
    return seats, meals


def list_differences(session: Session) -> list[Difference]:
    """Compare every `taken` with what the record adds up to; empty while the ledger is right."""
    counted = weigh_everything().subquery("counted")
    amount = func.coalesce(counted.c.amount, literal(0))
    rows = session.execute(
        select(SlotCapacity.slot_id, SlotCapacity.kind, SlotCapacity.taken, amount)
        .outerjoin(counted, _same_capacity(counted))
        .where(SlotCapacity.taken != amount)
        .order_by(SlotCapacity.slot_id, SlotCapacity.kind)
    )
    return [Difference(*row) for row in rows]


def count_spare(session: Session, slot_id: int) -> int:
    """Return how many ordered meals of a sitting nobody will eat: told off after the cut-off, not yet given away."""
    left = session.scalar(
        select(func.sum(PlacementUse.amount))
        .select_from(Slot)
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .join(PlacementException, PlacementException.placement_id == Placement.id)
        .where(
            Slot.id == slot_id,
            PlacementUse.kind == CapacityKind.meals,
            PlacementException.on_date == Slot.occurs_on,
            PlacementException.frees_place.is_(False),
            PlacementException.kind != ExceptionKind.skipped,
            Placement.state.in_((PlacementState.confirmed, PlacementState.active)),
        )
    )
    given = session.scalar(
        select(func.count(WalkIn.id)).where(WalkIn.slot_id == slot_id, WalkIn.from_spare.is_(True))
    )
    return int(left or 0) - int(given or 0)


def match_capacity(weighed: Subquery) -> ColumnElement[bool]:
    """Return the condition that joins a weighed subquery to `SlotCapacity`."""
    return _same_capacity(weighed)


def _same_capacity(weighed: Subquery) -> ColumnElement[bool]:
    return and_(SlotCapacity.slot_id == weighed.c.slot_id, SlotCapacity.kind == weighed.c.kind)


def _total(*parts: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    used = union_all(*parts).subquery("used")
    amount = func.sum(used.c.amount)
    return (
        select(used.c.slot_id, used.c.kind, amount.label("amount"))
        .group_by(used.c.slot_id, used.c.kind)
        .having(amount != 0)
    )
