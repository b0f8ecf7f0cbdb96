"""The roll's marks and the ratio light: pure.

A stay is what one person has in one class on one date: the three exit waves are one stay, so are morning and
afternoon; each meal and each sitting is its own. It is named by the slot in which it begins.

Marks, as a tick sets them. A tick carries the clock time at which something was seen; the last by time wins,
whatever the order in which ticks arrive, so every mark may follow every other. A tablet's clock is set right by the
server's as its ticks come in (`find_shift`); a hand-over that a later mark overtakes all the same is said to be so:

| mark        | says                                              | what else happens                                |
|-------------|---------------------------------------------------|--------------------------------------------------|
| (none)      | expected                                          |                                                  |
| collected   | met at the school gate, on the way                | an alarm "not at the gate" is closed             |
| present     | there                                             | alarms "not there" are closed                    |
| absent      | somebody said that the child will not come        | an absence: before the cut-off place, meal and   |
|             |                                                   | escort are free in one act, after it spare today |
| handed_over | given to a person authorised on that day, by name | an alarm "not fetched" is closed                 |
| cleared     | a tick was a mistake: expected again              | an absence noted by the roll is taken back       |
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from app.models.enums import ExceptionKind, Part, RollMark, ServiceKind

ROLL_KINDS: Final = (ServiceKind.after_school, ServiceKind.holiday_class)
"""Services that keep a roll: children are handed over by name."""
WAVES: Final = (Part.wave_1630, Part.wave_1700, Part.wave_1800)
_TOGETHER: Final = {
    **dict.fromkeys(WAVES, "waves"),
    Part.morning: "day",
    Part.afternoon: "day",
}
OPEN_DAYS: Final = 7
"""How long after the day a roll may still be put right, K."""
THERE: Final = frozenset({RollMark.present, RollMark.handed_over})
"""Marks of whoever has been seen at the site."""


@dataclass(frozen=True)
class Stay:
    """One person expected on one date, from the slot in which the stay begins to the part in which it ends."""

    slot_id: int
    person_id: int
    service_id: int
    class_id: int
    site_id: int
    on: date
    starts_at: datetime
    ends_at: datetime
    parts: tuple[Part, ...]
    need_id: int
    placement_id: int | None = None
    booking_id: int | None = None
    uses_escort: bool = False
    gate_site_id: int | None = None
    excused: ExceptionKind | None = None
    frees_place: bool = False
    """Whether the absence came before the cut-off: the place is free, not spare."""

    @property
    def key(self) -> tuple[int, int]:
        """What names the stay: slot and person."""
        return self.slot_id, self.person_id

    @property
    def exit_part(self) -> Part:
        """The last part of the stay: for after-school the exit wave."""
        return self.parts[-1]


@dataclass(frozen=True)
class Marked:
    """What the roll says of one stay."""

    mark: RollMark
    marked_at: datetime
    handed_to_id: int | None = None


def get_group(part: Part) -> str:
    """Return what parts of a day belong to one stay."""
    return _TOGETHER.get(part, part.value)


def pick_last(ticks: Iterable[tuple[datetime, str]]) -> tuple[datetime, str] | None:
    """Return (time, tick id) of the tick that counts: the last by time, of two at one instant the greater id."""
    return max(ticks, default=None)


def find_shift(marked: Iterable[datetime], sent_at: datetime | None, now: datetime) -> timedelta:
    """Return by how much the clock of the device that sends these ticks has to be put forward (or back).

    The device says what time it had as it sent them. One that does not say it is believed, unless some tick lies
    ahead of us: then its clock runs ahead by that much at least, and all its ticks keep their order.
    """
    if sent_at is not None:
        return now - sent_at
    return min(timedelta(), now - max(marked, default=now))


def is_open(on: date, today: date) -> bool:
    """Return whether the roll of a date may be ticked: from the day itself until a week later."""
    return on <= today <= on + timedelta(days=OPEN_DAYS)


class Light(StrEnum):
    """Whether there are enough adults."""

    good = "good"
    short = "short"
    breach = "breach"


@dataclass(frozen=True)
class Ratio:
    """Adults against children in one part of the day."""

    expected: int
    there: int
    staff: int
    volunteers: int
    needed: int
    light: Light

    @property
    def adults(self) -> int:
        """Staff and volunteers together."""
        return self.staff + self.volunteers


def count_adults_needed(children: int, rule: Mapping[str, Any]) -> int:
    """Return how many adults a number of children needs: one for each `children`, at least `adults` (policy)."""
    if children == 0:
        return 0
    return max(int(rule["adults"]), math.ceil(children / int(rule["children"])))


def weigh_ratio(expected: int, there: int, staff: int, volunteers: int, rule: Mapping[str, Any]) -> Ratio:
    """Return the light: `breach` for those who are there now, `short` for those who are still expected.

    Volunteers count as adults, but not alone: somebody of the staff has to be there.
    """
    adults = staff + volunteers
    needed = count_adults_needed(expected, rule)
    if there and (staff == 0 or adults < count_adults_needed(there, rule)):
        light = Light.breach
    elif adults < needed or (expected and staff == 0):
        light = Light.short
    else:
        light = Light.good
    return Ratio(expected, there, staff, volunteers, needed, light)
