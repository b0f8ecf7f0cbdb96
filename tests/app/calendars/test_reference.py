"""Reference data load once, and leave alone what an office changed."""

from __future__ import annotations

from datetime import date

from app.calendars.queries import load_calendar
from app.calendars.reference import load_reference
from app.calendars.rules import DayWord
from app.db import WriteSession
from app.models import CalendarDay, CalendarYear
from app.models.enums import CalendarClass, YearState


def test_reference_loads_once(session: WriteSession) -> None:
    assert load_reference(session) > 50
    assert load_reference(session) == 0


def test_loaded_calendar_tells_days(session: WriteSession) -> None:
    load_reference(session)
    calendar = load_calendar(session)
    assert calendar.find_weekday(CalendarClass.workdays, date(2026, 2, 28)) == 0
    assert calendar.find_day(CalendarClass.every_day, date(2027, 1, 1)).word is DayWord.not_published


def test_what_an_office_changed_stays(session: WriteSession) -> None:
    load_reference(session)
    day = session.get_one(CalendarDay, date(2026, 10, 10))
    day.runs_as_weekday = 0
    session.get_one(CalendarYear, 2027).state = YearState.published
    session.flush()
    load_reference(session)
    calendar = load_calendar(session)
    assert calendar.find_weekday(CalendarClass.school_days, date(2026, 10, 10)) == 0
    assert calendar.is_published(date(2027, 1, 1))
