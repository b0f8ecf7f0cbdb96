"""Reads the calendar: published years, their days, school periods, closures."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calendars.rules import Calendar, ClosedDays, Period, SpecialDay
from app.models import CalendarDay, CalendarYear, Closure, SchoolTerm
from app.reference import keep


def load_calendar(session: Session) -> Calendar:
    """Return everything known about days (a few hundred rows: read whole, asked often)."""
    return keep(session, "calendar", lambda: _load(session))


def _load(session: Session) -> Calendar:
    years = session.scalars(select(CalendarYear))
    days = session.execute(select(CalendarDay.on_date, CalendarDay.kind, CalendarDay.runs_as_weekday))
    periods = session.execute(
        select(SchoolTerm.kind, SchoolTerm.starts_on, SchoolTerm.ends_on).order_by(SchoolTerm.starts_on)
    )
    closures = session.execute(
        select(Closure.site_id, Closure.service_id, Closure.starts_on, Closure.ends_on, Closure.reason)
        .where(Closure.taken_back_at.is_(None))
        .order_by(Closure.starts_on, Closure.code)
    )
    return Calendar(
        years={row.year: row.state for row in years},
        days={on: SpecialDay(kind, weekday) for on, kind, weekday in days},
        periods=tuple(Period(*row) for row in periods),
        closures=tuple(ClosedDays(*row) for row in closures),
    )
