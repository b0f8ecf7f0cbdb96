"""The calendar's cases a domain expert will try, and the reference data against an independent library."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from app.calendars.reference import HOLIDAYS, SCHOOL_PERIODS, SWAPPED_WORKDAYS, YEARS
from app.calendars.rules import Calendar, ClosedDays, DayReason, DayWord, Period, SpecialDay
from app.models.enums import CalendarClass, DayKind, YearState


def make_calendar(closures: tuple[ClosedDays, ...] = ()) -> Calendar:
    days = {
        first + timedelta(days=i): SpecialDay(DayKind.holiday)
        for _name, first, last in HOLIDAYS
        for i in range((last - first).days + 1)
    }
    days |= {on: SpecialDay(DayKind.swapped_workday, weekday) for on, weekday in SWAPPED_WORKDAYS}
    return Calendar(
        years={year: state for year, (state, _) in YEARS.items()},
        days=days,
        periods=tuple(Period(p.kind, p.starts_on, p.ends_on) for p in SCHOOL_PERIODS),
        closures=closures,
    )


CALENDAR = make_calendar()


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_agrees_with_an_independent_calendar(year: int) -> None:
    on = date(year, 1, 1)
    while on.year == year:
        state = CALENDAR.find_day(CalendarClass.workdays, on)
        assert (state.word is DayWord.runs) == chinese_calendar.is_workday(on), on
        on += timedelta(days=1)


def test_swapped_workday_runs_as_the_day_off_it_was_swapped_with() -> None:
    in_lieu = chinese_calendar.constants.in_lieu_days
    for year in (2025, 2026):
        given = sorted(weekday for on, weekday in SWAPPED_WORKDAYS if on.year == year)
        assert given == sorted(on.weekday() for on in in_lieu if on.year == year)


@pytest.mark.parametrize(
    ("on", "calendar_class", "word", "weekday", "reason"),
    [
        # 14 February 2026: a swapped Saturday, but winter break; a holiday class may run.
        (date(2026, 2, 14), CalendarClass.school_days, DayWord.no_service, None, DayReason.school_holidays),
        (date(2026, 2, 14), CalendarClass.school_holidays, DayWord.runs, 4, DayReason.none),
        (date(2026, 2, 14), CalendarClass.workdays, DayWord.runs, 4, DayReason.none),
        # 28 February 2026: a workday outside both term and break.
        (
            date(2026, 2, 28),
            CalendarClass.school_days,
            DayWord.ask_the_school,
            None,
            DayReason.outside_term_and_holidays,
        ),
        (
            date(2026, 2, 28),
            CalendarClass.school_holidays,
            DayWord.ask_the_school,
            None,
            DayReason.outside_term_and_holidays,
        ),
        (date(2026, 3, 1), CalendarClass.school_days, DayWord.no_service, None, DayReason.weekend),
        (date(2026, 3, 2), CalendarClass.school_days, DayWord.runs, 0, DayReason.none),
        # A swapped Saturday in term runs as the stated weekday.
        (date(2026, 5, 9), CalendarClass.school_days, DayWord.runs, 1, DayReason.none),
        (date(2026, 5, 9), CalendarClass.school_holidays, DayWord.no_service, None, DayReason.school_term),
        # The canteen on Sunday 4 January 2026, and at Spring Festival.
        (date(2026, 1, 4), CalendarClass.every_day, DayWord.runs, 6, DayReason.none),
        (date(2026, 2, 17), CalendarClass.every_day, DayWord.runs, 1, DayReason.none),
        (date(2026, 2, 17), CalendarClass.workdays, DayWord.no_service, None, DayReason.holiday),
        (date(2026, 2, 17), CalendarClass.school_holidays, DayWord.no_service, None, DayReason.holiday),
        (date(2026, 11, 28), CalendarClass.workdays, DayWord.no_service, None, DayReason.weekend),
        *[
            (date(2027, 1, 4), each, DayWord.not_published, None, DayReason.year_not_published)
            for each in CalendarClass
        ],
        (
            date(2031, 1, 6),
            CalendarClass.every_day,
            DayWord.not_published,
            None,
            DayReason.year_not_published,
        ),
    ],
)
def test_day_is_told(
    on: date, calendar_class: CalendarClass, word: DayWord, weekday: int | None, reason: DayReason
) -> None:
    state = CALENDAR.find_day(calendar_class, on)
    assert (state.word, state.weekday, state.reason) == (word, weekday, reason)
    assert CALENDAR.find_weekday(calendar_class, on) == weekday


def test_swapped_workday_without_a_stated_weekday_is_asked_not_guessed() -> None:
    on = date(2026, 5, 9)
    calendar = Calendar(years={2026: YearState.published}, days={on: SpecialDay(DayKind.swapped_workday)})
    state = calendar.find_day(CalendarClass.workdays, on)
    assert (state.word, state.reason) == (DayWord.ask_the_school, DayReason.weekday_not_stated)


@pytest.mark.parametrize(
    ("on", "count", "expected"),
    [
        (date(2026, 11, 23), 3, date(2026, 11, 26)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 9, 30), 2, date(2026, 10, 9)),  # over the National Day holiday
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a swapped Saturday works
        (date(2026, 11, 23), -1, date(2026, 11, 20)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (
            date(2026, 12, 31),
            2,
            date(2027, 1, 4),
        ),  # an unpublished year: Monday to Friday, for deadlines only
    ],
)
def test_working_days_are_counted(on: date, count: int, expected: date) -> None:
    assert CALENDAR.add_working_days(on, count) == expected


def test_closure_shuts_a_whole_site_or_one_service() -> None:
    calendar = make_calendar(
        (
            ClosedDays(1, None, date(2026, 12, 1), date(2026, 12, 2), "检修"),
            ClosedDays(2, 7, date(2026, 12, 1), date(2026, 12, 1)),
        )
    )
    closed = calendar.find_closure(1, 5, date(2026, 12, 2))
    assert closed is not None
    assert closed.reason == "检修"
    assert calendar.find_closure(1, 5, date(2026, 12, 3)) is None
    assert calendar.find_closure(2, 7, date(2026, 12, 1)) is not None
    assert calendar.find_closure(2, 8, date(2026, 12, 1)) is None
