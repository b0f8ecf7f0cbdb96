"""Which patterns a need may have. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.models.enums import NeedRhythm, ServiceKind, WishPart
from app.needs.errors import PartDoesNotFit, RhythmDiffers, WantedInThePast

_DAY: Final = frozenset({WishPart.full_day, WishPart.morning, WishPart.afternoon})

PARTS_OF_KIND: Final[Mapping[ServiceKind, frozenset[WishPart]]] = {
    ServiceKind.day_care: _DAY,
    ServiceKind.home_visit: _DAY,
    ServiceKind.nursery: _DAY,
    ServiceKind.holiday_class: _DAY,
    ServiceKind.canteen: frozenset({WishPart.lunch, WishPart.dinner}),
    ServiceKind.after_school: frozenset({WishPart.wave_1630, WishPart.wave_1700, WishPart.wave_1800}),
    ServiceKind.children_centre: frozenset(WishPart),
    ServiceKind.family_centre: frozenset(WishPart),
}


@dataclass(frozen=True)
class Pattern:
    """One accepted pattern: weekdays (0 = Monday) and part, or one date and part."""

    part: WishPart
    weekdays: tuple[int, ...] = ()
    occurs_on: date | None = None


def to_bits(weekdays: Iterable[int]) -> int:
    """Return weekdays as seven bits, bit 0 being Monday."""
    return sum(1 << day for day in set(weekdays))


def to_weekdays(bits: int) -> list[int]:
    """Return the weekdays of seven bits."""
    return [day for day in range(7) if bits >> day & 1]


def check_patterns(kind: ServiceKind, rhythm: NeedRhythm, patterns: Iterable[Pattern]) -> None:
    """Raise `RhythmDiffers` or `PartDoesNotFit` for the first pattern that this need cannot have."""
    for pattern in patterns:
        is_dated = pattern.occurs_on is not None
        if is_dated != (rhythm is NeedRhythm.dated) or is_dated == bool(pattern.weekdays):
            raise RhythmDiffers
        if pattern.part not in PARTS_OF_KIND[kind]:
            raise PartDoesNotFit(kind=kind, part=pattern.part)


def check_wanted(
    starts_on: date, patterns: Iterable[Pattern], today: date, known: Collection[date] = ()
) -> None:
    """Raise `WantedInThePast` for a start or a date that has passed; `known` are those that the need had before.

    A workbook brings in what was asked for in other years; at the desk nobody asks for yesterday.
    """
    dates = [starts_on, *(pattern.occurs_on for pattern in patterns if pattern.occurs_on is not None)]
    for on in dates:
        if on < today and on not in known:
            raise WantedInThePast(on=on.isoformat(), today=today.isoformat())
