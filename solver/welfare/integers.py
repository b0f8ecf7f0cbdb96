"""Small integer programmes: HiGHS where doubles are exact enough, CP-SAT in whole numbers where they are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.welfare.highs import INFINITY, Linear, presolves_to_nothing, solve_integer

if TYPE_CHECKING:
    from solver.arrays import Ints

EXACT_IN_DOUBLES = 1e7  # coefficients up to here; HiGHS keeps rows within 1e-6
SIDES = 1e9  # right sides up to here
LONG, AIR = 1e4, 0.25  # sides above and how far they move: integers between are none
NONE = np.iinfo(np.int64).min  # "no lower side"
ENDLESS = 2**62  # "no upper side"
WORK = 30.0  # CP-SAT's deterministic seconds for one programme


@dataclass(frozen=True)
class Whole:
    """maximise cost @ x over binary x with lower <= matrix @ x <= upper (int64; ``NONE`` = no lower side)."""

    cost: Ints
    matrix: Any  # csr int64[rows, columns]
    lower: Ints
    upper: Ints


@dataclass(frozen=True)
class WholeAnswer:
    """``status``: optimal, infeasible or limit; ``bound`` is valid wherever it is not None."""

    status: str
    x: Ints | None
    bound: int | None


def solve_whole(
    problem: Whole, seed: int, seconds: float, nodes: int, start: Ints | None, slack: float = 0.0
) -> WholeAnswer:
    """Solve; work is counted in nodes (deterministic), ``seconds`` only cuts."""
    if _is_small(problem) and float(np.abs(problem.cost).sum()) < 1e10:
        answer = _by_highs(problem, seed, seconds, nodes, start, slack)
        if answer is not None:
            return answer
    return _by_cp_sat(problem, seed, seconds, start)


def is_empty(problem: Whole) -> bool:
    """Whether HiGHS' presolve alone finds that nothing fits; False says nothing."""
    return _is_small(problem) and presolves_to_nothing(_linear(problem))


def _is_small(problem: Whole) -> bool:
    """Whether doubles hold the numbers exactly enough."""
    sides = problem.upper[problem.upper != ENDLESS]
    numbers = max(_largest(problem.matrix.data), _largest(problem.cost))
    return numbers <= EXACT_IN_DOUBLES and _largest(sides) <= SIDES


def _largest(values: Ints) -> float:
    return float(np.abs(values).max(initial=0))


def _linear(problem: Whole) -> Linear:
    """The programme in doubles; large sides move outward by less than a whole number, or digits alone might rule it out."""
    columns = len(problem.cost)
    lower, upper = problem.lower.astype(np.float64), problem.upper.astype(np.float64)
    return Linear(
        problem.cost.astype(np.float64),
        problem.matrix.tocsc().astype(np.float64),
        np.where(problem.lower == NONE, -INFINITY, lower - np.where(np.abs(lower) > LONG, AIR, 0.0)),
        np.where(problem.upper == ENDLESS, INFINITY, upper + np.where(np.abs(upper) > LONG, AIR, 0.0)),
        np.zeros(columns),
        np.ones(columns),
    )


def _by_highs(
    problem: Whole, seed: int, seconds: float, nodes: int, start: Ints | None, slack: float
) -> WholeAnswer | None:
    columns = len(problem.cost)
    found = solve_integer(_linear(problem), seed, seconds, nodes, start, slack)
    if found.status == "infeasible":
        return WholeAnswer("infeasible", None, None)
    x = None if found.x is None else np.rint(found.x).astype(np.int64)
    if x is not None and not _holds(problem, x):
        return None
    bound = None
    if np.isfinite(
        found.bound
    ):  # rounded outward: reduced costs hold within 1e-7 a column, sums within their digits
        bound = int(np.floor(found.bound + 1e-6 + 1e-7 * columns + 1e-11 * abs(found.bound)))
    if x is None and found.status == "optimal":
        return None
    return WholeAnswer(found.status if found.status != "failed" else "limit", x, bound)


def _holds(problem: Whole, x: Ints) -> bool:
    sides = problem.matrix @ x
    return bool(((problem.lower == NONE) | (sides >= problem.lower)).all() and (sides <= problem.upper).all())


def _by_cp_sat(  # noqa: C901 - one model, written down once
    problem: Whole, seed: int, seconds: float, start: Ints | None
) -> WholeAnswer:
    from ortools.sat.python import cp_model  # noqa: PLC0415 - half a second to load, and seldom needed

    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in range(len(problem.cost))]
    matrix = problem.matrix.tocsr()
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = matrix.data[span].tolist()
        if not terms:
            continue
        total = cp_model.LinearExpr.weighted_sum([x[c] for c in matrix.indices[span].tolist()], terms)
        most = sum(t for t in terms if t > 0)
        least = sum(t for t in terms if t < 0)
        low = least if problem.lower[row] == NONE else max(least, int(problem.lower[row]))
        high = min(most, int(problem.upper[row]))
        if low > most or high < least or low > high:
            return WholeAnswer("infeasible", None, None)
        if low > least or high < most:
            model.add_linear_constraint(total, low, high)
    if problem.cost.any():
        model.maximize(cp_model.LinearExpr.weighted_sum(x, problem.cost.tolist()))
    if start is not None:
        for variable, value in zip(x, start.tolist(), strict=True):
            model.add_hint(variable, value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    solver.parameters.max_deterministic_time = WORK
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return WholeAnswer("infeasible", None, None)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return WholeAnswer("limit", None, None)
    answer = np.array([int(solver.value(variable)) for variable in x], dtype=np.int64)
    value = int(problem.cost @ answer)
    if status == cp_model.OPTIMAL:
        return WholeAnswer("optimal", answer, value)
    rough = solver.best_objective_bound
    return WholeAnswer("limit", answer, int(np.floor(rough)) if abs(rough) < 2**50 else None)
