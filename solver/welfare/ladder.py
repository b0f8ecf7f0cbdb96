"""One linear programme for all levels of a night: HiGHS keeps its basis from level to level and from pass to pass.

The corner that is best on one level is a feasible corner of the next level's programme (only columns that do not carry
it were removed), so the primal simplex method goes on from there instead of starting anew. Where a corner is known from
elsewhere it begins there: what is placed is basic, and so is every row with room. Cuts are met by the dual simplex method in
a few steps. Its prices steer; every bound is recomputed in whole numbers by `solver.welfare.relax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.highs import INFINITY, Linear, LinearSolver

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.cuts import Cuts
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run

LARGEST = 1e4  # costs are scaled down to this: HiGHS' tolerances are absolute
NEAR = 1e-5
STEPS = 100_000
CALLED = 1e-6  # gain of a column outside that calls it in
JOINING = 4_000  # columns that join at once


@dataclass(frozen=True)
class Corner:
    """x float64[C] and prices, one per row of the relaxation (resources, links, cuts, closed levels)."""

    x: Floats
    prices: Floats


class Ladder:
    """The programme of one relaxation and of all that follow from it.

    Built for the columns that are active at first; later relaxations may only use these. ``x`` (float64[C]): a corner of
    it that is known already; ``few`` bool[C]: columns to begin with, those of ``x`` among them. What prices show to be missing joins.
    """

    def __init__(
        self, run: Run, relaxation: Relaxation, x: Floats | None = None, few: Bools | None = None
    ) -> None:
        self.run = run
        model = run.model
        self.columns = np.flatnonzero(relaxation.active if few is None else relaxation.active & few)
        self.outside = np.zeros(0, np.int64) if few is None else np.flatnonzero(relaxation.active & ~few)
        self.units = np.unique(model.column_unit[relaxation.active])
        unit = np.searchsorted(self.units, model.column_unit[self.columns])
        pick = sparse.csr_array(
            (np.ones(len(unit)), (unit, np.arange(len(unit)))), shape=(len(self.units), len(unit))
        )
        matrix = sparse.vstack([pick, model.matrix[:, self.columns].astype(np.float64)], format="csc")
        self.must = relaxation.must[self.units]
        self.equal = relaxation.equal.copy()
        lower = np.concatenate(
            [np.where(self.must, 1.0, -INFINITY), np.where(self.equal, model.rhs, -INFINITY)]
        )
        upper = np.concatenate([np.ones(len(self.units)), model.rhs.astype(np.float64)])
        self.row_of = np.arange(len(model.rhs)) + len(self.units)  # of each row of the model
        self.open = np.ones(len(unit), dtype=np.bool_)
        self.rows: dict[int, tuple[Ints, int, int]] = {}  # by id of the values: values, least total, row
        nothing = np.zeros(len(unit))
        self.solver = LinearSolver(
            Linear(nothing, matrix, lower, upper, nothing, np.full(len(unit), INFINITY)),
            run.params.seed,
            run.seconds_left(),
        )
        self.count = matrix.shape[0]
        if x is not None:
            self._follow(relaxation)
            basic_columns, basic_rows = _basis_at(matrix, upper, x[self.columns], len(self.units))
            rows = np.append(basic_rows, np.ones(self.count - len(basic_rows), dtype=np.bool_))
            self.solver.begin_at(basic_columns, rows)

    def solve(self, relaxation: Relaxation, value: Ints | Floats, steps: int = STEPS) -> Corner | None:
        """Maximise ``value`` over ``relaxation`` in at most ``steps`` of the simplex method; None where HiGHS finds nothing."""
        self._follow(relaxation)
        scale = max(1.0, float(np.abs(value[relaxation.active]).max(initial=0.0)) / LARGEST)
        aims = value / scale
        while True:
            answer = self.solver.resume(aims[self.columns], self.run.seconds_left(), steps)
            self.run.seconds_left()
            if answer.x is None or answer.row_dual is None:
                return None
            missing = self._missing(relaxation, aims, answer.row_dual)
            if not len(missing):
                break
            self._join(missing)
        x = np.zeros(self.run.model.columns)
        x[self.columns] = answer.x
        prices = answer.row_dual * scale
        closed = [-prices[self.rows[id(values)][2]] for values, _ in relaxation.level_rows]
        return Corner(x, np.concatenate([prices[self.row_of], np.array(closed, dtype=np.float64)]))

    def _missing(self, relaxation: Relaxation, aims: Floats, dual: Floats) -> Ints:
        """Columns outside that the prices call in, the best first."""
        outside = self.outside[relaxation.active[self.outside]]
        if not len(outside):
            return outside
        model = self.run.model
        cost = (model.matrix.T @ dual[self.row_of])[outside]
        cost += dual[np.searchsorted(self.units, model.column_unit[outside])]
        for values, _ in relaxation.level_rows:
            cost += values[outside] * dual[self.rows[id(values)][2]]
        gain = aims[outside] - cost
        wanted = np.flatnonzero(gain > CALLED)
        return outside[wanted[np.argsort(-gain[wanted], kind="stable")][:JOINING]]

    def _join(self, columns: Ints) -> None:
        """Add columns to the programme."""
        model = self.run.model
        unit = np.searchsorted(self.units, model.column_unit[columns])
        parts = [
            sparse.csr_array(
                (np.ones(len(unit)), (unit, np.arange(len(unit)))), shape=(self.count, len(unit))
            )
        ]
        own = model.matrix[:, columns].tocoo()
        parts.append(
            sparse.csr_array(
                (own.data.astype(np.float64), (self.row_of[own.row], own.col)), shape=parts[0].shape
            )
        )
        for values, _, row in self.rows.values():
            parts.append(
                sparse.csr_array(
                    (
                        values[columns].astype(np.float64),
                        (np.full(len(columns), row), np.arange(len(columns))),
                    ),
                    shape=parts[0].shape,
                )
            )
        self.solver.add_columns(sum(parts[1:], start=parts[0]).tocsc())
        self.columns = np.concatenate([self.columns, columns])
        self.open = np.concatenate([self.open, np.ones(len(columns), dtype=np.bool_)])
        self.outside = np.setdiff1d(self.outside, columns)

    def cut(self, cuts: Cuts) -> None:
        """Add the rows that ``run.model`` got last."""
        first = self.count
        for row in range(len(cuts.rhs)):
            self.solver.add_row(
                cuts.matrix[[row]].toarray().ravel()[self.columns], upper=float(cuts.rhs[row])
            )
            self.count += 1
        self.row_of = np.concatenate([self.row_of, np.arange(first, self.count)])
        self.equal = np.concatenate([self.equal, np.zeros(len(cuts.rhs), dtype=np.bool_)])
        self.solver.expect_cuts()

    def _follow(self, relaxation: Relaxation) -> None:
        """Change the bounds that differ."""
        active = relaxation.active[self.columns]
        self.solver.bound_columns(np.flatnonzero(active != self.open), active)
        self.open = active
        must = relaxation.must[self.units]
        for row in np.flatnonzero(must != self.must).tolist():
            self.solver.bound_row(row, 1.0 if must[row] else -INFINITY, 1.0)
        self.must = must
        for row in np.flatnonzero(relaxation.equal != self.equal).tolist():
            side = float(self.run.model.rhs[row])
            self.solver.bound_row(int(self.row_of[row]), side if relaxation.equal[row] else -INFINITY, side)
        self.equal = relaxation.equal.copy()
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
                self.solver.add_row(values[self.columns], lower=float(least))
                self.rows[key] = (values, least, self.count)
                self.count += 1


def _basis_at(matrix: sparse.csc_array, upper: Floats, x: Floats, units: int) -> tuple[Bools, Bools]:
    """bool[columns], bool[rows]: a basis at the corner ``x``, the first ``units`` rows being "at most one of a unit".

    A corner has as many basic things as rows; where it is degenerate, full rows without a fractional column fill up.
    """
    full = matrix @ x
    columns = x > NEAR
    rows = upper - full > NEAR
    missing = len(rows) - int(columns.sum()) - int(rows.sum())
    loose = np.flatnonzero(columns & (x < 1 - NEAR))
    if missing < 0:  # x lies between corners
        columns[loose[missing:]] = False
    elif missing > 0:
        load = np.asarray((abs(matrix[:, loose]) > 0).sum(axis=1)).ravel()
        spare = np.flatnonzero(~rows)
        spare = spare[np.argsort(load[spare] + np.where(spare < units, len(x), 0), kind="stable")]
        rows[spare[:missing]] = True
    return columns, rows
