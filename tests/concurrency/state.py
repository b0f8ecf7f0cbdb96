"""What must hold of the record whatever raced on it, read in one moment."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.ledger.commands import recount
from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking, Slot, SlotCapacity
from app.models.enums import CapacityKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Database


def list_faults(database: Database) -> list[str]:
    """Return every fault of the ledger: oversold slots, figures that do not add up, people in two places at once."""
    with database.reading() as session:
        faults = [f"slot {row.slot_id}: taken {row.taken}, counted {row.counted}" for row in recount(session)]
        live = count_live(database)
        rows = session.execute(
            select(SlotCapacity.slot_id, SlotCapacity.capacity, SlotCapacity.taken).where(
                SlotCapacity.kind == CapacityKind.places
            )
        )
        for slot_id, capacity, taken in rows:
            if live[slot_id] > capacity:
                faults.append(f"slot {slot_id}: {live[slot_id]} booked on {capacity} places")
            if taken > capacity:
                faults.append(f"slot {slot_id}: taken {taken} of {capacity}")
        twice = session.execute(
            select(Booking.person_id, Slot.starts_at)
            .join(Slot, Slot.id == Booking.slot_id)
            .where(Booking.state.in_(LIVE_BOOKINGS))
            .group_by(Booking.person_id, Slot.starts_at)
            .having(func.count() > 1)
        )
        faults += [f"person {person_id} is booked twice at {at}" for person_id, at in twice]
        served_twice = session.execute(
            select(Booking.need_id)
            .where(Booking.state.in_(LIVE_BOOKINGS))
            .group_by(Booking.need_id)
            .having(func.count() > 1)
        )
        faults += [f"need {need_id} is served twice" for (need_id,) in served_twice]
    return faults


def count_live(database: Database) -> Counter[int]:
    """Return the live bookings by slot."""
    with database.reading() as session:
        rows = session.execute(
            select(Booking.slot_id, func.count())
            .where(Booking.state.in_(LIVE_BOOKINGS))
            .group_by(Booking.slot_id)
        )
        return Counter({slot_id: number for slot_id, number in rows})  # noqa: C416


def sum_taken(database: Database, slot_ids: Sequence[int]) -> int:
    """Return what is taken of these slots' places together."""
    with database.reading() as session:
        return (
            session.scalar(
                select(func.sum(SlotCapacity.taken)).where(
                    SlotCapacity.slot_id.in_(slot_ids), SlotCapacity.kind == CapacityKind.places
                )
            )
            or 0
        )
