"""Sets how much a dated slot offers; never below what is taken in it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, select, update

from app.db import WriteSession
from app.models import SlotCapacity
from app.models.enums import CapacityKind


def set_capacity(session: WriteSession, slot_id: int, kind: CapacityKind, capacity: int, note: str) -> bool:
    """Set one capacity of a slot and return True; False, and nothing set, where more than that is taken.

    Where an import left more taken than there was, raising the capacity takes the excess down.
    """
    changed = session.scalar(
        update(SlotCapacity)
        .where(SlotCapacity.slot_id == slot_id, SlotCapacity.kind == kind, _fits(capacity))
        .values(
            capacity=capacity,
            overfull=case((SlotCapacity.taken > capacity, SlotCapacity.taken - capacity), else_=0),
            note=note,
        )
        .returning(SlotCapacity.slot_id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def set_capacities(
    session: WriteSession, slot_ids: Sequence[int], kind: CapacityKind, capacity: int, note: str
) -> list[int]:
    """Set one capacity of many slots, and return the slots in which more is taken: then the caller rolls back."""
    session.execute(
        select(SlotCapacity.slot_id)
        .where(SlotCapacity.slot_id.in_(slot_ids), SlotCapacity.kind == kind)
        .order_by(SlotCapacity.slot_id)
        .with_for_update()
    ).all()
    return [id_ for id_ in sorted(slot_ids) if not set_capacity(session, id_, kind, capacity, note)]


def _fits(capacity: int) -> ColumnElement[bool]:
    # An inherited excess may stay, it must not grow: above the capacity it may be raised, never lowered.
    return (SlotCapacity.taken <= capacity) | (
        (SlotCapacity.overfull > 0) & (SlotCapacity.capacity <= capacity)
    )
