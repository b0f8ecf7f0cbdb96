"""Meals that nobody ordered: who came to eat in. Standing and dated orders are placements and bookings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime


class WalkIn(Base):
    """One guest who ate in, ticked at the door; takes a seat, and a meal unless it was one that somebody left."""

    __tablename__ = "walk_in"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    ticked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    from_spare: Mapped[bool] = mapped_column(default=False)
    """The meal was ordered by somebody who said too late that they would not come: it is cooked and taken already."""
