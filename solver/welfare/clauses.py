"""CP-SAT behind a small door: integer programmes in whole numbers, by one worker, within counted work.

Only the compiled half of the library is loaded: its Python half brings pandas along, which takes longer to load than
most programmes take to solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Ints

NONE = np.iinfo(np.int64).min  # "no lower side"
ENDLESS = 2**62  # "no upper side"
LONG = 1.0  # deterministic seconds from which a search is a proof rather than a neighbourhood
EXACT = 2**50  # the library tells its bound as a double


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


def solve_by_clauses(
    problem: Whole,
    seed: int,
    seconds: float,
    work: float,
    start: Ints | None,
    slack: float = 0.0,
    relaxing: int = 2,
) -> WholeAnswer:
    """Solve within ``work`` deterministic seconds, to ``slack`` of the optimum; ``seconds`` only cut.

    ``relaxing``: how much of the programme becomes the library's linear relaxation (0 to 2). With all of it, and from a
    good ``start``, what reduced costs leave of a tight night ends in a third of HiGHS' time.
    """
    from ortools.sat.python import cp_model_helper as library  # noqa: PLC0415 - seldom needed

    model = _write(library, problem, start)
    if model is None:
        return WholeAnswer("infeasible", None, None)
    parameters = library.SatParameters()
    parameters.num_workers = 1
    parameters.random_seed = seed % 2**31
    parameters.max_time_in_seconds = max(0.01, seconds)
    parameters.max_deterministic_time = work
    parameters.absolute_gap_limit = slack
    parameters.linearization_level = relaxing
    if (
        work >= LONG
    ):  # probing is half of a small neighbourhood's solution, and lost on what reduced costs leave
        parameters.cp_model_probing_level = 0
    solver: Any = library.SolveWrapper()
    solver.set_parameters(parameters)
    answer = solver.solve(model)
    known = library.CpSolverStatus
    if answer.status == known.INFEASIBLE:
        return WholeAnswer("infeasible", None, None)
    if answer.status not in (known.OPTIMAL, known.FEASIBLE):
        return WholeAnswer("limit", None, None)
    x = np.array(answer.solution, dtype=np.int64)
    if answer.status == known.OPTIMAL and not slack:
        return WholeAnswer("optimal", x, int(problem.cost @ x))
    rough = float(answer.best_objective_bound)
    status = "optimal" if answer.status == known.OPTIMAL else "limit"
    outward = 0 if abs(rough) < EXACT else int(abs(rough) / EXACT) + 1  # beyond the last digits of a double
    return WholeAnswer(status, x, int(np.floor(rough)) + outward if np.isfinite(rough) else None)


def _write(library: Any, problem: Whole, start: Ints | None) -> Any:
    """Write the programme in the library's format; None where a row by itself rules everything out."""
    model = library.CpModelProto()
    columns = list(range(len(problem.cost)))
    for _ in columns:
        model.variables.add().domain.extend([0, 1])
    matrix = problem.matrix.tocsr()
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = matrix.data[span].tolist()
        if not terms:
            continue
        most = sum(t for t in terms if t > 0)
        least = sum(t for t in terms if t < 0)
        low = least if problem.lower[row] == NONE else max(least, int(problem.lower[row]))
        high = min(most, int(problem.upper[row]))
        if low > most or high < least or low > high:
            return None
        if low > least or high < most:
            linear = model.constraints.add().linear
            linear.vars.extend(matrix.indices[span].tolist())
            linear.coeffs.extend(terms)
            linear.domain.extend([low, high])
    if problem.cost.any():
        model.objective.vars.extend(columns)
        model.objective.coeffs.extend((-problem.cost).tolist())
        model.objective.scaling_factor = -1.0
    if start is not None:
        model.solution_hint.vars.extend(columns)
        model.solution_hint.values.extend(start.tolist())
    return model
