"""Whether a place that is given by day was somebody else's: the published order read off the record, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.models import (
    CareClass,
    Need,
    NeedPattern,
    Placement,
    Plan,
    Proposal,
    Round,
    Slot,
    SlotCapacity,
    SlotTemplate,
    StandbyOrder,
    WaitlistEntry,
)
from app.models.enums import NeedState, PlanState, RoundState, WaitlistState
from tests.property.watch import LIVE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

KEEPING = (RoundState.announced, RoundState.open, RoundState.closed, RoundState.drawn)


def is_the_rounds(session: Session, need: Need, today: date, last_on: date | None) -> bool:
    """Return whether a round that is not decided keeps the place: the need's own, or one whose period is reached."""
    rows = session.scalars(select(Round).where(Round.kind == need.kind, Round.state.in_(KEEPING)))
    return any(
        row.id == need.round_id or (today >= row.opens_on and (last_on is None or last_on >= row.starts_on))
        for row in rows
    )


def count_rivals(
    session: Session,
    need: Need,
    class_id: int,
    dates: set[date],
    priorities: Mapping[int, int],
) -> int:
    """Return how many others of equal or higher class could use a slot of these dates in this class and have no place.

    Who the last plan decided on and put on neither the class's standby order nor the service's waitlist could not.
    """
    service_id = session.scalar(select(CareClass.service_id).where(CareClass.id == class_id))
    plan_id = session.scalar(select(Plan.id).where(Plan.state == PlanState.published))
    decided = set(session.scalars(select(Proposal.need_id).where(Proposal.plan_id == plan_id)))
    standby = set(
        session.scalars(
            select(StandbyOrder.need_id).where(
                StandbyOrder.plan_id == plan_id, StandbyOrder.class_id == class_id
            )
        )
    )
    waiting = set(
        session.scalars(
            select(WaitlistEntry.need_id).where(
                WaitlistEntry.service_id == service_id, WaitlistEntry.state == WaitlistState.waiting
            )
        )
    )
    placed = set(session.scalars(select(Placement.need_id).where(Placement.state.in_(LIVE))))
    rivals = 0
    for other in session.scalars(
        select(Need).where(Need.kind == need.kind, Need.state == NeedState.open, Need.id != need.id)
    ):
        if other.id in placed or (other.id in decided and other.id not in standby | waiting):
            continue
        same_or_higher = priorities.get(other.person_id, 1) >= priorities.get(need.person_id, 1)
        if same_or_higher and _could_use(session, other, dates):
            rivals += 1
    return rivals


def _could_use(session: Session, need: Need, dates: set[date]) -> bool:
    weekdays = {on.weekday() for on in dates}
    return any(
        pattern.occurs_on in dates
        if pattern.occurs_on is not None
        else any(pattern.weekdays >> day & 1 for day in weekdays)
        for pattern in session.scalars(select(NeedPattern).where(NeedPattern.need_id == need.id))
    )


def list_dates(session: Session, class_id: int, weekdays: int, first: date) -> set[date]:
    """Return the dates of the class's slots from a day on that a pattern uses."""
    rows = session.execute(
        select(Slot.occurs_on, SlotTemplate.weekday)
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .where(Slot.class_id == class_id, Slot.occurs_on >= first)
    )
    return {row.occurs_on for row in rows if weekdays >> row.weekday & 1}


def count_left(session: Session, class_id: int, dates: set[date]) -> int:
    """Return the fewest places left on any of the dates."""
    left = session.scalar(
        select(func.min(SlotCapacity.capacity - SlotCapacity.taken))
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .where(Slot.class_id == class_id, Slot.occurs_on.in_(dates))
    )
    return left or 0
