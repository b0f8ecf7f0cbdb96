"""Takes what imported bookings use: they exist already, so what is above the capacity is inherited, not refused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.db import WriteSession
from app.ledger.commands import shift
from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking, BookingUse


def admit_bookings(session: WriteSession, booking_ids: Sequence[int]) -> None:
    """Take what these bookings (already written) use while live; imports only."""
    _shift_bookings(session, booking_ids, sign=1)


def dismiss_bookings(session: WriteSession, booking_ids: Sequence[int]) -> None:
    """Give back what these bookings use; call it *before* an import changes them."""
    _shift_bookings(session, booking_ids, sign=-1)


def _shift_bookings(session: WriteSession, booking_ids: Sequence[int], *, sign: int) -> None:
    weighed = (
        select(Booking.slot_id, BookingUse.kind, func.sum(BookingUse.amount).label("amount"))
        .join(Booking, Booking.id == BookingUse.booking_id)
        .where(Booking.id.in_(booking_ids), Booking.state.in_(LIVE_BOOKINGS))
        .group_by(Booking.slot_id, BookingUse.kind)
    )
    shift(session, weighed, sign=sign)
