"""The day itself: who was there, who is in charge of how many, who is missing and what is done about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import AlarmKind, AlarmOutcome, AlarmState, Part, RollMark, TaskKind
from app.sealed import HasSealedFields, Sealed


class Attendance(Base):
    """What the last tick by time says of one person's stay; the slot is the one in which the stay begins."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("slot_id", "person_id"),
        Index("ix_attendance_person_id", "person_id"),
        CheckConstraint(
            "(mark = 'handed_over') = (handed_to_id IS NOT NULL)", name="handed_over_to_somebody"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mark: Mapped[RollMark] = mapped_column(enum_type(RollMark))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was seen, by the clock of whoever ticked; never later than the server's."""
    tick_id: Mapped[str] = mapped_column(String(36))
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_authorisation.id"))


class RollTick(Base):
    """One tick as it came in; its id is made by the page, so that the same tick sent twice is one."""

    __tablename__ = "roll_tick"
    __table_args__ = (Index("ix_roll_tick_slot_person", "slot_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tick_id: Mapped[str] = mapped_column(String(36), unique=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mark: Mapped[RollMark] = mapped_column(enum_type(RollMark))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_authorisation.id"))


class Staffing(Base):
    """How many adults look after one part of a service's day: as a rule, or (with a date) on one day."""

    __tablename__ = "staffing"
    __table_args__ = (
        UniqueConstraint("service_id", "part", "on_date"),
        Index(
            "uq_staffing_usual",
            "service_id",
            "part",
            unique=True,
            sqlite_where=text("on_date IS NULL"),
            postgresql_where=text("on_date IS NULL"),
        ),
        CheckConstraint("staff >= 0 AND volunteers >= 0", name="nobody_is_less_than_none"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    part: Mapped[Part] = mapped_column(enum_type(Part))
    on_date: Mapped[date | None]
    """None: as a rule."""
    staff: Mapped[int]
    volunteers: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class Alarm(HasSealedFields, Base):
    """Somebody expected is not there (or not fetched, or does not answer); it ends with an outcome, never by itself."""

    __tablename__ = "alarm"
    __table_args__ = (
        UniqueConstraint("slot_id", "person_id", "kind"),
        Index(
            "uq_alarm_whole_roll",
            "slot_id",
            "kind",
            unique=True,
            sqlite_where=text("person_id IS NULL"),
            postgresql_where=text("person_id IS NULL"),
        ),
        Index("ix_alarm_state", "state"),
        Index("ix_alarm_person_id", "person_id"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_has_an_outcome"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_an_instant"),
        CheckConstraint("(kind = 'roll') = (person_id IS NULL)", name="a_roll_is_of_nobody"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[AlarmKind] = mapped_column(enum_type(AlarmKind))
    state: Mapped[AlarmState] = mapped_column(enum_type(AlarmState))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Until when the present step has to be done."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    outcome: Mapped[AlarmOutcome | None] = mapped_column(enum_type(AlarmOutcome))
    note_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    version: Mapped[int] = mapped_column(default=1)

    note = Sealed("note_box")


class AlarmStep(HasSealedFields, Base):
    """One thing done about an alarm: at which step, by whom, when; the alarm then stands at the next."""

    __tablename__ = "alarm_step"
    __table_args__ = (Index("ix_alarm_step_alarm_id", "alarm_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id", ondelete="CASCADE"))
    state: Mapped[AlarmState] = mapped_column(enum_type(AlarmState))
    """The step that was tried without an answer."""
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    note_box: Mapped[bytes | None] = mapped_column(LargeBinary)

    note = Sealed("note_box")


class Task(Base):
    """Something that an adviser has to look into; raised by a rule, closed by a person."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_person_id", "person_id"), Index("ix_task_done_at", "done_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    """What raised it, so that the same cause raises it once."""
    kind: Mapped[TaskKind] = mapped_column(enum_type(TaskKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Figures only; never a name or a note."""
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
