"""What happens around a place: consultations at the desk, unmet needs that rise."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import EscalationLevel
from app.sealed import HasSealedFields, Sealed


class Consultation(HasSealedFields, Base):
    """What a walk-in asked, was told and agreed; `follow_up_on` fills the desk's morning list."""

    __tablename__ = "consultation"
    __table_args__ = (Index("ix_consultation_follow_up_on", "follow_up_on"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    adviser_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    told_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    agreed_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    follow_up_on: Mapped[date | None]
    followed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    asked = Sealed("asked_box")
    told = Sealed("told_box")
    agreed = Sealed("agreed_box")


class Escalation(Base):
    """An unmet need on the list of a level of the platform, with owner, due date and required outcome."""

    __tablename__ = "escalation"
    __table_args__ = (Index("uq_escalation_need_level", "need_id", "level", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    level: Mapped[EscalationLevel] = mapped_column(enum_type(EscalationLevel))
    raised_on: Mapped[date]
    due_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    outcome: Mapped[str] = mapped_column(String(200), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
