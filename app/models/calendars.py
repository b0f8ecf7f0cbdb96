"""Which days count: holidays and swapped workdays by published year, school terms, closures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import DayKind, SchoolPeriod, YearState


class CalendarYear(Base):
    """A year whose calendar is, or is not yet, published; a date in an unpublished year is never guessed."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[YearState] = mapped_column(enum_type(YearState))
    source: Mapped[str] = mapped_column(String(200), default="")


class CalendarDay(Base):
    """A holiday or a swapped workday; `runs_as_weekday` says whose timetable a swapped workday runs."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("runs_as_weekday BETWEEN 0 AND 6", name="weekday_exists"),)

    on_date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(enum_type(DayKind))
    runs_as_weekday: Mapped[int | None]
    name_zh: Mapped[str] = mapped_column(String(40), default="")


class SchoolTerm(Base):
    """A school term, or the holidays between two, first to last day; a day in neither is for the school to say."""

    __tablename__ = "school_term"
    __table_args__ = (CheckConstraint("starts_on < ends_on", name="starts_before_end"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    kind: Mapped[SchoolPeriod] = mapped_column(enum_type(SchoolPeriod), default=SchoolPeriod.term)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(200), default="")


class Closure(Base):
    """Days on which a site, or one service of it, is closed."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="starts_before_end"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120), default="")
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """It closes nothing any more. The row stays, so that last month's workbook does not close the days again."""
