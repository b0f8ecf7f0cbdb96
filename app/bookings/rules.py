"""The states of bookings and holds, and what a person's week allows: pure.

Bookings:

| from     | act     | to        | what is taken                         |
|----------|---------|-----------|---------------------------------------|
| (none)   | book    | booked    | is taken, or passes over from a hold  |
| booked   | move    | booked    | moves to another slot                 |
| booked   | cancel  | cancelled | is given back                         |
| booked   | attend  | attended  | stays taken                           |
| booked   | miss    | no_show   | stays taken: an alarm was closed so   |

Holds:

| from   | act     | to       | what is taken                    |
|--------|---------|----------|----------------------------------|
| (none) | hold    | live     | is taken for some minutes        |
| live   | use     | used     | passes over to the booking       |
| live   | release | released | is given back                    |
| live   | expire  | expired  | is given back, after its minutes |

Nothing leads out of attended, no_show and cancelled, nor out of used, released and expired.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.bounds import LAST_DAY
from app.models.enums import BookingState, HoldState

LONGEST_CLOSURE: Final = timedelta(days=730)
"""A closure's last day lies so much after its first at most, K."""


class Act(StrEnum):
    """What can be done to a booking."""

    move = "move"
    cancel = "cancel"
    attend = "attend"
    miss = "miss"


class HoldAct(StrEnum):
    """What can be done to a hold."""

    use = "use"
    release = "release"
    expire = "expire"


_B, _H = BookingState, HoldState

TRANSITIONS: dict[tuple[BookingState, Act], BookingState] = {
    (_B.booked, Act.move): _B.booked,
    (_B.booked, Act.cancel): _B.cancelled,
    (_B.booked, Act.attend): _B.attended,
    (_B.booked, Act.miss): _B.no_show,
}

HOLD_TRANSITIONS: dict[tuple[HoldState, HoldAct], HoldState] = {
    (_H.live, HoldAct.use): _H.used,
    (_H.live, HoldAct.release): _H.released,
    (_H.live, HoldAct.expire): _H.expired,
}


def find_next_state(state: BookingState, act: Act) -> BookingState | None:
    """Return where an act leads from a booking's state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


def find_next_hold_state(state: HoldState, act: HoldAct) -> HoldState | None:
    """Return where an act leads from a hold's state, or None where it is not possible."""
    return HOLD_TRANSITIONS.get((state, act))


def find_week(on: date) -> tuple[date, date]:
    """Return Monday and Sunday of a date's week: the week of care hours starts on Monday (domain-rules)."""
    monday = on - timedelta(days=on.weekday())
    return monday, monday + timedelta(days=6)


def find_last_closed_day(starts_on: date) -> date:
    """Return the last day that a closure from `starts_on` may name: two years, so that nothing is closed by a slip for good.

    Nobody knows when a building reopens "until further notice"; a further closure says so when the time comes.
    """
    return min(starts_on + LONGEST_CLOSURE, LAST_DAY)


def check_closed_days(starts_on: date, ends_on: date) -> None:
    """Raise ValueError with a sentence in both languages where nobody may close from one day to the other."""
    if ends_on < starts_on:
        raise ValueError("最后一天不能早于第一天。 | The last day cannot lie before the first.")
    if ends_on > find_last_closed_day(starts_on):
        raise ValueError(
            "一次停开最长两年；不知何时重开的，先写两年内的一天，届时再续。 | "
            "A closure lasts two years at most; where the end is not known, name a day within two years and go on from there then."
        )
