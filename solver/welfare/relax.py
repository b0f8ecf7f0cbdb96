"""The relaxation: what is still possible once earlier levels are closed, and integer bounds over it.

Lagrange: for any prices ``p`` (>= 0 on ``<=`` rows, free on ``=`` rows) every plan has
value <= p @ rhs + sum over units of the best column's value - p @ uses. Prices come from floating-point LPs;
the bound is computed from them in whole numbers (prices x `scale`), so it holds whatever the LP's errors were.
Reduced-cost fixing (Dantzig, Fulkerson, Johnson 1954): a column that loses more than bound - value is in no plan
that is at least as good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.model import Model

SCALES = (
    5040 * 4096,
    5040 * 64,
    5040,
    840,
    60,
    12,
    1,
)  # multiples of the small denominators that LP bases have
SAFE = 2.0**61


@dataclass(frozen=True)
class LevelRow:
    """What keeps a closed sum level: ``value`` int64[C] @ x >= ``least``."""

    level: int
    value: Ints
    least: int


@dataclass
class Relaxation:
    """A night with some columns removed, some rows and units known to be full, and rows for closed levels.

    ``active`` bool[C], ``must`` bool[U], ``equal`` bool[M], ``level_rows``: at most one of a level.
    """

    model: Model
    active: Bools
    must: Bools
    equal: Bools
    level_rows: list[LevelRow]

    @classmethod
    def whole(cls, model: Model) -> Relaxation:
        """Return the one in which nothing is decided yet."""
        return cls(
            model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
        )

    def copy(self) -> Relaxation:
        """Return an independent copy; the model is shared."""
        return Relaxation(
            self.model, self.active.copy(), self.must.copy(), self.equal.copy(), list(self.level_rows)
        )

    def rows(self) -> tuple[Any, Ints, Bools]:
        """Matrix csc int64[M + levels, C], rhs, equal."""
        matrix, rhs, equal = self.model.matrix, self.model.rhs, self.equal
        if self.level_rows:
            extra = sparse.csr_array(np.array([-row.value for row in self.level_rows]))
            matrix = sparse.vstack([matrix, extra]).tocsc()
            rhs = np.concatenate([rhs, np.array([-row.least for row in self.level_rows], dtype=np.int64)])
            equal = np.concatenate([equal, np.zeros(len(self.level_rows), dtype=np.bool_)])
        return matrix, rhs, equal


@dataclass(frozen=True)
class Bound:
    """``total`` / ``scale`` bounds ``cost`` over a relaxation; what each thing costs, times ``scale``.

    ``reduced`` int64[C]: value minus prices; ``unit`` int64[U]: the best reduced value of a unit (>= 0 unless must);
    ``prices`` int64[rows].
    """

    total: int
    scale: int
    reduced: Ints
    unit: Ints
    prices: Ints


def bound(relaxation: Relaxation, cost: Ints, prices: Floats) -> Bound | None:
    """Integer bound on ``cost`` (int64[C]) from floating prices (one per row); None where int64 cannot hold it."""
    model, levels = relaxation.model, relaxation.level_rows
    own = len(model.rhs)
    rhs = np.concatenate([model.rhs, np.array([-row.least for row in levels], dtype=np.int64)])
    equal = np.concatenate([relaxation.equal, np.zeros(len(levels), dtype=np.bool_)])
    prices = np.where(equal, prices, np.maximum(prices, 0.0))
    size = np.abs(prices)
    taken = model.load.T @ size[:own]
    for row, price in zip(levels, size[own:].tolist(), strict=True):
        taken += np.abs(row.value) * price
    rough = float(size @ np.abs(rhs)) + _largest(model, np.abs(cost).astype(np.float64))
    rough += _largest(model, taken)
    scale = next((s for s in SCALES if rough * s < SAFE), None)
    if scale is None or not np.isfinite(rough):
        return None
    whole = np.rint(prices * scale).astype(np.int64)
    reduced = scale * cost - model.matrix.T @ whole[:own]
    for row, price in zip(levels, whole[own:].tolist(), strict=True):
        reduced += price * row.value  # kept as "at least": its row is turned round
    unit = best_of_units(relaxation, reduced)
    return Bound(int(whole @ rhs) + int(unit.sum()), scale, reduced, unit, whole)


def best_of_units(relaxation: Relaxation, reduced: Ints) -> Ints:
    """int64[U]: the best active column of each unit, 0 where leaving it out is allowed and better."""
    model = relaxation.model
    lowest = np.iinfo(np.int64).min // 4
    padded = np.append(np.where(relaxation.active, reduced, lowest), lowest)
    filled = np.flatnonzero(np.diff(model.unit_start) > 0)
    best = np.zeros(model.units, dtype=np.int64)
    if len(filled):
        best[filled] = np.maximum.reduceat(padded[:-1], model.unit_start[filled])
    free = ~relaxation.must
    best[free] = np.maximum(best[free], 0)
    return best


def bound_freely(relaxation: Relaxation, value: Ints) -> int:
    """Return the bound that costs nothing: every unit takes what is best for it."""
    return int(best_of_units(relaxation, value).sum())


def tighten(relaxation: Relaxation, found: Bound, value: int) -> bool:
    """Remove what no plan of at least ``value`` can use; return whether the face now implies that value."""
    slack = found.total - found.scale * value
    if slack < 0:
        raise AssertionError("a bound lies below a plan's value")
    model = relaxation.model
    loss = np.repeat(found.unit, np.diff(model.unit_start)) - found.reduced
    relaxation.active &= loss <= slack
    relaxation.must |= found.unit > slack
    rows = len(relaxation.equal)
    relaxation.equal |= np.abs(found.prices[:rows]) > slack
    if len(found.prices) > rows and found.prices[rows:].any():
        return False
    left = np.where(relaxation.active, loss, 0).astype(np.float64)
    worst = _largest(model, left)
    worst += float(np.where(relaxation.must, 0, found.unit).astype(np.float64).sum())
    worst += float(np.where(relaxation.equal, 0, np.abs(found.prices[:rows])).astype(np.float64) @ model.room)
    return worst + 0.0 < found.scale - slack


def _largest(model: Model, values: Floats) -> float:
    """Sum over units of the largest value."""
    filled = np.flatnonzero(np.diff(model.unit_start) > 0)
    if not len(filled):
        return 0.0
    return float(np.maximum.reduceat(values, model.unit_start[filled]).sum())
