"""HiGHS behind a small door: the only module that touches SciPy's copy of it. No rules of the night in here.

SciPy ships HiGHS with its full interface (bases, warm starts); its public ``milp`` hides them, and the package highspy
cannot share a process with ortools. The interface is private to SciPy, hence one door (docs/solver.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.optimize._highspy._core as core  # type: ignore[import-not-found]
from scipy import sparse

from solver.welfare.interior import Interior

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.interior import Programme

INFINITY = np.inf
DUAL, PRIMAL = 1, 4  # HiGHS' numbers for the simplex methods
BASIC = core.HighsBasisStatus.kBasic
HALVES = 24  # random halves by which rows are told apart
PARTS = 10_080  # of one; a multiple of nearly all denominators that cuts know, so that rounding errors change no part


@dataclass(frozen=True)
class Linear:
    """maximise cost @ x, row_lower <= matrix @ x <= row_upper, lower <= x <= upper."""

    cost: Floats
    matrix: Any  # csc float64[rows, columns]
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Answer:
    """``status``: optimal, infeasible, limit (stopped with or without ``x``), failed."""

    status: str
    x: Floats | None
    row_dual: Floats | None
    bound: float
    work: int


def _start(seed: int, seconds: float) -> Any:
    solver = core._Highs()  # noqa: SLF001 - see the module's first lines
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", seed % 2_147_483_647),
        ("time_limit", max(0.01, seconds)),
    ):
        solver.setOptionValue(name, value)
    return solver


def _pass(solver: Any, problem: Linear, integer: bool) -> None:
    lp = core.HighsLp()
    rows, columns = problem.matrix.shape
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    matrix = lp.a_matrix_
    matrix.format_ = core.MatrixFormat.kColwise
    matrix.num_col_, matrix.num_row_ = columns, rows
    matrix.start_ = problem.matrix.indptr.astype(np.int32)
    matrix.index_ = problem.matrix.indices.astype(np.int32)
    matrix.value_ = problem.matrix.data.astype(np.float64)
    lp.a_matrix_ = matrix
    lp.sense_ = core.ObjSense.kMaximize
    if integer:
        lp.integrality_ = [core.HighsVarType.kInteger] * columns
    solver.passModel(lp)


def _status(solver: Any) -> str:
    status = solver.getModelStatus()
    known = core.HighsModelStatus
    if status in (known.kOptimal, known.kModelEmpty):
        return "optimal"
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return "infeasible"
    if status in (known.kTimeLimit, known.kIterationLimit, known.kSolutionLimit, known.kInterrupt):
        return "limit"
    return "failed"


class LinearSolver:
    """One linear programme that keeps its basis between solves."""

    def __init__(self, problem: Linear, seed: int, seconds: float) -> None:
        self.problem = problem
        self.solver = _start(seed, seconds)
        _pass(self.solver, problem, integer=False)

    def solve(self) -> Answer:
        """Solve from the present basis (from none at first)."""
        self.solver.run()
        status = _status(self.solver)
        if status != "optimal":
            return Answer(status, None, None, INFINITY, 0)
        solution = self.solver.getSolution()
        info = self.solver.getInfo()
        return Answer(
            status,
            np.array(solution.col_value),
            np.array(solution.row_dual),
            float(info.objective_function_value),
            int(info.simplex_iteration_count),
        )

    def resume(self, cost: Floats, seconds: float, steps: int) -> Answer:
        """Solve for another objective, from the present basis by the primal simplex method, in at most ``steps``."""
        columns = len(cost)
        self.solver.changeColsCost(columns, np.arange(columns, dtype=np.int32), cost)
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + max(0.01, seconds))
        self.solver.setOptionValue("simplex_iteration_limit", steps)
        answer = self.solve()
        self.solver.setOptionValue("simplex_strategy", PRIMAL)
        return answer

    def contradiction(self) -> Floats | None:
        """Multipliers of the rows (float64[rows], the largest 1) that show why no ``x`` keeps them all; None where unknown.

        After them no column inside is worth anything: one outside that is may mend it. HiGHS' "dual ray", its sign turned.
        """
        status, known, ray = self.solver.getDualRay()
        if not known:
            self.expect_cuts()  # only the dual simplex method leaves one
            self.solver.run()
            status, known, ray = self.solver.getDualRay()
            self.solver.setOptionValue("simplex_strategy", PRIMAL)
        size = float(np.abs(ray).max(initial=0.0))
        return -np.array(ray) / size if known and status == core.HighsStatus.kOk and size > 0 else None

    def begin_at(self, columns: Bools, rows: Bools) -> None:
        """Start at a basis (bool: basic), by the primal simplex method; what is singular in it HiGHS mends."""
        kinds = core.HighsBasisStatus
        basis = core.HighsBasis()
        basis.valid = True
        basis.col_status = [kinds.kBasic if basic else kinds.kLower for basic in columns.tolist()]
        basis.row_status = [kinds.kBasic if basic else kinds.kUpper for basic in rows.tolist()]
        self.solver.setBasis(basis)
        self.solver.setOptionValue("simplex_strategy", PRIMAL)

    def expect_cuts(self) -> None:
        """Meet new rows by the dual simplex method, next time."""
        self.solver.setOptionValue("simplex_strategy", DUAL)

    def bound_columns(self, changed: Ints, free: Bools) -> None:
        """Let the ``changed`` columns rise where ``free`` (bool[columns]), hold the others of them at zero."""
        if len(changed):
            upper = np.where(free[changed], INFINITY, 0.0)
            self.solver.changeColsBounds(
                len(changed), changed.astype(np.int32), np.zeros(len(changed)), upper
            )

    def add_columns(self, matrix: sparse.csc_array) -> None:
        """Add columns of no cost yet, at least 0 (csc [rows, new columns])."""
        count = matrix.shape[1]
        nothing = np.zeros(count)
        self.solver.addCols(
            count,
            nothing,
            nothing,
            np.full(count, INFINITY),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data.astype(np.float64),
        )

    def add_rows(self, lower: Floats, upper: Floats) -> None:
        """Add rows without an entry yet."""
        count, none = len(lower), np.zeros(0, dtype=np.int32)
        if count:
            self.solver.addRows(count, lower, upper, 0, np.zeros(count, dtype=np.int32), none, np.zeros(0))

    def enter(self, columns: Ints, rows: Ints) -> None:
        """Make ``columns`` basic in the place of ``rows``, at the rows' upper sides."""
        basis = self.solver.getBasis()
        column_status, row_status = list(basis.col_status), list(basis.row_status)
        for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
            column_status[column] = BASIC
            row_status[row] = core.HighsBasisStatus.kUpper
        basis.col_status, basis.row_status = column_status, row_status
        self.solver.setBasis(basis)

    def bound_row(self, row: int, lower: float, upper: float) -> None:
        """Give a row other sides."""
        self.solver.changeRowBounds(row, float(lower), float(upper))

    def add_row(self, values: Ints, lower: float = -INFINITY, upper: float = INFINITY) -> None:
        """Add ``lower <= values @ x <= upper`` (int64[columns])."""
        places = np.flatnonzero(values)
        self.solver.addRow(
            lower, upper, len(places), places.astype(np.int32), values[places].astype(np.float64)
        )

    def tableau(self, columns: Ints) -> Iterator[tuple[Ints, Floats]]:
        """Yield rows of the basis' inverse, one per basic one of ``columns``: places and multipliers of the rows.

        Of those that differ by whole numbers only, or after a change of sign, the first: they all round to the same.
        """
        places = {number: place for place, number in enumerate(self.solver.getBasicVariables()[1].tolist())}
        basic = np.array([places[column] for column in columns.tolist() if column in places], dtype=np.int64)
        for place in basic[self._distinct(basic)].tolist():
            status, values, count, rows = self.solver.getBasisInverseRowSparse(place)
            if status == core.HighsStatus.kOk:
                rows = np.array(rows[:count])
                yield rows, np.array(values)[rows]

    def _distinct(self, basic: Ints) -> Ints:
        """Which rows of the basis' inverse (int64, places) differ modulo one and sign; the first of each, in their order.

        One solve tells the sum of every row over the same random half of its entries: equal rows have equal sums.
        """
        rows = self.solver.getNumRow()
        halves = np.random.default_rng(0).integers(0, 2, (HALVES, rows)).astype(np.float64)
        sums = np.array([np.array(self.solver.getBasisSolve(half)[1])[basic] for half in halves]).T
        parts = np.rint(sums * PARTS).astype(np.int64) % PARTS
        opposite = -parts % PARTS
        differ = parts != opposite
        # Where a row and its opposite differ first, the smaller one stands for both.
        first = np.argmax(differ, axis=1)
        each = np.arange(len(basic))
        turned = differ.any(axis=1) & (opposite[each, first] < parts[each, first])
        _, places = np.unique(np.where(turned[:, None], opposite, parts), axis=0, return_index=True)
        return np.sort(places)

    def basis(self) -> tuple[Bools, Bools]:
        """bool[columns], bool[rows]: which are basic."""
        basis = self.solver.getBasis()
        return (
            np.array([status == BASIC for status in basis.col_status], dtype=np.bool_),
            np.array([status == BASIC for status in basis.row_status], dtype=np.bool_),
        )


