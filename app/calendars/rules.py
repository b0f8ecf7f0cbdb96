"""Which timetable runs on a date: pure, from published years, terms and closures; it never guesses an unpublished year.

Source of the rules: domain-rules, Calendar. Each service has a calendar class; a swapped workday runs the timetable of
a stated weekday, for schools only in term.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from app.models.enums import CalendarClass, DayKind, SchoolPeriod, YearState

SATURDAY = 5
WORKING_DAYS_SEARCHED = 60
"""The longest run of days off is under two weeks; a search that goes on for longer has no calendar to read."""


class DayWord(StrEnum):
    """What can be said of a date for one calendar class."""

    runs = "runs"
    no_service = "no_service"
    ask_the_school = "ask_the_school"
    not_published = "not_published"


class DayReason(StrEnum):
    """Why nothing runs, or why nobody can say."""

    none = "none"
    holiday = "holiday"
    weekend = "weekend"
    school_holidays = "school_holidays"
    school_term = "school_term"
    outside_term_and_holidays = "outside_term_and_holidays"
    weekday_not_stated = "weekday_not_stated"
    year_not_published = "year_not_published"


@dataclass(frozen=True)
class DayState:
    """What runs on a date; `weekday` (0 = Monday) is whose timetable, and None unless `word` is `runs`."""

    word: DayWord
    weekday: int | None = None
    reason: DayReason = DayReason.none


@dataclass(frozen=True)
class SpecialDay:
    """A holiday or swapped workday of a published year."""

    kind: DayKind
    runs_as_weekday: int | None = None


@dataclass(frozen=True)
class Period:
    """A school term or holidays, first to last day."""

    kind: SchoolPeriod
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class ClosedDays:
    """Days on which a site (or one service of it, if named) is closed."""

    site_id: int
    service_id: int | None
    starts_on: date
    ends_on: date
    reason: str = ""


@dataclass(frozen=True)
class Calendar:
    """Everything known about days; built by `calendars.queries.load_calendar`."""

    years: dict[int, YearState] = field(default_factory=dict)
    days: dict[date, SpecialDay] = field(default_factory=dict)
    periods: tuple[Period, ...] = ()
    closures: tuple[ClosedDays, ...] = ()

    def is_published(self, on: date) -> bool:
        """Return whether the year of a date has been published."""
        return self.years.get(on.year) is YearState.published

    def find_day(self, calendar_class: CalendarClass, on: date) -> DayState:
        """Return what runs on a date for a calendar class; closures of a site are asked separately."""
        if not self.is_published(on):
            return DayState(DayWord.not_published, reason=DayReason.year_not_published)
        if calendar_class is CalendarClass.every_day:
            return DayState(DayWord.runs, on.weekday())
        day = self._find_workday(on)
        if calendar_class is CalendarClass.workdays or day.reason in {DayReason.holiday, DayReason.weekend}:
            return day
        return self._find_school_day(calendar_class, on, day)

    def find_weekday(self, calendar_class: CalendarClass, on: date) -> int | None:
        """Return whose timetable runs (0 = Monday), or None where nothing runs or nobody can say."""
        return self.find_day(calendar_class, on).weekday

    def list_possible_weekdays(self, calendar_class: CalendarClass, on: date) -> list[int]:
        """Return whose timetables may run on a date: the one that does, or in an unpublished year all that could.

        A weekend may yet become a working day with any timetable of Monday to Friday.
        """
        if self.is_published(on):
            weekday = self.find_weekday(calendar_class, on)
            return [] if weekday is None else [weekday]
        if calendar_class is CalendarClass.every_day or on.weekday() < SATURDAY:
            return [on.weekday()]
        return list(range(SATURDAY))

    def find_closure(self, site_id: int, service_id: int, on: date) -> ClosedDays | None:
        """Return the closure that shuts this service on a date, if there is one."""
        for closed in self.closures:
            is_meant = closed.site_id == site_id and closed.service_id in {None, service_id}
            if is_meant and closed.starts_on <= on <= closed.ends_on:
                return closed
        return None

    def is_working_day(self, on: date) -> bool:
        """Return whether offices work on a date; in an unpublished year Monday to Friday count.

        That assumption serves deadlines only, which must end some day; whether a service runs is never assumed.
        """
        if not self.is_published(on):
            return on.weekday() < SATURDAY
        special = self.days.get(on)
        return on.weekday() < SATURDAY if special is None else special.kind is DayKind.swapped_workday

    def add_working_days(self, on: date, count: int) -> date:
        """Return the working day `count` working days after a date (before it, if negative).

        Zero gives the date itself, working day or not.
        """
        step = timedelta(days=1 if count >= 0 else -1)
        found = on
        for _ in range(abs(count)):
            found = self._next_working_day(found, step)
        return found

    def _next_working_day(self, on: date, step: timedelta) -> date:
        for _ in range(WORKING_DAYS_SEARCHED):
            on += step
            if self.is_working_day(on):
                return on
        raise ValueError(
            f"no working day within {WORKING_DAYS_SEARCHED} days of {on}: check the calendar's days"
        )

    def _find_workday(self, on: date) -> DayState:
        special = self.days.get(on)
        if special is None:
            if on.weekday() >= SATURDAY:
                return DayState(DayWord.no_service, reason=DayReason.weekend)
            return DayState(DayWord.runs, on.weekday())
        if special.kind is DayKind.holiday:
            return DayState(DayWord.no_service, reason=DayReason.holiday)
        if special.runs_as_weekday is None:
            # A Saturday has no timetable of its own, and which one it borrows is stated or unknown.
            return DayState(DayWord.ask_the_school, reason=DayReason.weekday_not_stated)
        return DayState(DayWord.runs, special.runs_as_weekday)

    def _find_school_day(self, calendar_class: CalendarClass, on: date, workday: DayState) -> DayState:
        period = next((p.kind for p in self.periods if p.starts_on <= on <= p.ends_on), None)
        if period is None:
            return DayState(DayWord.ask_the_school, reason=DayReason.outside_term_and_holidays)
        is_wanted = (period is SchoolPeriod.term) == (calendar_class is CalendarClass.school_days)
        if is_wanted:
            return workday
        reason = DayReason.school_term if period is SchoolPeriod.term else DayReason.school_holidays
        return DayState(DayWord.no_service, reason=reason)
