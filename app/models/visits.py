"""The order of a carer's half-day as staff keep it; who is visited comes from placements and bookings, never from here."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class VisitStop(Base):
    """The place of one need's visit in the run sheet of one half-day, from 1."""

    __tablename__ = "visit_stop"
    __table_args__ = (CheckConstraint("position >= 1", name="position_from_one"),)

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True, index=True)
    position: Mapped[int]
