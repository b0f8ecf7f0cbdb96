"""The plan found so far, in whole numbers: what is chosen, what each level reaches, whether it keeps every row."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solver.params import Params, Progress, Report, Stop

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.model import Model

Key = tuple[int, ...]


class OutOfTime(Exception):
    """The time limit or a stop request was reached: the best plan so far is the answer."""


class NothingFound(OutOfTime):
    """The work allowed was used up before any plan was found: the answer is none, however much time is left."""


@dataclass
class Run:
    """One run: its settings, its clock, its listeners, and the best plan so far.

    ``chosen`` int64[U]: the column of each unit, -1 for none; None before the first plan. ``late``: time cut something.
    ``floors``: what closed levels must keep (level -> least, or most on a worst level); ``waiting`` int64[U]: a plan that is
    better on a level that was left open, but keeps less on one closed after it.
    ``start_prices`` float64[M]: an earlier night's, one per row. ``reserve``: seconds that bounding all levels once takes; ``until``: when the present level's share ends.
    """

    model: Model
    params: Params
    report: Report | None = None
    stop: Stop | None = None
    keep: Keep | None = None
    began: float = field(default_factory=time.monotonic)
    chosen: Ints | None = None
    values: list[int] = field(default_factory=list)
    floors: dict[int, int] = field(default_factory=dict)
    waiting: Ints | None = None
    bounds: list[int | None] = field(default_factory=list)
    done: float = 0.0
    late: bool = False
    prices: Floats = field(default_factory=lambda: np.zeros(0))
    start_prices: Floats | None = None
    reserve: float = 0.0
    until: float = np.inf

    def __post_init__(self) -> None:
        self.bounds = [None] * len(self.model.levels)

    def seconds_left(self) -> float:
        """Seconds until the limit; raises `OutOfTime` when there are none or a stop was asked for."""
        left = self.params.time_limit - (time.monotonic() - self.began)
        if left <= 0 or (self.stop is not None and self.stop()):
            raise OutOfTime
        return left

    def search_seconds(self) -> float:
        """Seconds that a search may take now: this level's share, and never what the bounds of the rest need."""
        left = self.seconds_left()
        return max(0.05, min(left - self.reserve, self.until - time.monotonic()))

    def share_out(self, levels: int) -> None:
        """Begin a level with ``levels`` to go: it may take half of what is left."""
        left = max(0.0, self.seconds_left() - self.reserve)
        self.until = time.monotonic() + left * (1 / 2 if levels > 1 else 1)

    def is_late(self) -> bool:
        """Whether this level's share of the time is used up; the run then counts as cut short."""
        late = self.seconds_left() < self.reserve or time.monotonic() > self.until
        self.late = self.late or late
        return late

    def note_prices(self, prices: Floats) -> None:
        """Keep, per resource, the price of the first level on which it has one."""
        resources = self.model.row_resource >= 0
        found = np.maximum(prices[: len(resources)][resources], 0.0)
        self.prices = np.where(self.prices > 0, self.prices, found) if len(self.prices) else found

    def tell(
        self,
        step: str,
        level: int = -1,
        done: float | None = None,
        reached: int | None = None,
        proven: int | None = None,
    ) -> None:
        """Report progress; ``level`` counts from 0 here and from 1 in the report.

        ``reached``: what the level has by now, where that is more than the plan handed over last has; ``proven``: its bound by now.
        """
        self.done = max(self.done, self.done if done is None else done)
        if self.report is None:
            return
        value = self.values[level] if self.values and level >= 0 else None
        value = value if reached is None else reached
        bound = self.bounds[level] if level >= 0 and proven is None else proven
        gap = None if value is None or bound is None else abs(bound - value) / max(1, abs(value))
        self.report(Progress(step, level + 1, value, bound, gap, min(1.0, self.done)))

    def offer(self, chosen: Ints) -> bool:
        """Take a plan if it keeps the rules and is better, level by level; return whether it was taken.

        One that keeps less than what is closed has to wait: what is left of the night holds no such plan.
        """
        if not is_feasible(self.model, chosen):
            return False
        values = level_values(self.model, chosen)
        if self.chosen is not None and compare(self.model, values, self.values) <= 0:
            return False
        if any(self._falls_short(level, values[level]) for level in self.floors):
            if (
                self.waiting is None
                or compare(self.model, values, level_values(self.model, self.waiting)) > 0
            ):
                self.waiting = chosen.copy()
            return False
        for level in range(len(values)):  # bounds below a level that got worse were proven for other plans
            if self.values and compare(self.model, values[level:], self.values[level:], level) < 0:
                self.bounds[level + 1 :] = [None] * (len(values) - level - 1)
                break
        self.chosen, self.values = chosen.copy(), values
        if self.keep is not None:
            self.keep(self)
        return True

    def _falls_short(self, level: int, value: int) -> bool:
        floor = self.floors[level]
        return value > floor if self.model.levels[level].worst else value < floor


from collections.abc import Callable  # noqa: E402 - the alias below names the class above

Keep = Callable[[Run], None]


def picked(model: Model, chosen: Ints) -> Bools:
    """bool[C] from int64[U]."""
    mask = np.zeros(model.columns, dtype=np.bool_)
    mask[chosen[chosen >= 0]] = True
    return mask


def is_feasible(model: Model, chosen: Ints) -> bool:
    """Whether the columns keep every row and every ``must``, in whole numbers."""
    if (chosen[model.unit_must] < 0).any():
        return False
    used = model.matrix @ picked(model, chosen).astype(np.int64)
    return bool((used <= model.rhs).all() and (used[model.equal] == model.rhs[model.equal]).all())


def level_values(model: Model, chosen: Ints) -> list[int]:
    """What each level reaches."""
    columns = chosen[chosen >= 0]
    return [
        int(level.value[columns].max(initial=0)) if level.worst else int(level.value[columns].sum())
        for level in model.levels
    ]


def compare(model: Model, left: list[int], right: list[int], first: int = 0) -> int:
    """1 where ``left`` is better at the first level that differs (from level ``first`` on), -1 where worse, 0 equal."""
    for level, a, b in zip(model.levels[first:], left, right, strict=True):
        if a != b:
            return 1 if (a < b) == level.worst else -1
    return 0
