"""Takes and gives back capacity: the one owner of `SlotCapacity.taken`; everybody else asks this module.

Every change is a guarded UPDATE on rows in (slot, kind) order: check-then-insert oversells under READ COMMITTED,
and two orders deadlock. `taken <= capacity` holds for all that the program does itself; what an import found above
the capacity is carried in `overfull`, which only shrinks: `overfull = max(0, taken - capacity)` at every commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.clock import today
from app.consents.queries import check_may_process
from app.db import WriteSession
from app.ledger.errors import LedgerBroken, SlotFull
from app.ledger.queries import Difference, PlacementIds, list_differences, match_capacity, weigh_placements
from app.models import Placement, PlacementUse, Slot, SlotCapacity, SlotTemplate, SlotTemplateCapacity
from app.models.enums import CapacityKind

Uses = Mapping[CapacityKind, int]


@dataclass(frozen=True)
class Conflict:
    """A slot's capacity that placements together would exceed."""

    slot_id: int
    kind: CapacityKind
    capacity: int
    taken: int
    wanted: int


def take(session: WriteSession, slot_id: int, uses: Uses, *, keep_free: Uses | None = None) -> None:
    """Take all kinds of one slot or none and raise `SlotFull`; `keep_free` leaves that much of a kind untouched.

    A kind that the slot does not have counts as full.
    """
    kept = keep_free or {}
    done: dict[CapacityKind, int] = {}
    session.flush()
    for kind in sorted(uses):
        amount = uses[kind]
        asked = {"of_slot_id": slot_id, "of_kind": kind, "amount": amount, "kept": kept.get(kind, 0)}
        if session.scalar(_TAKE, asked) is None:
            full = _slot_full(session, slot_id, kind, amount)
            release(session, slot_id, done)
            raise full
        done[kind] = amount


def release(session: WriteSession, slot_id: int, uses: Uses) -> None:
    """Give back all kinds of one slot; giving back more than is taken raises `LedgerBroken`."""
    session.flush()
    for kind in sorted(uses):
        asked = {"of_slot_id": slot_id, "of_kind": kind, "amount": uses[kind]}
        if session.scalar(_RELEASE, asked) is None:
            raise LedgerBroken(slot_id=slot_id, kind=kind)


def occupy(
    session: WriteSession,
    placement_ids: PlacementIds,
    *,
    may_overfill: bool = False,
    is_checked: bool = False,
) -> None:
    """Take what these placements (already written, in an occupying state) use on every dated slot there is.

    Set-based: three statements however many placements. Raises `SlotFull` for the first capacity that would be
    exceeded, unless `may_overfill` (imports only), which carries the excess as inherited `overfull`; raises
    `GuardianConsentMissing` where a placement is a child's for whom no guardian consents.
    `is_checked`: `list_conflicts` of the same placements was empty in this transaction, whose locks still hold.
    """
    weighed = weigh_placements(placement_ids)
    if not may_overfill:  # what an office has already comes in as it is, and the night names it
        people = select(Placement.person_id).where(Placement.id.in_(placement_ids))
        check_may_process(session, people, today())
    if not is_checked:
        conflicts = _lock(session, placement_ids, weighed)
        if conflicts and not may_overfill:
            raise SlotFull(**vars(conflicts[0]))
    shift(session, weighed, sign=1)


def list_conflicts(session: WriteSession, placement_ids: PlacementIds) -> list[Conflict]:
    """Lock what these placements would use and return the capacities they would exceed together, by slot and kind.

    What publishing rebases on: after it has dropped the displaced, `occupy` of the others cannot fail in the
    same transaction.
    """
    return _lock(session, placement_ids, weigh_placements(placement_ids))


def vacate(session: WriteSession, placement_ids: PlacementIds, from_on: date | None = None) -> None:
    """Give back what these placements occupy (from a date on); call it *before* changing their state or end.

    Only what a placement occupies in its present state and span counts, so vacating after the change gives
    nothing back twice.
    """
    weighed = weigh_placements(placement_ids, from_on=from_on)
    _lock(session, placement_ids, weighed)
    shift(session, weighed, sign=-1)


