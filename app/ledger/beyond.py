"""Weekly capacity after the last dated slot: placements there meet templates, since no slot can refuse them yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from app.db import WriteSession
from app.errors import DomainError
from app.ledger.commands import lock_templates
from app.ledger.queries import OCCUPYING
from app.models import Placement, PlacementUse, Slot, SlotTemplateCapacity
from app.models.enums import CapacityKind


class WeekFull(DomainError):
    """A weekly place is promised to others from a later date on; data: `template_id`, `kind`, `capacity`, `from_on`."""

    code = "full"
    zh = "自 {from_on} 起，该时段的名额（{kind}）已安排给其他人。"
    en = "From {from_on} on this weekly place ({kind}) is promised to others."


@dataclass(frozen=True)
class Span:
    """What one placement uses of one capacity, from when to when."""

    amount: int
    starts_on: date
    ends_on: date | None

    def covers(self, on: date) -> bool:
        """Return whether the span has a date in it."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


def check_beyond(session: WriteSession, placement_id: int) -> None:
    """Raise `WeekFull` where a placement (already written) would exceed a template after the last dated slot.

    Locks the templates, so that two placements by hand cannot both find the last weekly place free.
    """
    session.flush()
    lock_templates(session, [placement_id], exclusive=True)
    placement = session.get_one(Placement, placement_id)
    used = select(PlacementUse.template_id).where(PlacementUse.placement_id == placement_id)
    last = session.scalar(select(func.max(Slot.occurs_on)).where(Slot.template_id.in_(used)))
    first = placement.starts_on if last is None else max(placement.starts_on, last + timedelta(days=1))
    if placement.ends_on is not None and placement.ends_on < first:
        return
    mine = {
        (row.template_id, row.kind)
        for row in session.scalars(select(PlacementUse).where(PlacementUse.placement_id == placement_id))
    }
    spans: dict[tuple[int, CapacityKind], list[Span]] = defaultdict(list)
    rows = session.execute(
        select(
            PlacementUse.template_id,
            PlacementUse.kind,
            PlacementUse.amount,
            Placement.starts_on,
            Placement.ends_on,
        )
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .where(
            PlacementUse.template_id.in_(used),
            Placement.state.in_(OCCUPYING),
            or_(Placement.ends_on.is_(None), Placement.ends_on >= first),
        )
    )
    for row in rows:
        spans[row.template_id, row.kind].append(Span(row.amount, row.starts_on, row.ends_on))
    capacities = session.execute(
        select(
            SlotTemplateCapacity.template_id, SlotTemplateCapacity.kind, SlotTemplateCapacity.capacity
        ).where(SlotTemplateCapacity.template_id.in_(used))
    )
    for template_id, kind, capacity in capacities:
        if (template_id, kind) not in mine:
            continue
        full_on = find_first_full(spans[template_id, kind], capacity, first, placement.ends_on)
        if full_on is not None:
            raise WeekFull(template_id=template_id, kind=kind, capacity=capacity, from_on=full_on)


def find_first_full(spans: Sequence[Span], capacity: int, first: date, last: date | None) -> date | None:
    """Return the first date in a stretch on which the spans together exceed a capacity; None where none does.

    A sum over spans only grows where one starts: no other date has to be looked at.
    """
    dates = sorted({max(first, span.starts_on) for span in spans})
    for on in dates:
        if last is not None and on > last:
            return None
        if sum(span.amount for span in spans if span.covers(on)) > capacity:
            return on
    return None
