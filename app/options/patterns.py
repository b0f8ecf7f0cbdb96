"""Which cells of the week a wish covers, and whether a class has them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from app.calendars.rules import Calendar, DayWord
from app.models.enums import Part, Reason, ServiceKind, WishPart
from app.options.facts import CareClass, Pattern, Refusal, Service

PARTS: Final[Mapping[WishPart, tuple[Part, ...]]] = {
    WishPart.full_day: (Part.morning, Part.afternoon),
    WishPart.morning: (Part.morning,),
    WishPart.afternoon: (Part.afternoon,),
    WishPart.lunch: (Part.lunch,),
    WishPart.dinner: (Part.dinner,),
    WishPart.wave_1630: (Part.wave_1630,),
    WishPart.wave_1700: (Part.wave_1630, Part.wave_1700),
    WishPart.wave_1800: (Part.wave_1630, Part.wave_1700, Part.wave_1800),
    WishPart.sitting: (Part.sitting,),
}
"""A later exit wave sits through the earlier ones too."""


def list_variants(kind: ServiceKind, pattern: Pattern) -> Iterator[Pattern]:
    """Give the patterns that fulfil an accepted one: a home visit 'any time of day' is a morning or an afternoon."""
    if kind is ServiceKind.home_visit and pattern.part is WishPart.full_day:
        yield replace(pattern, part=WishPart.morning)
        yield replace(pattern, part=WishPart.afternoon)
    else:
        yield pattern


def check_days(
    service: Service, care_class: CareClass, pattern: Pattern, first: date, calendar: Calendar
) -> Pattern | Refusal:
    """Return the pattern with its weekday filled in (a date runs as some weekday), or why the class does not run then."""
    if pattern.occurs_on is not None:
        day = calendar.find_day(service.calendar_class, pattern.occurs_on)
        if day.word is DayWord.not_published:
            return Refusal(Reason.calendar_not_published, {"year": pattern.occurs_on.year})
        if day.weekday is None or service.is_closed(pattern.occurs_on):
            return Refusal(Reason.closed, {"on": pattern.occurs_on.isoformat()})
        pattern = replace(pattern, weekdays=1 << day.weekday)
    missing = [
        f"{weekday + 1}/{part.value}"
        for weekday in pattern.days
        for part in PARTS[pattern.part]
        if not any(
            cell.valid_to is None or cell.valid_to >= first
            for cell in care_class.cells.get((weekday, part), ())
        )
    ]
    if missing or not pattern.weekdays:
        return Refusal(Reason.not_on_these_days, {"missing": missing})
    return pattern
