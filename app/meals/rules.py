"""What a meal goes through, how it reaches its eater, how many are cooked: pure.

| from    | act            | to      | when                                                                    |
|---------|----------------|---------|-------------------------------------------------------------------------|
| (none)  | order          | ordered | a standing order's date, or a dated order; before the service's cut-off |
| ordered | excuse         | freed   | told before the cut-off: nobody cooks it, the capacity is free           |
| ordered | excuse_late    | spare   | told after it: it is cooked, and whoever comes may have it              |
| spare   | come_after_all | ordered | the absence is taken back                                               |
| freed   | order_again    | ordered | the absence is taken back, and there is still capacity                  |
| spare   | give           | given   | a guest who came without an order eats it                               |

Nothing leads out of given. Dine-in has no order: a guest is ticked at the door.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """How a meal gets to who eats it."""

    delivery = "delivery"
    take_away = "take_away"
    dine_in = "dine_in"


class MealState(StrEnum):
    """Where one dated meal stands."""

    ordered = "ordered"
    freed = "freed"
    spare = "spare"
    given = "given"


class Act(StrEnum):
    """What can happen to a meal."""

    excuse = "excuse"
    excuse_late = "excuse_late"
    come_after_all = "come_after_all"
    order_again = "order_again"
    give = "give"


_M = MealState

TRANSITIONS: Final[Mapping[tuple[MealState, Act], MealState]] = {
    (_M.ordered, Act.excuse): _M.freed,
    (_M.ordered, Act.excuse_late): _M.spare,
    (_M.spare, Act.come_after_all): _M.ordered,
    (_M.freed, Act.order_again): _M.ordered,
    (_M.spare, Act.give): _M.given,
}


def find_next_state(state: MealState, act: Act) -> MealState | None:
    """Return where an act leads from a state, or None where it is not possible."""
    return TRANSITIONS.get((state, act))


def find_state(*, is_excused: bool, frees: bool) -> MealState:
    """Return where the meal of a date stands: ordered, freed by a timely absence, or spare."""
    if not is_excused:
        return MealState.ordered
    act = Act.excuse if frees else Act.excuse_late
    return TRANSITIONS[MealState.ordered, act]


def forecast(counts: Sequence[int]) -> int | None:
    """Return how many guests to expect from those of the last same weekdays, rounded up; None where nobody ticked."""
    if not any(counts):
        return None
    return math.ceil(sum(counts) / len(counts))


def count_to_cook(*, ordered: int, spare: int, guests: int, capacity: int) -> int:
    """Return how many meals to cook: every order, what is spare (it was ordered too late to stop), and guests.

    Guests may eat what is spare; never more than the kitchen makes, unless more was ordered.
    """
    wanted = ordered + max(spare, guests)
    return max(ordered + spare, min(wanted, capacity))


@dataclass(frozen=True)
class Drop:
    """One compound of a delivery round."""

    compound: str
    orders: int
    is_below: bool
    """Fewer orders than the round's minimum: to be joined with a neighbour or fetched, never simply dropped."""


def list_drops(compounds: Iterable[str], minimum: int) -> list[Drop]:
    """Return the compounds of a round with their orders, by name."""
    counts: dict[str, int] = {}
    for compound in compounds:
        counts[compound] = counts.get(compound, 0) + 1
    return [Drop(name, number, number < minimum) for name, number in sorted(counts.items())]
