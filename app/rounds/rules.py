"""The states of a round and what leads from one to the next, its window, and whose places it keeps: pure.

| from      | act      | to        | when                                                                       |
|-----------|----------|-----------|----------------------------------------------------------------------------|
| (none)    | create   | planned   | dates in order, the window still to come; the secret is made and sealed    |
| planned   | announce | announced | before the window opens: hashes of the secret and of the policy are public |
| announced | open     | open      | the first day has come; needs of the kind now enter the round              |
| open      | close    | closed    | the last day is over; who takes part is fixed                              |
| closed    | draw     | drawn     | a public number that arose after the last day is entered with its source   |
| drawn     | publish  | published | a night decided the round on or after its day; the list is public          |
| published | withdraw | drawn     | the plan that decided it is rolled back; the numbers stay, a night decides |
| planned   | cancel   | cancelled | with a reason; needs of the round go on as rolling ones                    |
| announced | cancel   | cancelled | likewise                                                                   |
| open      | cancel   | cancelled | likewise                                                                   |
| closed    | cancel   | cancelled | likewise                                                                   |

Nothing leads out of cancelled. A round that is drawn cannot be cancelled: a draw that somebody dislikes may not be
thrown away for another. A list is withdrawn by nobody alone, only together with its plan, and says so itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.models.enums import RoundState, ServiceKind


class Act(StrEnum):
    """What can be done to a round."""

    announce = "announce"
    open = "open"
    close = "close"
    draw = "draw"
    publish = "publish"
    withdraw = "withdraw"
    cancel = "cancel"


_R = RoundState

TRANSITIONS: Final[dict[tuple[RoundState, Act], RoundState]] = {
    (_R.planned, Act.announce): _R.announced,
    (_R.announced, Act.open): _R.open,
    (_R.open, Act.close): _R.closed,
    (_R.closed, Act.draw): _R.drawn,
    (_R.drawn, Act.publish): _R.published,
    (_R.published, Act.withdraw): _R.drawn,
    (_R.planned, Act.cancel): _R.cancelled,
    (_R.announced, Act.cancel): _R.cancelled,
    (_R.open, Act.cancel): _R.cancelled,
    (_R.closed, Act.cancel): _R.cancelled,
}

KEEPING: Final = frozenset({_R.announced, _R.open, _R.closed, _R.drawn})
"""States in which the places from the round's start on belong to it, once its window has begun."""
DECIDED: Final = frozenset({_R.drawn, _R.published})
"""States in which the night may decide the round's needs, from its publishing day on."""


def find_next_state(state: RoundState, act: Act) -> RoundState | None:
    """Return where an act leads from a state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


def list_acts(state: RoundState) -> list[Act]:
    """Return what somebody can do to a round in a state; withdrawing a list is part of rolling its plan back."""
    return [act for (from_state, act) in TRANSITIONS if from_state is state and act is not Act.withdraw]


@dataclass(frozen=True)
class Window:
    """What decides whether a round keeps a place to itself."""

    id: int
    code: str
    kind: ServiceKind
    state: RoundState
    opens_on: date
    closes_on: date
    publishes_on: date
    starts_on: date

    def keeps(self, on: date) -> bool:
        """Return whether the round holds on to its places on a day: its window has begun, nothing is decided."""
        return self.state in KEEPING and on >= self.opens_on

    def takes_in(self, on: date) -> bool:
        """Return whether needs recorded on a day enter the round."""
        return self.state in {_R.announced, _R.open} and self.opens_on <= on <= self.closes_on

    def reaches(self, last_on: date | None) -> bool:
        """Return whether care that lasts until a day (None: open end) would use the round's places."""
        return last_on is None or last_on >= self.starts_on

    def is_decided(self, on: date) -> bool:
        """Return whether a plan for a day may give the round's places."""
        return self.state in DECIDED and self.publishes_on <= on


def are_in_order(opens_on: date, closes_on: date, publishes_on: date, starts_on: date) -> bool:
    """Return whether a round's dates follow one another; the number arises, and is drawn, between two of them."""
    return opens_on <= closes_on < publishes_on <= starts_on
