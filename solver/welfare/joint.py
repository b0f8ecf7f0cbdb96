"""Levels one before the other in one objective: each weighs more than all behind it can ever add up to.

Whole numbers do not round, so clauses may see such an objective where doubles lose the lowest level. What the first level
rules out need not be searched for the second; each level by itself would begin anew among the plans that are equal on all
levels before it, which are the ones that are hard to tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints

LARGEST = 2**58  # of the objective's total: the library adds up in 64 bits


@dataclass(frozen=True)
class Joint:
    """``weights``: of the levels that are joined, the first level's first; ``lowest``: the least that each can add up to."""

    weights: list[int]
    lowest: list[int]

    def cost(self, values: list[Ints]) -> Ints:
        """int64[columns]: the objective; ``values`` int64[columns] of each level, those that are not joined left out."""
        total = np.zeros(len(values[0]), dtype=np.int64)
        for weight, value in zip(self.weights, values, strict=False):
            total += weight * value
        return total

    def bound_first(self, total: int) -> int:
        """What a bound of the objective proves of the first level."""
        behind = sum(w * low for w, low in zip(self.weights[1:], self.lowest[1:], strict=True))
        return (total - behind) // self.weights[0]


def join(values: list[Ints], unit: Ints, must: Bools) -> Joint:
    """Join as many of the levels as 64 bits hold, at least the first.

    Parameters
    ----------
    values : list of int64[columns]
        The levels, the first one first.
    unit : int64[columns]
        Ascending; at most one column of each is chosen.
    must : bool[units]
        Exactly one is chosen.

    """
    spans = [_span(value, unit, must) for value in values]
    for count in range(len(values), 1, -1):
        weights = [1]
        for low, high in reversed(spans[1:count]):
            weights.append(weights[-1] * (high - low + 1))
        weights.reverse()
        size = sum(
            w * max(abs(low), abs(high)) for w, (low, high) in zip(weights, spans[:count], strict=True)
        )
        if size + weights[0] < LARGEST:
            return Joint(weights, [low for low, _ in spans[:count]])
    return Joint([1], [spans[0][0]])


def _span(value: Ints, unit: Ints, must: Bools) -> tuple[int, int]:
    """The least and the most that the units can add up to."""
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
    free = ~must[unit[starts]]
    low, high = np.where(free, np.minimum(low, 0), low), np.where(free, np.maximum(high, 0), high)
    return sum(low.tolist()), sum(high.tolist())