def add_capacities(session: WriteSession, *, after_slot_id: int) -> None:
    """Give slots made just now (ids above `after_slot_id`) the capacities of their templates.

    `taken` starts at what placements in force use on the date; what they use above the capacity is inherited.
    The caller holds `lock_templates(session)`, so that no placement is written between count and commit.
    """
    weighed = weigh_placements(after_slot_id=after_slot_id).subquery("weighed")
    taken = func.coalesce(weighed.c.amount, literal(0))
    capacity = SlotTemplateCapacity.capacity
    session.execute(
        insert(SlotCapacity).from_select(
            ["slot_id", "kind", "capacity", "taken", "overfull", "note"],
            select(
                Slot.id,
                SlotTemplateCapacity.kind,
                capacity,
                taken,
                case((taken > capacity, taken - capacity), else_=0),
                literal(""),
            )
            .join(SlotTemplateCapacity, SlotTemplateCapacity.template_id == Slot.template_id)
            .outerjoin(
                weighed,
                and_(weighed.c.slot_id == Slot.id, weighed.c.kind == SlotTemplateCapacity.kind),
            )
            .where(Slot.id > after_slot_id),
        )
    )


def recount(session: Session) -> list[Difference]:
    """Compare every `taken` with the record; changes nothing, so that a difference is seen and explained."""
    return list_differences(session)


def lock_templates(
    session: WriteSession, placement_ids: PlacementIds | None = None, *, exclusive: bool = False
) -> None:
    """Keep dated slots of these templates (or of all) from being made meanwhile; parents before children.

    A slot's `taken` is counted when the slot is made: a placement written at the same moment would be missed by
    both, were it not for this lock. Shared between placements unless they ask for it alone, exclusive (no ids)
    for the horizon.
    """
    statement = select(SlotTemplate.id).order_by(SlotTemplate.id)
    if placement_ids is None:
        session.execute(statement.with_for_update(key_share=True)).all()
        return
    used = select(PlacementUse.template_id).where(PlacementUse.placement_id.in_(placement_ids))
    locking = statement.with_for_update(key_share=exclusive, read=not exclusive)
    session.execute(locking.where(SlotTemplate.id.in_(used))).all()


def _lock(
    session: WriteSession, placement_ids: PlacementIds, weighed: Select[*tuple[Any, ...]]
) -> list[Conflict]:
    """Lock templates, then capacities in order, and return those that would be exceeded."""
    session.flush()
    lock_templates(session, placement_ids)
    amounts = weighed.subquery("weighed")
    rows = session.execute(
        select(
            SlotCapacity.slot_id,
            SlotCapacity.kind,
            SlotCapacity.capacity,
            SlotCapacity.taken,
            amounts.c.amount,
        )
        .join(amounts, match_capacity(amounts))
        .order_by(SlotCapacity.slot_id, SlotCapacity.kind)
        .with_for_update(of=SlotCapacity)
    )
    return [Conflict(*row) for row in rows if row.taken + row.amount > row.capacity]


def shift(session: WriteSession, weighed: Select[*tuple[Any, ...]], *, sign: int) -> None:
    """Add (or with sign -1 take off) the weighed amounts of (slot_id, kind); for the ledger's own modules only."""
    amounts = weighed.subquery("weighed")
    taken = SlotCapacity.taken + sign * amounts.c.amount
    session.execute(
        update(SlotCapacity)
        .where(match_capacity(amounts))
        .values(taken=taken, overfull=_above_capacity(taken))
        .execution_options(synchronize_session=False)
    )


def _above_capacity(taken: Any) -> Any:
    return case((taken > SlotCapacity.capacity, taken - SlotCapacity.capacity), else_=0)


def _make_steps() -> tuple[Update, Update]:
    """Build the guarded statements once that take and give back one kind of one slot."""
    amount: BindParameter[int] = bindparam("amount", type_=Integer())
    kept: BindParameter[int] = bindparam("kept", type_=Integer())
    # Named apart from the columns: an UPDATE takes a parameter of a column's name for the value to set.
    of_slot = (SlotCapacity.slot_id == bindparam("of_slot_id"), SlotCapacity.kind == bindparam("of_kind"))
    left = SlotCapacity.taken - amount
    take_one = (
        update(SlotCapacity)
        .where(*of_slot, SlotCapacity.taken + amount + kept <= SlotCapacity.capacity)
        .values(taken=SlotCapacity.taken + amount)
    )
    release_one = (
        update(SlotCapacity).where(*of_slot, left >= 0).values(taken=left, overfull=_above_capacity(left))
    )
    return (
        take_one.returning(SlotCapacity.taken).execution_options(synchronize_session=False),
        release_one.returning(SlotCapacity.taken).execution_options(synchronize_session=False),
    )


_TAKE, _RELEASE = _make_steps()


def _slot_full(session: WriteSession, slot_id: int, kind: CapacityKind, wanted: int) -> SlotFull:
    row = session.execute(
        select(SlotCapacity.capacity, SlotCapacity.taken).where(
            SlotCapacity.slot_id == slot_id, SlotCapacity.kind == kind
        )
    ).first()
    capacity, taken = row or (0, 0)
    return SlotFull(slot_id=slot_id, kind=kind, capacity=capacity, taken=taken, wanted=wanted)
