"""What can be booked: weekly templates, dated slots, and per capacity kind how much there is and is taken."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import CapacityKind, Part, SlotState


class SlotTemplate(Base):
    """One cell of a class's week: weekday and part of the day."""

    __tablename__ = "slot_template"
    __table_args__ = (
        UniqueConstraint("class_id", "weekday", "part", "valid_from"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_exists"),
        CheckConstraint("starts_at_local < ends_at_local", name="starts_before_end"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("care_class.id"))
    weekday: Mapped[int]
    """0 = Monday."""
    part: Mapped[Part] = mapped_column(enum_type(Part))
    starts_at_local: Mapped[time]
    ends_at_local: Mapped[time]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    capacities: Mapped[list[SlotTemplateCapacity]] = relationship(lazy="raise")


class SlotTemplateCapacity(Base):
    """How much of one kind a template offers."""

    __tablename__ = "slot_template_capacity"
    __table_args__ = (CheckConstraint("capacity >= 0", name="capacity_not_negative"),)

    template_id: Mapped[int] = mapped_column(ForeignKey("slot_template.id"), primary_key=True)
    kind: Mapped[CapacityKind] = mapped_column(enum_type(CapacityKind), primary_key=True)
    capacity: Mapped[int]


class Slot(Base):
    """One dated occurrence that can be booked (FHIR Slot)."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("template_id", "occurs_on"),
        Index("ix_slot_class_occurs_on", "class_id", "occurs_on"),
        Index("ix_slot_occurs_on", "occurs_on"),
        CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        CheckConstraint("NOT by_closure OR state = 'closed'", name="a_closure_shuts"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("slot_template.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("care_class.id"))
    occurs_on: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[SlotState] = mapped_column(enum_type(SlotState), default=SlotState.open)
    by_closure: Mapped[bool] = mapped_column(default=False)
    """Shut by a closure, so that the end of the closure opens it; what the office shut by itself stays shut."""

    capacities: Mapped[list[SlotCapacity]] = relationship(lazy="raise")


class SlotCapacity(Base):
    """Capacity and taken of one kind; `taken` has one owner (app/ledger), everybody else asks it.

    `overfull` is what a first import brought in above the capacity: it only shrinks, so that the CHECK
    holds against everything the program itself does.
    """

    __tablename__ = "slot_capacity"
    __table_args__ = (
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("overfull >= 0", name="overfull_not_negative"),
        CheckConstraint("taken <= capacity + overfull", name="taken_within_capacity"),
    )

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[CapacityKind] = mapped_column(enum_type(CapacityKind), primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    overfull: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(120), default="")
