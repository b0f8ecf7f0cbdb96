"""Relaxations of a night with few rows, by the interior-point method; the last ones, small by then, end at a corner.

It suggests x, prices and thresholds; every bound is computed in whole numbers by `solver.welfare.relax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.highs import solve_corner
from solver.welfare.interior import Interior, Programme, solve_interior
from solver.welfare.relax import Bound, Relaxation, bound
from solver.welfare.thresholds import find_lowest, list_thresholds

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.state import Run

CORNER = 6_000  # columns up to which the simplex method ends at a corner in no time


def relax(
    run: Run, relaxation: Relaxation, value: Ints, reached: int | None, corner: int = CORNER
) -> tuple[Interior | None, Bound | None]:
    """Maximise ``value`` over the relaxation; return x (float64[C]) with prices, and the integer bound.

    Up to ``corner`` columns by the simplex method.
    """
    matrix, rhs, equal = relaxation.rows()
    zero = bound(relaxation, value, np.zeros(len(rhs)))
    if zero is not None and reached is not None and zero.total // zero.scale <= reached:
        return None, zero
    small = _shrink(relaxation, value, matrix, rhs, equal)
    best: list[Bound] = [] if zero is None else [zero]

    def watch(prices: Floats) -> bool:
        run.seconds_left()
        if reached is None:
            return False
        found = bound(relaxation, value, small.widen(prices))
        if found is not None and found.total // found.scale <= reached:
            best.append(found)
            return True
        return False

    if small.programme is None:
        x = small.fixed.astype(np.float64)
        return Interior(x, np.zeros(len(rhs)), 0.0, 0), zero
    solved = None
    if len(small.columns) <= corner:
        solved = solve_corner(small.programme, run.params.seed, run.seconds_left())
    if solved is None:
        solved = solve_interior(small.programme, watch=watch)
    x = small.fixed.astype(np.float64)
    x[small.columns] = solved.x
    found = bound(relaxation, value, small.widen(solved.prices))
    if found is not None:
        best.append(found)
    chosen = min(best, key=lambda each: each.total / each.scale, default=None)
    return Interior(x, small.widen(solved.prices), solved.gap, solved.steps), chosen


@dataclass
class _Small:
    """A relaxation without what is settled: ``columns`` and ``rows`` are those that are left, rows times ``scale``."""

    programme: Programme | None
    columns: Ints
    rows: Ints
    fixed: Ints
    all_rows: int
    scale: Floats

    def widen(self, prices: Floats) -> Floats:
        """Prices of all rows."""
        full = np.zeros(self.all_rows)
        full[self.rows] = prices * self.scale
        return full


def _shrink(relaxation: Relaxation, value: Ints, matrix: sparse.csc_array, rhs: Ints, equal: Bools) -> _Small:
    """Fix units with one column, leave out those that bring nothing here, drop rows that cannot bind."""
    model = relaxation.model
    unit_of = model.column_unit
    active = relaxation.active.copy()
    count = np.bincount(unit_of[active], minlength=model.units)
    idle = ~relaxation.must
    gives = (
        np.bincount(np.repeat(np.arange(len(active)), np.diff(matrix.indptr)), matrix.data < 0, len(active))
        > 0
    )
    useful = active & ((value > 0) | gives | _touches(matrix, equal))
    idle[unit_of[useful]] = False
    active &= ~idle[unit_of]
    single = relaxation.must & (count == 1)
    fixed = (active & single[unit_of]).astype(np.int64)
    columns = np.flatnonzero(active & ~single[unit_of])
    rest = rhs - matrix @ fixed
    part = matrix[:, columns].tocsr()
    high = np.zeros(part.shape[0])
    if len(columns):
        heads = np.flatnonzero(np.append(True, np.diff(unit_of[columns]) != 0))
        high = _most(part, unit_of[columns])
        start = np.append(heads, len(columns))
        rows = np.flatnonzero((np.diff(part.indptr) > 0) & (equal | (high > rest)))
        wide = part[rows].astype(np.float64)
        scale = 1.0 / np.maximum(1.0, abs(wide).max(axis=1).toarray().ravel()) if len(rows) else np.ones(0)
        programme = Programme(
            start.astype(np.int64),
            relaxation.must[unit_of[columns[heads]]],
            value[columns].astype(np.float64),
            (sparse.diags_array(scale) @ wide).tocsr(),
            rest[rows] * scale,
            equal[rows],
        )
        return _Small(programme, columns, rows, fixed, len(rhs), scale)
    return _Small(None, columns, np.zeros(0, dtype=np.int64), fixed, len(rhs), np.ones(0))


def _most(part: sparse.csr_array, unit: Ints) -> Floats:
    """float64[rows]: the most that all units together can put on a row."""
    rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
    key = rows * (int(unit.max()) + 1) + unit[part.indices]
    order = np.argsort(key, kind="stable")
    heads = np.flatnonzero(np.append(True, np.diff(key[order]) != 0)) if len(order) else order
    if not len(order):
        return np.zeros(part.shape[0])
    most = np.maximum.reduceat(part.data[order].astype(np.float64), heads)
    return np.bincount(rows[order][heads], np.maximum(most, 0), minlength=part.shape[0]).astype(np.float64)


def _touches(matrix: sparse.csc_array, equal: Bools) -> Bools:
    """bool[C]: columns on rows that must be full."""
    flags: Bools = (abs(matrix).T @ equal.astype(np.int64)) > 0
    return flags


def lowest_threshold(run: Run, relaxation: Relaxation, level: int) -> int:
    """The smallest threshold that the relaxation cannot rule out; everything below is proven impossible."""
    value = run.model.levels[level].value
    thresholds = list_thresholds(relaxation, value)
    return find_lowest(thresholds, 0, lambda threshold: is_impossible(run, relaxation, value, threshold))


def is_impossible(run: Run, relaxation: Relaxation, value: Ints, threshold: int) -> bool:
    """Whether prices prove that nothing without columns above ``threshold`` keeps the relaxation's rows."""
    trial = relaxation.copy()
    trial.active &= value <= threshold
    if (np.bincount(run.model.column_unit[trial.active], minlength=run.model.units)[trial.must] == 0).any():
        return True
    matrix, rhs, equal = trial.rows()
    nothing = np.zeros(run.model.columns, dtype=np.int64)
    small = _shrink(trial, nothing, matrix, rhs, equal)
    if small.programme is None:
        return bool((rhs - matrix @ small.fixed < 0).any())
    proofs: list[bool] = []

    def watch(prices: Floats) -> bool:
        run.seconds_left()
        largest = float(np.abs(prices).max(initial=0.0))
        if largest == 0:
            return False
        found = bound(trial, nothing, small.widen(prices / largest))  # a ray: its length is free
        if found is not None and found.total < 0:
            proofs.append(True)
            return True
        return False

    solve_interior(small.programme, watch=watch)
    return bool(proofs)
