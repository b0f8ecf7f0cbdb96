"""The stamp by which a process knows that the policies, calendar, services and maps it keeps are still in force."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class ReferenceStamp(Base):
    """One row, never equal to an earlier one: triggers draw it anew with every change of a reference table."""

    __tablename__ = "reference_stamp"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stamp: Mapped[str] = mapped_column(String(36))
