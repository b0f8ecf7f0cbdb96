"""Loads one day of the services that an actor runs, once for all parts of a page; counts and lights, no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.actor import Actor
from app.attendance.queries import list_roll_services, list_stays, load_marks, load_staffing
from app.attendance.rules import THERE, Marked, Ratio, Stay, weigh_ratio
from app.calendars.queries import load_calendar
from app.calendars.rules import Calendar, DayState
from app.db import ReadSession
from app.models import Service, Staffing
from app.models.enums import Part, RollMark
from app.policies.queries import load_policies


@dataclass(frozen=True)
class Day:
    """What is expected and ticked on one date at some services."""

    on: date
    now: datetime
    services: Sequence[Service]
    stays: Sequence[Stay]
    marks: Mapping[tuple[int, int], Marked]
    staffing: Mapping[tuple[int, Part], Staffing]
    ratios: Mapping[str, Any]
    calendar: Calendar

    @property
    def is_today(self) -> bool:
        """Whether the date is the day of `now`."""
        return self.on == self.now.date()

    def mark_of(self, stay: Stay) -> RollMark | None:
        """Return what the roll says of a stay; None: expected."""
        marked = self.marks.get(stay.key)
        return None if marked is None else marked.mark

    def is_away(self, stay: Stay) -> bool:
        """Whether somebody said that the person will not come, and the person has not come all the same."""
        mark = self.mark_of(stay)
        return mark is RollMark.absent or (stay.excused is not None and mark not in THERE)

    def list_parts(self, service: Service) -> list[Part]:
        """Return the parts of the day in which anybody is expected at a service, in the order of the day."""
        found = {part for stay in self.stays if stay.service_id == service.id for part in stay.parts}
        return [part for part in Part if part in found]

    def weigh(self, service: Service, part: Part) -> Ratio:
        """Return adults against children in one part of the day."""
        inside = [
            stay
            for stay in self.stays
            if stay.service_id == service.id and part in stay.parts and not self.is_away(stay)
        ]
        there = sum(self.mark_of(stay) is RollMark.present for stay in inside)
        expected = sum(self.mark_of(stay) is not RollMark.handed_over for stay in inside)
        row = self.staffing.get((service.id, part))
        staff, volunteers = (0, 0) if row is None else (row.staff, row.volunteers)
        return weigh_ratio(expected, there, staff, volunteers, self.ratios[service.kind.value])

    def find_state(self, service: Service) -> DayState:
        """Return whether a service runs on the date, and whose timetable."""
        return self.calendar.find_day(service.calendar_class, self.on)

    def count(self, stays: Sequence[Stay]) -> dict[str, int]:
        """Return how many of some stays are expected, there, away, handed over and still to come."""
        marks = [self.mark_of(stay) for stay in stays]
        away = sum(self.is_away(stay) for stay in stays)
        there = marks.count(RollMark.present)
        gone = marks.count(RollMark.handed_over)
        return {
            "expected": len(stays) - away,
            "there": there,
            "away": away,
            "gone": gone,
            "open": len(stays) - away - there - gone,
        }


def load_day(
    session: ReadSession, actor: Actor, on: date, now: datetime, *, site_id: int | None = None
) -> Day:
    """Load a day of the actor's sites, or of one of them; `now` is on the office's clock."""
    services = [
        row for row in list_roll_services(session, actor) if site_id is None or row.site_id == site_id
    ]
    ids = [row.id for row in services]
    stays = list_stays(session, ids, on)
    return Day(
        on=on,
        now=now,
        services=services,
        stays=stays,
        marks=load_marks(session, {stay.slot_id for stay in stays}),
        staffing=load_staffing(session, ids, on),
        ratios=load_policies(session, on).get("staff_ratio"),
        calendar=load_calendar(session),
    )
