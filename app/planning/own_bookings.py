"""What a plan's places do about single dates on which the same person is booked elsewhere: the booking was told first.

A place leaves out such a date, within the limit for skipped dates; beyond it, the place is not this person's.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.db import WriteSession
from app.models import Booking, Placement, PlacementException, PlacementUse, Slot
from app.models.enums import BookingState, PlacementState


def list_own_dates(session: WriteSession, plan_id: int) -> dict[int, set[date]]:
    """Return the dates on which proposals of a plan clash with a booking of their own person, by placement id.

    Led by the bookings, which are few: one statement, however many proposals there are.
    """
    mine, theirs = aliased(Slot), aliased(Slot)
    rows = session.execute(
        select(Placement.id, mine.occurs_on)
        .select_from(Booking)
        .join(theirs, theirs.id == Booking.slot_id)
        .join(Placement, Placement.person_id == Booking.person_id)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .join(
            mine,
            and_(
                mine.template_id == PlacementUse.template_id,
                mine.occurs_on == theirs.occurs_on,
                mine.starts_at < theirs.ends_at,
                mine.ends_at > theirs.starts_at,
            ),
        )
        .outerjoin(
            PlacementException,
            and_(
                PlacementException.placement_id == Placement.id, PlacementException.on_date == mine.occurs_on
            ),
        )
        .where(
            Placement.plan_id == plan_id,
            Placement.state == PlacementState.proposed,
            Booking.state == BookingState.booked,
            mine.occurs_on >= Placement.starts_on,
            or_(Placement.ends_on.is_(None), mine.occurs_on <= Placement.ends_on),
            PlacementException.id.is_(None),
        )
        .distinct()
    )
    found: dict[int, set[date]] = defaultdict(set)
    for placement_id, on in rows:
        found[placement_id].add(on)
    return found
