"""Random choices that come out the same for the same seed, on every machine. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of its own for each part of the sample, so that a change in one part leaves the others as they were."""

    def __init__(self, seed: int, part: str) -> None:
        self._random = random.Random(f"{seed}:{part}")  # noqa: S311 - a sample, nothing secret
        self.uniform = self._random.uniform
        self.between = self._random.randint
        self.gauss = self._random.gauss

    def chance(self, probability: float) -> bool:
        """Return true with this probability."""
        return self._random.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """Return one item, each equally likely."""
        return items[int(self._random.random() * len(items))]

    def weigh(self, weights: Mapping[T, float]) -> T:
        """Return one key with probability in proportion to its weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """Return the items in a random order."""
        return self._random.sample(items, len(items))

    def take(self, items: Sequence[T], count: int) -> list[T]:
        """Return `count` different items (all of them where there are fewer)."""
        return self._random.sample(items, min(count, len(items)))


def share_out(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole parts in proportion to the weights that add up to the total (largest remainder)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
