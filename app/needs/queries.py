"""Reads needs within the actor's scope."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import NotFound
from app.models import Booking, Hold, Household, Need, Person, Placement
from app.models.enums import (
    BookingState,
    HoldState,
    NeedState,
    PlacementState,
    ServiceKind,
)
from app.needs.rules import Pattern, to_weekdays
from app.scope import sees_need

LIVE = (
    PlacementState.proposed,
    PlacementState.offered,
    PlacementState.confirmed,
    PlacementState.active,
)
_WHOLE = (selectinload(Need.patterns), selectinload(Need.preferences))


def get_need(session: Session, actor: Actor, need_id: int, *, to_edit: bool = False) -> Need:
    """Return a need with patterns and wishes. Raises `NotFound`."""
    query = select(Need).where(Need.id == need_id, sees_need(actor)).options(*_WHOLE)
    need = session.scalar(query.with_for_update() if to_edit else query)
    if need is None:
        raise NotFound
    return need


def list_patterns(need: Need) -> list[Pattern]:
    """Return the patterns of a need as the rules read them."""
    return [
        Pattern(row.part, tuple(to_weekdays(row.weekdays)), row.occurs_on)
        for row in sorted(need.patterns, key=lambda row: row.rank)
    ]


@dataclass(frozen=True)
class Wanted:
    """Which needs to list; `after` is the last id of the page before."""

    person_id: int | None = None
    kind: ServiceKind | None = None
    state: NeedState | None = None
    compound_id: int | None = None
    after: int = 0
    limit: int = 100


def list_needs(session: Session, actor: Actor, wanted: Wanted) -> list[Need]:
    """Return a page of needs by id, with patterns and wishes."""
    query = select(Need).where(sees_need(actor), Need.id > wanted.after).options(*_WHOLE)
    for column, value in (
        (Need.person_id, wanted.person_id),
        (Need.kind, wanted.kind),
        (Need.state, wanted.state),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.compound_id is not None:
        there = select(Person.id).join(Household, Household.id == Person.household_id)
        query = query.where(
            Need.person_id.in_(there.where(Household.compound_id == wanted.compound_id).correlate(None))
        )
    return list(session.scalars(query.order_by(Need.id).limit(wanted.limit)))


@dataclass(frozen=True)
class Uses:
    """What of the ledger hangs on a need."""

    placements: int
    bookings: int
    holds: int

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return bool(self.placements or self.bookings or self.holds)


def count_uses(session: Session, need_id: int) -> Uses:
    """Count the live placements, bookings and holds of a need."""
    placements = select(func.count()).where(Placement.need_id == need_id, Placement.state.in_(LIVE))
    bookings = select(func.count()).where(Booking.need_id == need_id, Booking.state == BookingState.booked)
    holds = select(func.count()).where(Hold.need_id == need_id, Hold.state == HoldState.live)
    return Uses(*(session.scalars(query).one() for query in (placements, bookings, holds)))
