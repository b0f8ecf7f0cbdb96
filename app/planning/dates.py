"""On which dates of the window a cell of the week runs: calendar, closures, closed slots. Pure, cached per night."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from app.calendars.rules import Calendar
from app.models.enums import CalendarClass
from app.options.facts import Cell, Service


class RunningDates:
    """Answers on which dates a cell runs, from `first` to `last`; a year not published runs on no date."""

    def __init__(
        self, calendar: Calendar, first: date, last: date, closed_slots: frozenset[tuple[int, date]]
    ) -> None:
        self._calendar, self._closed = calendar, closed_slots
        self.days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        self._by_class: dict[CalendarClass, Mapping[int, list[date]]] = {}

    def list_dates(self, service: Service, cell: Cell, first: date) -> list[date]:
        """Return the dates from `first` on which the cell's timetable runs and nothing is closed."""
        return [
            on
            for on in self._by_weekday(service.calendar_class).get(cell.weekday, ())
            if on >= first
            and cell.is_valid(on)
            and not service.is_closed(on)
            and (cell.id, on) not in self._closed
        ]

    def _by_weekday(self, calendar_class: CalendarClass) -> Mapping[int, list[date]]:
        if calendar_class not in self._by_class:
            found: dict[int, list[date]] = {}
            for on in self.days:
                weekday = self._calendar.find_weekday(calendar_class, on)
                if weekday is not None:
                    found.setdefault(weekday, []).append(on)
            self._by_class[calendar_class] = found
        return self._by_class[calendar_class]
