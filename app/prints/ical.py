"""A person's placements and bookings as an iCal file (RFC 5545): one event a stay on its real dates, holidays left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.clock import to_local
from app.prints.texts import to_line


@dataclass(frozen=True)
class Stay:
    """One dated stay; the summary holds no health data and no surname."""

    uid: str
    summary: str
    place: str
    starts_at: datetime
    ends_at: datetime
    is_sure: bool


def make_ical(stays: Iterable[Stay], made_at: datetime) -> bytes:
    """Return the file; the same stay keeps its uid, so that a second import replaces the first."""
    from icalendar import Calendar, Event  # noqa: PLC0415 - loads time zones and parsers; few requests ask for it

    calendar = Calendar()
    calendar.add("prodid", "-//CareMatch//Wuliqiao//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for stay in stays:
        event = Event()
        event.add("uid", stay.uid)
        event.add("dtstamp", made_at)
        event.add("dtstart", to_local(stay.starts_at))
        event.add("dtend", to_local(stay.ends_at))
        event.add("summary", to_line(stay.summary))
        event.add("location", to_line(stay.place))
        event.add("status", "CONFIRMED" if stay.is_sure else "TENTATIVE")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