def solve_corner(programme: Programme, seed: int, seconds: float) -> Interior | None:
    """Solve a programme of the interior-point method by the simplex method; None where it fails or is infeasible."""
    units, columns = len(programme.start) - 1, len(programme.cost)
    pick = sparse.csr_array((np.ones(columns), np.arange(columns), programme.start), shape=(units, columns))
    scale = max(1.0, float(np.abs(programme.cost).max(initial=0.0)) / 1e4)
    linear = Linear(
        programme.cost / scale,
        sparse.vstack([pick, programme.matrix], format="csc"),
        np.concatenate(
            [np.where(programme.must, 1.0, -INFINITY), np.where(programme.equal, programme.rhs, -INFINITY)]
        ),
        np.concatenate([np.ones(units), programme.rhs]),
        np.zeros(columns),
        np.full(columns, INFINITY),
    )
    answer = LinearSolver(linear, seed, seconds).solve()
    if answer.x is None or answer.row_dual is None:
        return None
    return Interior(answer.x, answer.row_dual[units:] * scale, 0.0, answer.work)


def solve_integer(
    problem: Linear, seed: int, seconds: float, nodes: int, start: Ints | None = None, slack: float = 0.0
) -> Answer:
    """Solve with all columns whole numbers, by at most ``nodes`` branches, to ``slack`` of the optimum."""
    solver = _start(seed, seconds)
    solver.setOptionValue("mip_max_nodes", nodes)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", slack)
    # Its plan, one below the best, keeps the roundings of the root from ending the search (docs/decisions/0020).
    solver.setOptionValue("mip_heuristic_run_feasibility_jump", False)
    _pass(solver, problem, integer=True)
    if start is not None:
        solution = core.HighsSolution()
        solution.col_value = start.astype(np.float64).tolist()
        solver.setSolution(solution)
    solver.run()
    status = _status(solver)
    info = solver.getInfo()
    x = None
    if int(info.primal_solution_status) == 2:
        x = np.array(solver.getSolution().col_value)
    return Answer(status, x, None, float(info.mip_dual_bound), int(info.mip_node_count))


def presolves_to_nothing(problem: Linear, seconds: float) -> bool:
    """Whether presolving shows that no whole columns keep the rows."""
    solver = _start(0, seconds)
    _pass(solver, problem, integer=True)
    solver.presolve()
    return bool(solver.getModelPresolveStatus() == core.HighsPresolveStatus.kInfeasible)
