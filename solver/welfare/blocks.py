"""Neighbouring sum levels joined into one weighted objective, so that one LP speaks for many levels.

Weights only steer; each level's bound is computed by itself (`solver.welfare.relax`), so a weight that is too small
costs time, never truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Ints
    from solver.welfare.model import Model

AMPLIFY = 6  # how many lower-level changes a chain of exchanges may cost one higher change, typically
RANGE = 4e9  # beyond this ratio an LP in doubles no longer sees the lowest level


@dataclass(frozen=True)
class Block:
    """Levels decided by one LP: indices and integer weights; or one ``worst`` level."""

    levels: list[int]
    weights: list[int]
    worst: bool = False

    def cost(self, model: Model, upto: int | None = None) -> Ints:
        """int64[C]: the weighted objective of the first ``upto`` levels."""
        total = np.zeros(model.columns, dtype=np.int64)
        for level, weight in list(zip(self.levels, self.weights, strict=True))[:upto]:
            total += weight * model.levels[level].value
        return total


def make_blocks(model: Model) -> list[Block]:
    """Cut the levels into blocks; levels that are constant over all columns stay blocks of their own weight."""
    blocks: list[Block] = []
    current: list[int] = []
    for index, level in enumerate(model.levels):
        if level.worst:
            if current:
                blocks.append(_weigh(model, current))
            blocks.append(Block([index], [1], worst=True))
            current = []
            continue
        if current and _range(model, [*current, index]) > RANGE:
            blocks.append(_weigh(model, current))
            current = []
        current.append(index)
    if current:
        blocks.append(_weigh(model, current))
    return blocks


def spread(model: Model, level: int) -> int:
    """The most that one unit's choice can change a level by."""
    value = model.levels[level].value
    if not len(value):
        return 1
    filled = np.flatnonzero(np.diff(model.unit_start) > 0)
    starts = model.unit_start[filled]
    high = np.maximum(np.maximum.reduceat(value, starts), 0)
    low = np.minimum(np.minimum.reduceat(value, starts), 0)
    return max(1, int(high.max()) - int(low.min()))


def _range(model: Model, levels: list[int]) -> float:
    product = float(spread(model, levels[0]))
    for level in levels[1:]:
        product *= AMPLIFY * spread(model, level)
    return product


def _weigh(model: Model, levels: list[int]) -> Block:
    weights = [1]
    for level in reversed(levels[1:]):
        weights.append(weights[-1] * AMPLIFY * spread(model, level))
    return Block(levels, weights[::-1])
