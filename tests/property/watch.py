"""What must hold, judged from the record alone and not by the program's own rules for it.

Nobody who was told of a place loses it, except by an own act, by time, or by not answering. Nothing that others wait
for is given by day without an override. What was wrong before grows by nothing but an import, and stops no night.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.ledger.commands import recount
from app.models import Need, NeedGroup, Offer, Person, Placement, Slot, SlotCapacity
from app.models.enums import PlacementState, ServiceKind
from app.options.rules import count_years
from tests.property.town import OLDEST

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

S = PlacementState
PROMISED = frozenset({S.offered, S.confirmed, S.active})
LIVE = PROMISED | {S.proposed}


@dataclass(frozen=True)
class Promise:
    """A place that somebody was told of."""

    need_id: int
    code: str
    class_id: int
    weekdays: int
    state: PlacementState


@dataclass
class Wrong:
    """What is wrong with the record, by what it is called: an amount that must not grow."""

    over_full: dict[str, int] = field(default_factory=dict)
    split: dict[str, int] = field(default_factory=dict)
    ineligible: dict[str, int] = field(default_factory=dict)

    def grown(self, later: Wrong) -> list[str]:
        """Return what is worse later."""
        found = []
        for kind in ("over_full", "split", "ineligible"):
            before, after = getattr(self, kind), getattr(later, kind)
            found += [
                f"{kind} {name}: {before.get(name, 0)} -> {n}"
                for name, n in after.items()
                if n > before.get(name, 0)
            ]
        return found


def read_promises(session: Session) -> dict[int, Promise]:
    """Return the places that people were told of, by id."""
    rows = session.scalars(select(Placement).where(Placement.state.in_(PROMISED)))
    return {row.id: Promise(row.need_id, row.code, row.class_id, row.weekdays, row.state) for row in rows}


def list_revoked(
    session: Session, before: dict[int, Promise], released: set[int], now: datetime, today: date
) -> list[str]:
    """Return promises that are gone although nobody gave them up and their time is not over."""
    found = []
    for id_, promise in before.items():
        row = session.get_one(Placement, id_)
        if (row.class_id, row.weekdays) != (promise.class_id, promise.weekdays):
            found.append(f"{promise.code} was moved")
        if row.state in PROMISED or id_ in released:
            continue
        if row.state is S.ended and row.ends_on is not None and row.ends_on < today:
            continue
        if row.state is S.expired and _ran_out(session, id_, now):
            continue
        found.append(f"{promise.code} was {promise.state.value} and is {row.state.value}")
    return found


def _ran_out(session: Session, placement_id: int, now: datetime) -> bool:
    offer = session.scalars(
        select(Offer).where(Offer.placement_id == placement_id).order_by(Offer.id.desc()).limit(1)
    ).one()
    return offer.expires_at <= now


def find_wrong(session: Session, today: date) -> Wrong:
    """Return every over-full slot, split group and ineligible place of the record."""
    wrong = Wrong()
    rows = session.execute(
        select(Slot.template_id, SlotCapacity.kind, SlotCapacity.taken, SlotCapacity.capacity)
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .where(SlotCapacity.taken > SlotCapacity.capacity, Slot.occurs_on >= today)
    )
    for row in rows:
        # By cell of the week: a date that comes into view has the fault of the dates before it.
        name = f"{row.template_id}/{row.kind.value}"
        wrong.over_full[name] = max(wrong.over_full.get(name, 0), row.taken - row.capacity)
    members: dict[int, list[int | None]] = defaultdict(list)
    placed = {
        row.need_id: row.class_id
        for row in session.execute(
            select(Placement.need_id, Placement.class_id).where(Placement.state.in_(LIVE))
        )
    }
    for need in session.scalars(select(Need).where(Need.group_id.is_not(None))):
        members[need.group_id or 0].append(placed.get(need.id))
    for group in session.scalars(select(NeedGroup)):
        places = members[group.id]
        apart = len({place for place in places if place is not None}) - 1
        partly = any(place is None for place in places) and any(place is not None for place in places)
        extent = max(0, apart) + (group.all_or_none and partly)
        if extent:
            wrong.split[group.code] = extent
    children = session.execute(
        select(Placement.code, Person.born_on, Placement.starts_on)
        .join(Person, Person.id == Placement.person_id)
        .join(Need, Need.id == Placement.need_id)
        .where(Placement.state.in_(LIVE), Need.kind == ServiceKind.after_school)
    )
    for row in children:
        if count_years(row.born_on, max(row.starts_on, today)) > OLDEST:
            wrong.ineligible[row.code] = 1
    return wrong


def list_broken(session: Session) -> list[str]:
    """Return where the ledger does not add up, or a need has two places."""
    found = [f"slot {row.slot_id}: taken {row.taken}, counted {row.counted}" for row in recount(session)]
    needs = session.scalars(select(Placement.need_id).where(Placement.state.in_(LIVE))).all()
    found += [f"need {need} has two places" for need in set(needs) if needs.count(need) > 1]
    rows = session.scalars(
        select(SlotCapacity).where(SlotCapacity.taken > SlotCapacity.capacity + SlotCapacity.overfull)
    )
    return found + [f"slot {row.slot_id} is above its capacity" for row in rows]
