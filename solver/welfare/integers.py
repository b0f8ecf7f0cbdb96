"""Small integer programmes: HiGHS where doubles are exact enough, CP-SAT in whole numbers where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.clauses import ENDLESS, NONE, Whole, WholeAnswer, solve_by_clauses
from solver.welfare.highs import INFINITY, Linear, presolves_to_nothing, solve_integer

if TYPE_CHECKING:
    from solver.arrays import Ints

EXACT_IN_DOUBLES = 1e7  # coefficients up to here; HiGHS keeps rows within 1e-6
SIDES = 1e9  # right sides up to here
LONG, AIR = 1e4, 0.25  # sides above and how far they move: integers between are none
WORK = 30.0  # CP-SAT's deterministic seconds for one programme


def solve_whole(
    problem: Whole, seed: int, seconds: float, nodes: int, start: Ints | None, slack: float = 0.0
) -> WholeAnswer:
    """Solve; work is counted in nodes (deterministic), ``seconds`` only cuts."""
    if _is_small(problem) and float(np.abs(problem.cost).sum()) < 1e10:
        answer = _by_highs(problem, seed, seconds, nodes, start, slack)
        if answer is not None:
            return answer
    return solve_by_clauses(problem, seed, seconds, WORK, start, relaxing=1)


def is_empty(problem: Whole, seconds: float) -> bool:
    """Whether HiGHS' presolve alone finds that nothing fits; False says nothing."""
    return _is_small(problem) and presolves_to_nothing(_linear(problem), seconds)


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


__all__ = ["ENDLESS", "NONE", "Whole", "WholeAnswer", "is_empty", "solve_whole"]
