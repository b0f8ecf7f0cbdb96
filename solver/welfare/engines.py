"""Two ways to a relaxation's corner behind one door: a kept basis for many rows, the interior point for few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from solver.welfare.inner import lowest_threshold, relax
from solver.welfare.ladder import Ladder, Start
from solver.welfare.relax import bound
from solver.welfare.state import picked
from solver.welfare.thresholds import find_lowest, list_thresholds

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.relax import Bound, Relaxation
    from solver.welfare.state import Run

ROWS = 500  # above, the interior point's system is slower than a basis kept from level to level
DENSITY = 40  # columns a row above which the interior point wins whatever the rows
SIMPLEX = 6_000  # columns up to which the simplex method is the quicker one anyway
SHAKE = 1_000  # a last random objective picks one corner where the levels leave many
BEFORE = 20 * SHAKE  # what one of a value that comes before it weighs beside it
SHAKEN = 25_000  # columns up to which that corner is found by the simplex method


class Engine(Protocol):
    """Suggests x and prices; bounds are whole numbers whatever it suggests."""

    def relax(
        self, before: Relaxation, value: Ints, reached: int | None
    ) -> tuple[Floats | None, Bound | None]:
        """Maximise ``value`` over ``before``: x (float64[C]; None where ``reached`` proved enough) and a bound."""

    def lowest(self, before: Relaxation, level: int) -> int:
        """Return the lowest threshold of a worst level that prices cannot rule out."""

    def shake(self, last: Relaxation, value: Ints | None = None) -> Floats | None:
        """X of one corner of ``last``, for a random objective; ``value`` int64[C] comes before it."""


class KeptBasis:
    """The simplex method; one programme for all levels (`solver.welfare.ladder`)."""

    def __init__(self, run: Run, root: Relaxation, start: Start | None = None) -> None:
        self.run, self.ladder = run, Ladder(run, root, start)

    def relax(
        self, before: Relaxation, value: Ints, reached: int | None
    ) -> tuple[Floats | None, Bound | None]:
        """See `Engine`."""
        zero = bound(before, value, np.zeros(len(before.equal) + len(before.level_rows)))
        if zero is not None and reached is not None and zero.total // zero.scale <= reached:
            return None, zero
        corner = self.ladder.solve(before, value)
        if corner is None:
            return None, zero
        found = bound(before, value, corner.prices)
        if found is not None:
            self.run.note_prices(found.prices / found.scale)
        if found is None or (zero is not None and zero.total * found.scale < found.total * zero.scale):
            found = zero
        return corner.x, found

    def lowest(self, before: Relaxation, level: int) -> int:
        """See `Engine`."""
        run = self.run
        value = run.model.levels[level].value
        thresholds = list_thresholds(before, value, None if run.chosen is None else run.values[level])

        def is_impossible(threshold: int) -> bool:
            above = -(value > threshold).astype(np.int64)
            corner = self.ladder.solve(before, above)
            least = None if corner is None else bound(before, above, corner.prices)
            return least is not None and least.total < 0

        # What the plan reaches is mostly the lowest: then the one below it is ruled out, by one programme.
        return find_lowest(thresholds, max(0, len(thresholds) - 2), is_impossible)

    def shake(self, last: Relaxation, value: Ints | None = None) -> Floats | None:
        """See `Engine`."""
        return self.relax(last, _random_cost(self.run, value), None)[0]


class Inner:
    """The interior-point method (`solver.welfare.inner`)."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def relax(
        self, before: Relaxation, value: Ints, reached: int | None
    ) -> tuple[Floats | None, Bound | None]:
        """See `Engine`."""
        solved, found = relax(self.run, before, value, reached)
        if solved is not None and found is not None:
            self.run.note_prices(found.prices / found.scale)
        return None if solved is None else solved.x, found

    def lowest(self, before: Relaxation, level: int) -> int:
        """See `Engine`."""
        return lowest_threshold(self.run, before, level)

    def shake(self, last: Relaxation, value: Ints | None = None) -> Floats | None:
        """See `Engine`."""
        solved, _ = relax(self.run, last, _random_cost(self.run, value), None, corner=SHAKEN)
        return None if solved is None else solved.x


def find_corner_near_plan(run: Run, relaxation: Relaxation, value: Ints) -> Floats | None:
    """X (float64[C]) of a corner that is best on ``value``, found from the plan by the simplex method; None without one.

    An interior point lies amid all corners that are as good, hundreds of units between columns. The corner that is met first
    on the way from the plan leaves nearly everybody whole.
    """
    if run.chosen is None:
        return None
    start = Start(picked(run.model, run.chosen).astype(np.float64))
    corner = KeptBasis(run, relaxation, start).ladder.solve(relaxation, value)
    return None if corner is None else corner.x


def _random_cost(run: Run, value: Ints | None) -> Ints:
    cost = np.random.default_rng(run.params.entropy).integers(0, SHAKE, run.model.columns)
    return cost if value is None else cost + BEFORE * value


def choose_engine(run: Run, root: Relaxation) -> Engine:
    """Choose by size."""
    rows = int((np.diff(run.model.matrix.tocsr().indptr) > 0).sum())
    if run.model.columns <= SIMPLEX or (rows > ROWS and run.model.columns < DENSITY * rows):
        return KeptBasis(run, root)
    return Inner(run)
