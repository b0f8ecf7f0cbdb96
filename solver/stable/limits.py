"""When a search of a stable round stops, and what it answers: plain data without a solving library."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.params import Stop


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: ``deadline`` on the monotonic clock cuts; ``work`` in CP-SAT's deterministic units ends."""

    deadline: float
    seed: int
    gap: float
    stop: Stop | None = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline or (self.stop is not None and self.stop())

    def for_half(self) -> Limits:
        """Return the same for half of the time that is left."""
        now = time.monotonic()
        return replace(self, deadline=now + (self.deadline - now) / 2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found.

    Attributes
    ----------
    chosen : list of int or None
        Combination of each party in the best plan found.
    bound : int or None
        No plan of the model has a smaller objective; None where nothing was proven.
    impossible : bool
        The model has no plan at all.
    cut : bool
        The clock or a stop request ended it, not the counted work.

    """

    chosen: list[int] | None
    bound: int | None
    impossible: bool
    cut: bool
