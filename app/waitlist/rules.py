"""The published order of those who wait, when a place is contested, and the states of an entry: pure.

| from    | act   | to      | when                                                          |
|---------|-------|---------|---------------------------------------------------------------|
| none    | join  | waiting | an open need asks for the service, or a night left it without |
| waiting | serve | served  | the need has what it asked for, from whomever                 |
| waiting | leave | left    | the person gives the wish up, or the need is withdrawn        |

Nothing leads out of served and left: whoever waits again joins again, and keeps the need's waiting time.

Order (lifecycle.md, Rounds and rolling): priority class, then whole months waited, then the draw number. In a round
needs count as simultaneous, so months waited do not count among its needs. Never by id or clock time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.models.enums import Part, WaitlistState, WishPart
from app.options.facts import Need
from app.options.patterns import PARTS
from app.priority.rules import get_order_key


class EntryAct(StrEnum):
    """What can be done to an entry."""

    serve = "serve"
    leave = "leave"


TRANSITIONS: Final[dict[tuple[WaitlistState, EntryAct], WaitlistState]] = {
    (WaitlistState.waiting, EntryAct.serve): WaitlistState.served,
    (WaitlistState.waiting, EntryAct.leave): WaitlistState.left,
}


def find_next_state(state: WaitlistState, act: EntryAct) -> WaitlistState | None:
    """Return where an act leads from an entry's state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


@dataclass(frozen=True)
class Waiting:
    """A need that waits, with what decides its turn."""

    need_id: int
    need_code: str
    priority: int
    months_waited: int
    """0 for every need of a round: there time of entry never counts."""
    draw: int
    entry_id: int | None = None
    """The waitlist entry's row, where the need joined one."""

    @property
    def turn(self) -> tuple[int, int, int, str]:
        """Return the key that sorts the waiting, first in line first; equal draws fall back on the stable code."""
        return (*get_order_key(self.priority, self.months_waited, self.draw), self.need_code)


@dataclass(frozen=True)
class Contest:
    """Who else could use what is asked for: `rivals` of equal or higher class, at least; others may not be read yet."""

    rivals: int
    spare: int
    """How many could be served beside this one."""

    @property
    def is_contested(self) -> bool:
        """Return whether giving the place now would take it from somebody of equal or higher class."""
        return self.rivals > self.spare


def sort_waiting(rows: Iterable[Waiting]) -> list[Waiting]:
    """Return the waiting in the published order."""
    return sorted(rows, key=lambda row: row.turn)


def explain_turns(rows: Sequence[Waiting]) -> list[tuple[Waiting, str]]:
    """Return sorted rows, each with what sets it behind the one before: the first of class, months, draw that differs."""
    told = []
    before: Waiting | None = None
    for row in rows:
        if before is None:
            why = "first"
        elif row.priority != before.priority:
            why = "priority"
        elif row.months_waited != before.months_waited:
            why = "months_waited"
        else:
            why = "draw"
        told.append((row, why))
        before = row
    return told


def weigh_contest(mine: Waiting, others: Sequence[Waiting], spare: int) -> Contest:
    """Return the contest between a need and the others that could use the same place.

    `spare` is how many more such places are left once this need is served; a place that others could have *beside*
    this one is not taken from them.
    """
    rivals = sum(row.need_id != mine.need_id and row.priority >= mine.priority for row in others)
    return Contest(rivals=rivals, spare=max(0, spare))


def could_use(need: Need, cells: Iterable[tuple[int, Part]], dates: Iterable[object] = ()) -> bool:
    """Return whether a pattern that the need accepts touches one of these cells (weekday, part), or a date of them.

    A dated need touches a cell only on its own date.
    """
    wanted, on_dates = set(cells), set(dates)
    parts = {part for _, part in wanted}
    for pattern in need.patterns:
        its_parts = set(PARTS[WishPart(pattern.part)])
        if pattern.occurs_on is not None:
            if pattern.occurs_on in on_dates and its_parts & parts:
                return True
        elif any((day, part) in wanted for day in pattern.days for part in its_parts):
            return True
    return False
