"""The dated side of the ledger: bookings, holds, and the waitlist."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import BookingState, CapacityKind, HoldState, Origin, WaitlistState

LIVE_BOOKING = "state IN ('booked', 'attended', 'no_show')"


class Booking(Base):
    """One person in one dated slot; at most one live booking per person and slot."""

    __tablename__ = "booking"
    __table_args__ = (
        Index(
            "uq_booking_live_person_slot",
            "person_id",
            "slot_id",
            unique=True,
            sqlite_where=text(LIVE_BOOKING),
            postgresql_where=text(LIVE_BOOKING),
        ),
        Index("ix_booking_slot_id", "slot_id"),
        Index("ix_booking_need_id", "need_id"),
        CheckConstraint("origin <> 'urgent' OR reason <> ''", name="urgent_has_a_reason"),
        CheckConstraint("NOT by_closure OR state = 'cancelled'", name="a_closure_cancels"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    state: Mapped[BookingState] = mapped_column(enum_type(BookingState), default=BookingState.booked)
    origin: Mapped[Origin] = mapped_column(enum_type(Origin), default=Origin.desk)
    reason: Mapped[str] = mapped_column(String(200), default="")
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    booked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_closure: Mapped[bool] = mapped_column(default=False)
    """A closure cancelled it, nobody else: it is offered again by name should the days open after all."""
    version: Mapped[int] = mapped_column(default=1)

    uses: Mapped[list[BookingUse]] = relationship(lazy="raise")


class BookingUse(Base):
    """How much of one capacity kind a booking uses in its slot."""

    __tablename__ = "booking_use"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[CapacityKind] = mapped_column(enum_type(CapacityKind), primary_key=True)
    amount: Mapped[int]


class Hold(Base):
    """A short reservation of one slot while an adviser asks; it ends by itself."""

    __tablename__ = "hold"
    __table_args__ = (
        Index(
            "uq_hold_live_need_slot",
            "need_id",
            "slot_id",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
        Index("ix_hold_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    state: Mapped[HoldState] = mapped_column(enum_type(HoldState), default=HoldState.live)
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    uses: Mapped[list[HoldUse]] = relationship(lazy="raise")


class HoldUse(Base):
    """How much of one capacity kind a hold sets aside."""

    __tablename__ = "hold_use"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[CapacityKind] = mapped_column(enum_type(CapacityKind), primary_key=True)
    amount: Mapped[int]


class WaitlistEntry(Base):
    """A need that waits for a service; order comes from the published rule, never from this row's id."""

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        Index(
            "uq_waitlist_entry_waiting",
            "need_id",
            "service_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_waitlist_entry_service_state", "service_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    state: Mapped[WaitlistState] = mapped_column(enum_type(WaitlistState), default=WaitlistState.waiting)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
