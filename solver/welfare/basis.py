"""The relaxation of a small night by the simplex method; its last basis prices every level of a block at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from solver.welfare.highs import INFINITY, Linear, LinearSolver

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.blocks import Block
    from solver.welfare.relax import Relaxation
    from solver.welfare.state import Run


class Infeasible(Exception):
    """No plan keeps all pins and musts."""


def solve_relaxation(run: Run, relaxation: Relaxation, block: Block) -> tuple[Floats, list[Floats]] | None:
    """Solve a block's LP; return x and, per level, the prices of the objective truncated there."""
    model = run.model
    columns = np.flatnonzero(relaxation.active)
    unit_of = model.column_unit[columns]
    units = np.unique(unit_of)
    matrix, rhs, equal = relaxation.rows()
    part = matrix[:, columns].astype(np.float64)
    pick = sparse.csr_array(
        (np.ones(len(columns)), (np.searchsorted(units, unit_of), np.arange(len(columns)))),
        shape=(len(units), len(columns)),
    )
    whole = sparse.vstack([pick, part], format="csc")
    upper = np.concatenate([np.ones(len(units)), rhs.astype(np.float64)])
    lower = np.concatenate(
        [np.where(relaxation.must[units], 1.0, -INFINITY), np.where(equal, rhs, -INFINITY)]
    )
    cost = block.cost(model)[columns].astype(np.float64)
    solver = LinearSolver(
        Linear(cost, whole, lower, upper, np.zeros(len(columns)), np.full(len(columns), INFINITY)),
        run.params.seed,
        run.seconds_left(),
    )
    answer = solver.solve()
    if answer.status == "infeasible":
        raise Infeasible
    if answer.x is None or answer.row_dual is None:
        run.seconds_left()
        return None
    x = np.zeros(model.columns)
    x[columns] = answer.x
    prices = _prices_by_level(run, block, solver, whole, columns)
    if prices is None:
        prices = [answer.row_dual] * len(block.levels)
    return x, [each[len(units) :] for each in prices]


def _prices_by_level(
    run: Run, block: Block, solver: LinearSolver, whole: sparse.csc_array, columns: Ints
) -> list[Floats] | None:
    """The final basis prices every level at once: B' p = cost of the basic columns, level by level."""
    basic_columns, basic_rows = solver.basis()
    inside = np.flatnonzero(basic_columns)
    rows = whole.shape[0]
    if len(inside) + int(basic_rows.sum()) != rows:
        return None
    slack = sparse.identity(rows, format="csc")[:, np.flatnonzero(basic_rows)]
    basis = sparse.hstack([whole[:, inside], slack], format="csc")
    try:
        factor = splu(basis)
    except RuntimeError:  # a singular basis: the LP's own duals will do
        return None
    total = np.zeros(rows)
    found = []
    for level, weight in zip(block.levels, block.weights, strict=True):
        side = np.zeros(rows)
        side[: len(inside)] = run.model.levels[level].value[columns[inside]]
        total = total + weight * _solve_transposed(factor, side)
        found.append(total)
    return found


def _solve_transposed(factor: Any, side: Floats) -> Floats:
    solution: Floats = factor.solve(side, "T")
    return solution
