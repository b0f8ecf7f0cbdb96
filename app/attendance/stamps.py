"""A short text that changes when anything on a board changes: how pages see each other's work without being rebuilt."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Alarm,
    Booking,
    CareClass,
    Placement,
    PlacementException,
    RollTick,
    Slot,
    SlotCapacity,
    Staffing,
)


def stamp_day(session: Session, service_ids: Collection[int], on: date) -> str:
    """Return the stamp of what these services do on a date; a handful of sums, a few milliseconds."""
    classes = select(CareClass.id).where(CareClass.service_id.in_(list(service_ids)))
    slots = select(Slot.id).where(Slot.occurs_on == on, Slot.class_id.in_(classes))
    sums = [
        session.execute(query).all()
        for query in (
            select(func.max(RollTick.id)).where(RollTick.slot_id.in_(slots)),
            select(func.count(Alarm.id), func.sum(Alarm.version)).where(Alarm.slot_id.in_(slots)),
            select(func.count(Placement.id), func.sum(Placement.version)).where(
                Placement.class_id.in_(classes)
            ),
            select(func.count(PlacementException.id), func.max(PlacementException.id))
            .join(Placement, Placement.id == PlacementException.placement_id)
            .where(PlacementException.on_date == on, Placement.class_id.in_(classes)),
            select(func.count(Booking.id), func.sum(Booking.version)).where(Booking.slot_id.in_(slots)),
            select(func.count(Staffing.id), func.sum(Staffing.version)).where(
                Staffing.service_id.in_(list(service_ids))
            ),
            select(func.sum(SlotCapacity.capacity), func.sum(SlotCapacity.taken)).where(
                SlotCapacity.slot_id.in_(slots)
            ),
        )
    ]
    return hashlib.sha256(repr(sums).encode()).hexdigest()[:16]
