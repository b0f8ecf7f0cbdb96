"""What an unmet need on a level's list goes through, and how it may end: pure.

| from   | act    | to     | when                                                                  |
|--------|--------|--------|-----------------------------------------------------------------------|
| (none) | raise  | open   | the need is older than the level's days: owner and due date are set   |
| open   | assign | open   | somebody else takes it over                                           |
| open   | close  | closed | its owner says what came of it; without an outcome it stays open      |
| open   | rise   | closed | the need is old enough for the level above, which has a row of its own |
| open   | settle | closed | the need has a place, was withdrawn, or is over                       |

Nothing leads out of closed: the same need comes back on the level above only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.models.enums import EscalationLevel, StaffRole


class State(StrEnum):
    """Whether something is still to be done about it."""

    open = "open"
    closed = "closed"


class Act(StrEnum):
    """What can be done to a raised need."""

    assign = "assign"
    close = "close"
    rise = "rise"
    settle = "settle"


class Outcome(StrEnum):
    """What came of it; the last two are the program's own words."""

    other_help = "other_help"
    place_found = "place_found"
    to_the_meeting = "to_the_meeting"
    person_waits = "person_waits"
    no_longer_wanted = "no_longer_wanted"
    risen = "risen"
    settled = "settled"


CHOSEN: Final = tuple(one for one in Outcome if one not in {Outcome.risen, Outcome.settled})
"""Outcomes that a person may give."""

TRANSITIONS: Final[Mapping[tuple[State, Act], State]] = {
    (State.open, Act.assign): State.open,
    (State.open, Act.close): State.closed,
    (State.open, Act.rise): State.closed,
    (State.open, Act.settle): State.closed,
}

_OWNERS: Final = (StaffRole.manager, StaffRole.coordinator, StaffRole.adviser)
"""Who is asked first for a level's area."""


def find_next_state(state: State, act: Act) -> State | None:
    """Return where an act leads from a state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


@dataclass(frozen=True)
class Candidate:
    """A member of staff who answers for an area itself."""

    user_id: int
    area_id: int
    role: StaffRole


def choose_owner(staff: Iterable[Candidate], areas: Iterable[int]) -> int | None:
    """Return who owns what is raised in the first of these areas that has anybody: by role, then who is there longest."""
    known = list(staff)
    for area_id in areas:
        fitting = [one for one in known if one.area_id == area_id and one.role in _OWNERS]
        if fitting:
            return min(fitting, key=lambda one: (_OWNERS.index(one.role), one.user_id)).user_id
    return None


def list_areas(level: EscalationLevel, block_id: int, root_id: int) -> tuple[int, ...]:
    """Return the areas whose staff own a level's list, the nearest first."""
    return (root_id,) if level is EscalationLevel.subdistrict else (block_id, root_id)
