"""One linear programme for all levels of a night: HiGHS keeps its basis from level to level and from pass to pass.

The corner that is best on one level is a feasible corner of the next level's programme (only columns that do not carry
it were removed), so the primal simplex method goes on from there instead of starting anew. Where a corner is known from
elsewhere it begins there: what is placed is basic, and so is every row with room. Whoever has one column whole in it and no
other near is held there, outside the programme, until prices say that somebody else could use the place better. Cuts are
met by the dual simplex method in a few steps. Prices steer; every bound is recomputed in whole numbers by `solver.welfare.relax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.cuts import Multipliers
from solver.welfare.highs import INFINITY, Linear, LinearSolver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.cuts import Cuts
    from solver.welfare.model import Model
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run

LARGEST = 1e4  # costs are scaled down to this: HiGHS' tolerances are absolute
NEAR = 1e-5
LOOSE = 1e-6
FRACTIONS = 150  # columns, the most fractional ones, whose rows of the tableau are read
STEPS = 100_000
CALLED = 1e-6  # gain of a column outside that calls it in
JOINING = 2_000  # columns that join at once


@dataclass(frozen=True)
class Corner:
    """x float64[C] and prices, one per row of the relaxation (resources, links, cuts, closed levels)."""

    x: Floats
    prices: Floats


@dataclass
class _KeptLevel:
    """A row that keeps an earlier level: ``value`` int64[C] @ x >= ``least``; ``place``: its row in the programme."""

    value: Ints
    least: int | None
    place: int


@dataclass(frozen=True)
class Basis:
    """What is basic at a corner: ``columns`` bool[C], ``units`` bool[U] and ``rows`` bool[M], the room that they leave.

    ``levels``: the same of rows that keep earlier levels.
    """

    columns: Bools
    units: Bools
    rows: Bools
    levels: dict[int, bool]


@dataclass(frozen=True)
class Start:
    """A corner that is known already: ``x`` float64[C], and what a programme begins with there.

    ``few`` bool[C]: the columns, those of ``x`` among them; None: all. ``basis``: that of ``x``, where another programme ended
    there; None: it is guessed.
    """

    x: Floats
    few: Bools | None = None
    basis: Basis | None = None


class Ladder:
    """The programme of one relaxation and of all that follow from it.

    Built for the columns that are active at first; later relaxations may only use these. With ``start`` it begins at a corner
    with few columns; what prices show to be missing joins.
    ``sure`` int64[U]: the columns of those who are held outside the programme, -1 elsewhere.
    """

    def __init__(self, run: Run, relaxation: Relaxation, start: Start | None = None) -> None:
        self.run = run
        self.model = model = relaxation.model
        few = None if start is None else start.few
        basis = None if start is None else start.basis
        near = relaxation.active if few is None else relaxation.active & few
        if basis is not None:
            near = near | basis.columns
        self.sure = _hold(relaxation, None if start is None else start.x, near)
        if basis is not None:  # outside goes a column with its unit's row: one basic, the other not
            whole = self.sure >= 0
            self.sure[whole & (basis.units | ~basis.columns[np.maximum(self.sure, 0)])] = -1
        held = self.sure[self.sure >= 0]
        self.columns = np.flatnonzero(near & (self.sure[model.column_unit] < 0))
        self.inside = np.zeros(model.columns, dtype=np.bool_)
        self.inside[self.columns] = True
        units = np.unique(model.column_unit[self.columns])
        self.unit_row = np.full(model.units, -1, dtype=np.int64)
        self.unit_row[units] = np.arange(len(units))
        pick = self._pick(self.columns, len(units))
        matrix = sparse.vstack([pick, model.matrix[:, self.columns].astype(np.float64)], format="csc")
        self.must = relaxation.must.copy()
        self.equal = relaxation.equal.copy()
        self.sides = model.rhs - model.matrix[:, held].sum(axis=1)
        lower = np.concatenate(
            [np.where(self.must[units], 1.0, -INFINITY), np.where(self.equal, self.sides, -INFINITY)]
        )
        upper = np.concatenate([np.ones(len(units)), self.sides.astype(np.float64)])
        self.row_of = np.arange(len(model.rhs)) + len(units)  # of each row of the model
        self.open = np.ones(len(self.columns), dtype=np.bool_)
        self.rows: dict[int, _KeptLevel] = {}  # by level
        nothing = np.zeros(len(self.columns))
        self.solver = LinearSolver(
            Linear(nothing, matrix, lower, upper, nothing, np.full(len(nothing), INFINITY)),
            run.params.seed,
            run.seconds_left(),
        )
        self.count = matrix.shape[0]
        if start is not None:
            self._follow(relaxation)
            known = None if basis is None else self._basis_from(basis, units)
            if known is None:
                columns, rows = _basis_at(matrix, upper, start.x[self.columns], len(units))
                known = columns, np.append(rows, np.ones(self.count - len(rows), dtype=np.bool_))
            self.solver.begin_at(*known)

    def solve(self, relaxation: Relaxation, value: Ints | Floats, steps: int = STEPS) -> Corner | None:
        """Maximise ``value`` over ``relaxation`` in at most ``steps`` of the simplex method; None where HiGHS finds nothing."""
        self._follow(relaxation)
        scale = max(1.0, float(np.abs(value[relaxation.active]).max(initial=0.0)) / LARGEST)
        aims = value / scale
        while True:
            answer = self.solver.resume(aims[self.columns], self.run.seconds_left(), steps)
            self.run.seconds_left()
            lacks = answer.status == "infeasible"  # among the columns inside
            dual = self.solver.contradiction() if lacks else answer.row_dual
            if dual is None:
                return None
            missing, leaving = self._missing(relaxation, aims * (not lacks), dual)
            if not len(missing) + len(leaving):
                break
            self._join(missing, leaving)
        if answer.x is None or answer.row_dual is None:
            return None
        x = np.zeros(self.model.columns)
        x[self.columns] = answer.x
        x[self.sure[self.sure >= 0]] = 1.0
        prices = answer.row_dual * scale
        closed = [-prices[self.rows[row.level].place] for row in relaxation.level_rows]
        return Corner(x, np.concatenate([prices[self.row_of], np.array(closed, dtype=np.float64)]))

    def tableau(self, relaxation: Relaxation, x: Floats) -> Iterator[Multipliers]:
        """Yield rows of the basis' inverse, one per most fractional column of the corner ``x``.

        Whoever is held outside the programme has no multiplier: theirs is what makes their own column vanish.
        """
        known = len(self.model.rhs)
        levels = [self.rows[row.level].place for row in relaxation.level_rows]
        unit_at, row_at = (np.full(self.count, -1, dtype=np.int64) for _ in range(2))
        inside = np.flatnonzero(self.unit_row >= 0)
        unit_at[self.unit_row[inside]] = inside
        row_at[self.row_of] = np.arange(known)
        row_at[levels] = np.arange(known, known + len(levels))
        away = np.abs(x[self.columns] - 0.5)
        loose = np.flatnonzero(away < 0.5 - LOOSE)
        loose = loose[np.argsort(away[loose], kind="stable")][:FRACTIONS]
        for places, values in self.solver.tableau(loose):
            units, rows = unit_at[places], row_at[places]
            of_units, of_rows = values[units >= 0], values[rows >= 0]
            units, rows = units[units >= 0], rows[rows >= 0]
            of_rows = np.where(rows < known, of_rows, -of_rows)  # a level is kept as "at least"
            yield Multipliers(units, of_units, rows, of_rows)

    def cut(self, cuts: Cuts, model: Model) -> None:
        """Add the rows that ``model`` has below those known."""
        self.model = model
        sides = cuts.rhs - cuts.matrix[:, self.sure[self.sure >= 0]].sum(axis=1)
        inside = cuts.matrix[:, self.columns].tocsr()
        for row, side in enumerate(sides.tolist()):
            self.solver.add_row(inside[[row]].toarray().ravel(), upper=float(side))
        self.row_of = np.concatenate([self.row_of, np.arange(self.count, self.count + len(sides))])
        self.sides = np.concatenate([self.sides, sides])
        self.equal = np.concatenate([self.equal, np.zeros(len(sides), dtype=np.bool_)])
        self.count += len(sides)
        self.solver.expect_cuts()

    def basis(self) -> Basis:
        """Return the basis at the corner that was found last."""
        basic, of_rows = self.solver.basis()
        columns = np.zeros(self.model.columns, dtype=np.bool_)
        columns[self.columns] = basic
        columns[self.sure[self.sure >= 0]] = True
        units = self.sure < 0  # a unit without a column inside leaves its place empty
        inside = self.unit_row >= 0
        units[inside] = of_rows[self.unit_row[inside]]
        levels = {level: bool(of_rows[row.place]) for level, row in self.rows.items()}
        return Basis(columns, units, of_rows[self.row_of], levels)

    def _basis_from(self, basis: Basis, units: Ints) -> tuple[Bools, Bools] | None:
        """bool[columns], bool[rows] of this programme; None where the other one's basis is none here."""
        columns = basis.columns[self.columns]
        levels = [basis.levels.get(level, True) for level in self.rows]  # in the order of their adding
        rows = np.concatenate([basis.units[units], basis.rows, np.array(levels, dtype=np.bool_)])
        return (columns, rows) if int(columns.sum()) + int(rows.sum()) == len(rows) else None

    def _pick(self, columns: Ints, rows: int) -> sparse.csr_array:
        """Csr [rows, columns]: a one where a column belongs to a unit's row."""
        place = self.unit_row[self.model.column_unit[columns]]
        return sparse.csr_array(
            (np.ones(len(columns)), (place, np.arange(len(columns)))), shape=(rows, len(columns))
        )

    def _missing(self, relaxation: Relaxation, aims: Floats, dual: Floats) -> tuple[Ints, Ints]:
        """Columns outside that the prices call in, the best first; units held outside that would rather have none."""
        unit_of = self.model.column_unit
        gain = aims - self.model.matrix.T @ dual[self.row_of]
        for row in relaxation.level_rows:
            gain -= row.value * dual[self.rows[row.level].place]
        worth = np.append(dual, 0.0)[self.unit_row]  # of a unit's own place; -1: it has no row
        held = np.flatnonzero(self.sure >= 0)
        worth[held] = gain[self.sure[held]]
        gain -= worth[unit_of]
        gain[self.inside | ~relaxation.active] = 0.0
        wanted = np.flatnonzero(gain > CALLED)
        wanted = wanted[np.argsort(-gain[wanted], kind="stable")]
        # Of each unit the best only: prices change with every joining.
        _, first = np.unique(unit_of[wanted], return_index=True)
        wanted = wanted[np.sort(first)[:JOINING]]
        return wanted, held[(worth[held] < -CALLED) & ~relaxation.must[held]]

    def _join(self, columns: Ints, leaving: Ints) -> None:
        """Add columns to the programme, with rows for units that had none; a column held outside comes in at one."""
        model = self.model
        new = np.union1d(model.column_unit[columns], leaving)
        new = new[self.unit_row[new] < 0]
        freed = new[self.sure[new] >= 0]
        held = self.sure[freed]
        first_row, first_column = self.count, len(self.columns)
        self.unit_row[new] = np.arange(first_row, first_row + len(new))
        self.count += len(new)
        self.solver.add_rows(np.where(self.must[new], 1.0, -INFINITY), np.ones(len(new)))
        columns = np.concatenate([held, np.setdiff1d(columns, held)])
        own = model.matrix[:, columns].tocoo()
        shape = (self.count, len(columns))
        parts = [
            self._pick(columns, self.count),
            sparse.csr_array((own.data.astype(np.float64), (self.row_of[own.row], own.col)), shape=shape),
        ]
        for row in self.rows.values():
            place = np.full(len(columns), row.place)
            values = row.value[columns].astype(np.float64)
            parts.append(sparse.csr_array((values, (place, np.arange(len(columns)))), shape=shape))
        self.solver.add_columns(sum(parts[1:], start=parts[0]).tocsc())
        self.columns = np.concatenate([self.columns, columns])
        self.inside[columns] = True
        self.open = np.concatenate([self.open, np.ones(len(columns), dtype=np.bool_)])
        self.sure[freed] = -1
        if len(freed):
            self._give_back(held)
            self.solver.enter(np.arange(first_column, first_column + len(held)), self.unit_row[freed])

    def _give_back(self, held: Ints) -> None:
        """Let the rows count again what these columns use."""
        load = self.model.matrix[:, held].sum(axis=1)
        self.sides += load
        for row in np.flatnonzero(load).tolist():
            self._bound(row)
        for each in self.rows.values():
            if each.least is not None and each.value[held].any():
                self.solver.bound_row(each.place, self._floor(each), INFINITY)

    def _bound(self, row: int) -> None:
        """Give a row of the model the sides it has now."""
        side = float(self.sides[row])
        self.solver.bound_row(int(self.row_of[row]), side if self.equal[row] else -INFINITY, side)

    def _floor(self, row: _KeptLevel) -> float:
        """What the columns inside must reach on a level."""
        if row.least is None:
            return -INFINITY
        return float(row.least - int(row.value[self.sure[self.sure >= 0]].sum()))

    def _follow(self, relaxation: Relaxation) -> None:
        """Change the bounds that differ."""
        unit_of = self.model.column_unit
        held = np.flatnonzero(self.sure >= 0)
        lost = np.zeros(len(self.sure), dtype=np.bool_)
        lost[held] = ~relaxation.active[self.sure[held]]
        lost |= relaxation.must & ~self.must & (self.sure < 0) & (self.unit_row < 0)
        must, self.must = self.must, relaxation.must.copy()
        if lost.any():
            self._join(np.flatnonzero(lost[unit_of] & relaxation.active & ~self.inside), np.flatnonzero(lost))
        active = relaxation.active[self.columns]
        self.solver.bound_columns(np.flatnonzero(active != self.open), active)
        self.open = active
        for unit in np.flatnonzero((must != self.must) & (self.unit_row >= 0)).tolist():
            self.solver.bound_row(int(self.unit_row[unit]), 1.0 if self.must[unit] else -INFINITY, 1.0)
        equal, self.equal = self.equal, relaxation.equal.copy()
        for row in np.flatnonzero(equal != self.equal).tolist():
            self._bound(row)
        wanted = {row.level: row for row in relaxation.level_rows}
        for level, known in list(self.rows.items()):
            least = wanted[level].least if level in wanted else None
            if least != known.least:
                known.least = least
                self.solver.bound_row(known.place, self._floor(known), INFINITY)
                if least is None:
                    del self.rows[level]
        for level, kept in wanted.items():
            if level not in self.rows:
                self.rows[level] = _KeptLevel(kept.value, kept.least, self.count)
                self.solver.add_row(kept.value[self.columns], lower=self._floor(self.rows[level]))
                self.count += 1


def _hold(relaxation: Relaxation, x: Floats | None, near: Bools) -> Ints:
    """int64[U]: the column of each unit that is whole in ``x`` and alone ``near``, -1 elsewhere."""
    model = relaxation.model
    sure = np.full(model.units, -1, dtype=np.int64)
    if x is not None:
        alone = np.bincount(model.column_unit[near], minlength=model.units) == 1
        whole = np.flatnonzero((x > 1 - LOOSE) & near & relaxation.active & alone[model.column_unit])
        sure[model.column_unit[whole]] = whole
        if (
            near.sum() == len(whole) > 0
        ):  # HiGHS calls a programme without a column solved, whatever its rows say
            sure[model.column_unit[whole[0]]] = -1
    return sure


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
