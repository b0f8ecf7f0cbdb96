"""One linear programme for all levels of a night: HiGHS keeps its basis from level to level and from pass to pass.

The corner that is best on one level is a feasible corner of the next level's programme (only columns that do not carry
it were removed), so the primal simplex method goes on from there instead of starting anew. Its prices steer; every bound
is recomputed in whole numbers by `solver.welfare.relax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.highs import INFINITY, Linear, LinearSolver

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run

LARGEST = 1e4  # costs are scaled down to this: HiGHS' tolerances are absolute


@dataclass(frozen=True)
class Corner:
    """x float64[C] and prices, one per row of the relaxation (resources, links, closed levels)."""

    x: Floats
    prices: Floats


class Ladder:
    """The programme of one relaxation and of all that follow from it.

    Built for the columns that are active at first; later relaxations may only use these.
    """

    def __init__(self, run: Run, relaxation: Relaxation) -> None:
        self.run = run
        model = run.model
        self.columns = np.flatnonzero(relaxation.active)
        unit = model.column_unit[self.columns]
        self.units, local = np.unique(unit, return_inverse=True)
        pick = sparse.csr_array(
            (np.ones(len(unit)), (local, np.arange(len(unit)))), shape=(len(self.units), len(unit))
        )
        matrix = sparse.vstack([pick, model.matrix[:, self.columns].astype(np.float64)], format="csc")
        self.upper = np.concatenate([np.ones(len(self.units)), model.rhs.astype(np.float64)])
        self.lower = self._lower(relaxation)
        self.open = np.ones(len(unit), dtype=np.bool_)
        self.rows: dict[int, tuple[Ints, int, int]] = {}  # by id of the values: values, least total, row
        self.solver = LinearSolver(
            Linear(
                np.zeros(len(unit)),
                matrix,
                self.lower,
                self.upper,
                np.zeros(len(unit)),
                np.full(len(unit), INFINITY),
            ),
            run.params.seed,
            run.seconds_left(),
        )
        self.count = matrix.shape[0]

    def _lower(self, relaxation: Relaxation) -> Floats:
        lower: Floats = np.concatenate(
            [
                np.where(relaxation.must[self.units], 1.0, -INFINITY),
                np.where(relaxation.equal, self.run.model.rhs, -INFINITY),
            ]
        )
        return lower

    def solve(self, relaxation: Relaxation, value: Ints) -> Corner | None:
        """Maximise ``value`` over ``relaxation``; None where HiGHS finds nothing."""
        self._follow(relaxation)
        cost = value[self.columns].astype(np.float64)
        scale = max(1.0, float(np.abs(cost).max(initial=0.0)) / LARGEST)
        answer = self.solver.resume(cost / scale, self.run.seconds_left())
        self.run.seconds_left()
        if answer.x is None or answer.row_dual is None:
            return None
        x = np.zeros(self.run.model.columns)
        x[self.columns] = answer.x
        prices = answer.row_dual * scale
        fixed = prices[len(self.units) : len(self.units) + len(self.run.model.rhs)]
        closed = [-prices[self.rows[id(values)][2]] for values, _ in relaxation.level_rows]
        return Corner(x, np.concatenate([fixed, np.array(closed, dtype=np.float64)]))

    def _follow(self, relaxation: Relaxation) -> None:
        """Change the bounds that differ."""
        active = relaxation.active[self.columns]
        self.solver.bound_columns(np.flatnonzero(active != self.open), active)
        self.open = active
        lower = self._lower(relaxation)
        for row in np.flatnonzero(lower != self.lower).tolist():
            self.solver.bound_row(row, lower[row], self.upper[row])
        self.lower = lower
        wanted = {id(values): (values, least) for values, least in relaxation.level_rows}
        for key, (values, least, row) in list(self.rows.items()):
            now = wanted.get(key, (values, None))[1]
            if now != least:
                self.solver.bound_row(row, -INFINITY if now is None else float(now), INFINITY)
                self.rows[key] = (values, least if now is None else now, row)
                if now is None:
                    del self.rows[key]
        for key, (values, least) in wanted.items():
            if key not in self.rows:
                self.solver.add_row(values[self.columns], float(least))
                self.rows[key] = (values, least, self.count)
                self.count += 1
