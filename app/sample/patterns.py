"""Which days and parts of the day the sample's people ask for, and what smaller patterns they accept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.models.enums import ServiceKind, WishPart
from app.sample.draws import Draws
from app.sample.people import Someone

MON_FRI: Final = 0b0011111
ALL_WEEK: Final = 0b1111111
MON_SAT: Final = 0b0111111
MON_WED_FRI: Final = 0b0010101
TUE_THU: Final = 0b0001010
MON_WED: Final = 0b0000101
SAT_SUN: Final = 0b1100000

W = WishPart


@dataclass(frozen=True)
class Cells:
    """One accepted pattern: weekdays as bits and a part of the day, or one date."""

    weekdays: int
    part: WishPart
    occurs_on: date | None = None


def draw_patterns(kind: ServiceKind, person: Someone, draws: Draws) -> list[Cells]:
    """Return the wish first, then what is accepted instead; no pattern twice."""
    match kind:
        case ServiceKind.day_care:
            found = _draw_day_care(draws)
        case ServiceKind.canteen:
            found = _draw_canteen(draws)
        case ServiceKind.home_visit:
            found = _draw_visits(person, draws)
        case ServiceKind.nursery:
            found = [Cells(MON_FRI, W.full_day if draws.chance(0.8) else W.morning)]
            if draws.chance(0.3):
                found.append(Cells(MON_FRI, W.morning))
            elif draws.chance(0.1):
                found.append(Cells(MON_WED_FRI, W.full_day))
        case ServiceKind.after_school:
            found = _draw_waves(draws)
        case ServiceKind.holiday_class:
            found = [Cells(MON_FRI, W.full_day if draws.chance(0.85) else W.morning)]
        case ServiceKind.children_centre | ServiceKind.family_centre:
            found = [Cells(1 << draws.pick((2, 4, 5, 6)), W.sitting)]
    return list(dict.fromkeys(found))


def _draw_day_care(draws: Draws) -> list[Cells]:
    days = draws.weigh({MON_WED_FRI: 0.36, TUE_THU: 0.26, MON_FRI: 0.26, MON_WED: 0.12})
    part = draws.weigh({W.full_day: 0.68, W.morning: 0.17, W.afternoon: 0.15})
    found = [Cells(days, part)]
    if draws.chance(0.45):
        found.append(Cells(TUE_THU if days != TUE_THU else MON_WED, part))
    if part is W.full_day and draws.chance(0.3):
        found.append(Cells(days, W.morning))
    return found


def _draw_canteen(draws: Draws) -> list[Cells]:
    part = W.lunch if draws.chance(0.86) else W.dinner
    days = draws.weigh({MON_FRI: 0.55, ALL_WEEK: 0.14, MON_WED_FRI: 0.16, TUE_THU: 0.1, SAT_SUN: 0.05})
    found = [Cells(days, part)]
    if days == ALL_WEEK and draws.chance(0.6):
        found.append(Cells(MON_FRI, part))
    return found


def _draw_visits(person: Someone, draws: Draws) -> list[Cells]:
    """Return as many visits of an hour as the grade's weekly hours allow; some ask for more than they have."""
    part = draws.weigh({W.full_day: 0.5, W.morning: 0.3, W.afternoon: 0.2})
    grade = person.grade or 0
    if grade >= 5:
        found = [Cells(draws.weigh({MON_SAT: 0.4, MON_FRI: 0.6}), part), Cells(MON_FRI, part)]
    elif grade == 4:
        found = [Cells(draws.weigh({MON_FRI: 0.75, MON_WED_FRI: 0.25}), part)]
    else:
        found = [Cells(draws.weigh({MON_WED_FRI: 0.5, TUE_THU: 0.44, MON_FRI: 0.06}), part)]
    if draws.chance(0.5):
        found.append(Cells(TUE_THU, part))
    return found


def _draw_waves(draws: Draws) -> list[Cells]:
    days = draws.weigh({MON_FRI: 0.68, MON_WED_FRI: 0.2, TUE_THU: 0.12})
    wave = draws.weigh({W.wave_1630: 0.34, W.wave_1700: 0.4, W.wave_1800: 0.26})
    found = [Cells(days, wave)]
    if wave is W.wave_1800 and draws.chance(0.5):
        found.append(Cells(days, W.wave_1700))
    if wave is not W.wave_1630 and draws.chance(0.25):
        found.append(Cells(days, W.wave_1630))
    return found
