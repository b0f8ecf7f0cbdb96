"""Reference data: the days off of published years and the school periods, each with its source.

Whose timetable a swapped workday runs is stated by each school or provider; the weekday given here is the one it was
swapped with, a default (K) that an office may change in the table.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CalendarDay, CalendarYear, SchoolTerm
from app.models.enums import DayKind, SchoolPeriod, YearState

YEARS = {
    2025: (YearState.published, "国务院办公厅关于2025年部分节假日安排的通知"),
    2026: (YearState.published, "国务院办公厅关于2026年部分节假日安排的通知"),
    2027: (YearState.not_published, "通常于上一年11月公布"),
}

HOLIDAYS = (
    ("元旦", date(2025, 1, 1), date(2025, 1, 1)),
    ("春节", date(2025, 1, 28), date(2025, 2, 4)),
    ("清明节", date(2025, 4, 4), date(2025, 4, 6)),
    ("劳动节", date(2025, 5, 1), date(2025, 5, 5)),
    ("端午节", date(2025, 5, 31), date(2025, 6, 2)),
    ("国庆节、中秋节", date(2025, 10, 1), date(2025, 10, 8)),
    ("元旦", date(2026, 1, 1), date(2026, 1, 3)),
    ("春节", date(2026, 2, 15), date(2026, 2, 23)),
    ("清明节", date(2026, 4, 4), date(2026, 4, 6)),
    ("劳动节", date(2026, 5, 1), date(2026, 5, 5)),
    ("端午节", date(2026, 6, 19), date(2026, 6, 21)),
    ("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
    ("国庆节", date(2026, 10, 1), date(2026, 10, 7)),
)
"""Name, first and last day off."""

MON, TUE, WED, THU, FRI = range(5)

SWAPPED_WORKDAYS = (
    (date(2025, 1, 26), MON),  # for 3 February
    (date(2025, 2, 8), TUE),  # for 4 February
    (date(2025, 4, 27), MON),  # for 5 May
    (date(2025, 9, 28), TUE),  # for 7 October
    (date(2025, 10, 11), WED),  # for 8 October
    (date(2026, 1, 4), FRI),  # for 2 January
    (date(2026, 2, 14), FRI),  # for 20 February
    (date(2026, 2, 28), MON),  # for 23 February
    (date(2026, 5, 9), TUE),  # for 5 May
    (date(2026, 9, 20), TUE),  # for 6 October
    (date(2026, 10, 10), WED),  # for 7 October
)
"""Date and the weekday whose timetable it runs."""


class _SchoolPeriod(NamedTuple):
    code: str
    name_zh: str
    kind: SchoolPeriod
    starts_on: date
    ends_on: date
    source: str


_GENERAL = "默认值，以上海市教委校历为准"
SCHOOL_PERIODS = (
    _SchoolPeriod(
        "SH-2025-1", "2025学年第一学期", SchoolPeriod.term, date(2025, 9, 1), date(2026, 1, 30), _GENERAL
    ),
    _SchoolPeriod(
        "SH-2025-W",
        "2026年寒假",
        SchoolPeriod.holidays,
        date(2026, 2, 2),
        date(2026, 2, 27),
        "上海市校历（转载）",
    ),
    _SchoolPeriod(
        "SH-2025-2",
        "2025学年第二学期",
        SchoolPeriod.term,
        date(2026, 3, 2),
        date(2026, 6, 30),
        "上海市校历（转载）",
    ),
    _SchoolPeriod(
        "SH-2025-S", "2026年暑假", SchoolPeriod.holidays, date(2026, 7, 1), date(2026, 8, 31), _GENERAL
    ),
    _SchoolPeriod(
        "SH-2026-1", "2026学年第一学期", SchoolPeriod.term, date(2026, 9, 1), date(2027, 1, 22), _GENERAL
    ),
    _SchoolPeriod(
        "SH-2026-W", "2027年寒假", SchoolPeriod.holidays, date(2027, 1, 25), date(2027, 2, 19), _GENERAL
    ),
    _SchoolPeriod(
        "SH-2026-2", "2026学年第二学期", SchoolPeriod.term, date(2027, 2, 22), date(2027, 6, 30), _GENERAL
    ),
)


def load_reference(session: Session) -> int:
    """Add what is missing of the reference data and return how many rows that was; what is there stays as it is."""
    known_years = set(session.scalars(select(CalendarYear.year)))
    known_days = set(session.scalars(select(CalendarDay.on_date)))
    known_periods = set(session.scalars(select(SchoolTerm.code)))
    rows: list[CalendarYear | CalendarDay | SchoolTerm] = [
        CalendarYear(year=year, state=state, source=source)
        for year, (state, source) in YEARS.items()
        if year not in known_years
    ]
    rows += [
        row for row in _list_days() if row.on_date not in known_days and row.on_date.year not in known_years
    ]
    rows += [SchoolTerm(**period._asdict()) for period in SCHOOL_PERIODS if period.code not in known_periods]
    session.add_all(rows)
    session.flush()
    return len(rows)


def _list_days() -> list[CalendarDay]:
    days = [
        CalendarDay(on_date=first + timedelta(days=i), kind=DayKind.holiday, name_zh=name)
        for name, first, last in HOLIDAYS
        for i in range((last - first).days + 1)
    ]
    days += [
        CalendarDay(on_date=on, kind=DayKind.swapped_workday, runs_as_weekday=weekday, name_zh="调休上班")
        for on, weekday in SWAPPED_WORKDAYS
    ]
    return days
