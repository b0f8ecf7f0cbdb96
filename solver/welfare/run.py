"""One night in welfare mode: block by block a relaxation, a plan rounded from it, a proof, and less left to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from solver.welfare.blocks import Block, make_blocks
from solver.welfare.by_price import CITY, is_for_prices, is_near, solve_by_price
from solver.welfare.core import Core, solve_core
from solver.welfare.descent import go_down
from solver.welfare.exactly import close_open_levels
from solver.welfare.flow import solve_flow
from solver.welfare.greedy import fill
from solver.welfare.highs import INFINITY, Linear, LinearSolver
from solver.welfare.near import neighbours
from solver.welfare.relax import Bound, Relaxation, bound, tighten
from solver.welfare.state import OutOfTime, Run, is_feasible

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints

SIMPLEX = 4_000
NODES = 2_000
CORES = (0, 300, 1_500)
BRANCH = 2_500  # open units up to which a level may be branched on


class Infeasible(Exception):
    """No plan keeps all pins and musts."""


def improve(run: Run) -> None:
    """Fill ``run`` with the best plan and bounds; raises `Infeasible`; `OutOfTime` ends it early."""
    model = run.model
    blocks = make_blocks(model)
    relaxation = Relaxation(
        model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
    )
    first_plan(run, relaxation, blocks)
    if solve_flow(run):
        return
    if is_for_prices(model):
        solve_by_price(run)
        if is_near(run) or model.columns > CITY:
            return
        _go_on(run)
        return
    if model.columns > SIMPLEX:
        go_down(run)
        return
    floors: list[tuple[int, int]] = []
    for number, block in enumerate(blocks):
        run.done = number / len(blocks)
        if block.worst:
            close_worst(run, relaxation, block, floors)
        else:
            close_block(run, relaxation, block, floors)
    if run.params.gap == 0:
        close_open_levels(run)
    run.done = 1.0


def _go_on(run: Run) -> None:
    """Go on level by level; what prices proved of the only level stays proven."""
    proven = run.bounds[0]
    try:
        go_down(run)
    finally:
        known = [each for each in (proven, run.bounds[0]) if each is not None]
        run.bounds[0] = min(known, default=None)


def first_plan(run: Run, relaxation: Relaxation, blocks: list[Block]) -> None:
    """Find any plan: must units exactly, the others greedily by the first block of sums."""
    model = run.model
    if run.chosen is not None and run.start_prices is not None:
        return  # yesterday's plan is one, and better than a greedy one
    chosen = np.full(model.units, -1, dtype=np.int64)
    if model.unit_must.any():
        sizes = np.diff(model.unit_start)
        if (model.unit_must & (sizes == 0)).any():
            raise Infeasible
        sure = np.flatnonzero(model.unit_must & (sizes == 1))
        chosen[sure] = model.unit_start[sure]
        free = (model.unit_must & (sizes > 1)) | (_linked_units(run) & (chosen < 0))
        core = Core(free, relaxation, chosen, slack=INFINITY)  # the first one that fits will do
        found = solve_core(run, core, [0], [], 100_000)
        if found.impossible:
            raise Infeasible
        if found.chosen is None:
            return  # not found within the work: the relaxation may still lead to one
        chosen = found.chosen
        if not is_feasible(model, chosen):
            raise Infeasible  # what is pinned alone breaks a row
    run.offer(chosen)
    score = np.zeros(model.columns)
    for block in reversed([block for block in blocks if not block.worst]):
        cost = block.cost(model).astype(np.float64)
        score = cost + score / (1.0 + 4.0 * float(np.abs(score).max(initial=0.0)))
    run.offer(fill(model, score, chosen))
    run.tell("first plan")


def _linked_units(run: Run) -> Bools:
    model = run.model
    links = model.matrix[np.flatnonzero(model.row_resource < 0)].tocsc()
    units = np.zeros(model.units, dtype=np.bool_)
    units[model.column_unit[np.flatnonzero(np.diff(links.indptr) > 0)]] = True
    return units


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


def close_block(run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]]) -> None:
    """Plan and prove one block of sum levels; then shrink the relaxation to what is still possible."""
    try:
        solved = solve_relaxation(run, relaxation, block)
    except Infeasible:
        if run.chosen is None:
            raise
        solved = None  # there is a plan: numbers were too large for the library
    if solved is None:
        return
    x, prices = solved
    run.tell("relaxation", block.levels[0])
    last = bound(relaxation, block.cost(run.model), prices[-1])
    earlier = np.zeros(len(prices[0]))
    for weight, each in zip(block.weights, prices, strict=True):
        run.note_prices((each - earlier) / weight)
        earlier = each
    if run.chosen is not None:
        prove(run, relaxation, block, prices)  # a bound at once, whatever the search takes
    round_plan(run, relaxation, block, floors, x, last)
    if run.chosen is None:
        raise OutOfTime
    proofs = prove(run, relaxation, block, prices)
    if not all(is_closed(run, level) for level in block.levels):
        finish_block(run, relaxation, block, floors, prices)
        proofs = prove(run, relaxation, block, prices)
    for level in block.levels:
        floors.append((level, run.values[level]))
        run.tell("proved", level)
    if proofs is None or not tighten(relaxation, proofs, _weighted_value(run, block)):
        relaxation.level_rows += [
            (run.model.levels[level].value, run.values[level]) for level in block.levels
        ]


def _weighted_value(run: Run, block: Block) -> int:
    return sum(w * run.values[level] for level, w in zip(block.levels, block.weights, strict=True))


def prove(run: Run, relaxation: Relaxation, block: Block, prices: list[Floats]) -> Bound | None:
    """Bound each level of a block for plans no worse on the earlier ones; return the whole block's bound."""
    found = None
    earlier = 0
    for i, (level, weight) in enumerate(zip(block.levels, block.weights, strict=True)):
        found = bound(relaxation, block.cost(run.model, i + 1), prices[i])
        if found is not None:
            total = found.total // found.scale
            best = (total - earlier) // weight
            old = run.bounds[level]
            run.bounds[level] = best if old is None else min(old, best)
        earlier += weight * run.values[level]
    return found


def finish_block(
    run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]], prices: list[Floats]
) -> None:
    """Decide the levels that rounding left open by branching over everything that could still be better."""
    kept = list(floors)
    for i, level in enumerate(block.levels):
        if not is_closed(run, level):
            branch(run, relaxation, Block(block.levels[: i + 1], block.weights[: i + 1]), kept, prices[i])
            prove(run, relaxation, block, prices)
        kept.append((level, run.values[level]))


def branch(
    run: Run, relaxation: Relaxation, block: Block, kept: list[tuple[int, int]], prices: Floats
) -> None:
    """Close the last level of ``block`` exactly, if what reduced costs leave open is small enough."""
    level = block.levels[-1]
    trial = Relaxation(
        run.model,
        relaxation.active.copy(),
        relaxation.must.copy(),
        relaxation.equal.copy(),
        list(relaxation.level_rows),
    )
    found = bound(trial, block.cost(run.model), prices)
    if found is not None:
        tighten(trial, found, _weighted_value(run, block))
    open_units = np.bincount(run.model.column_unit[trial.active], minlength=run.model.units) + ~trial.must > 1
    assert run.chosen is not None
    settled = np.full(run.model.units, -1, dtype=np.int64)
    single = np.flatnonzero(trial.active & ~open_units[run.model.column_unit])
    settled[run.model.column_unit[single]] = single
    if int(open_units.sum()) > BRANCH:
        return
    answer = solve_core(run, Core(open_units, trial, settled), [level], kept, NODES)
    if answer.chosen is not None:
        run.offer(answer.chosen)
    if answer.bounds and answer.bounds[0] is not None:
        old = run.bounds[level]
        run.bounds[level] = answer.bounds[0] if old is None else min(old, answer.bounds[0])


def is_closed(run: Run, level: int) -> bool:
    """Whether a level's gap is within the wanted one."""
    reached, proven = run.values[level], run.bounds[level]
    return proven is not None and abs(proven - reached) <= run.params.gap * max(1, abs(reached))


def round_plan(
    run: Run,
    relaxation: Relaxation,
    block: Block,
    floors: list[tuple[int, int]],
    x: Floats,
    last: Bound | None,
) -> None:
    """Keep what the relaxation settled, decide the rest exactly with growing neighbourhoods."""
    model = run.model
    settled = np.full(model.units, -1, dtype=np.int64)
    ones = np.flatnonzero(x > 1 - 1e-6)
    settled[model.column_unit[ones]] = ones
    fractional = np.zeros(model.units, dtype=np.bool_)
    fractional[model.column_unit[(x > 1e-6) & (x <= 1 - 1e-6)]] = True
    fractional |= model.unit_must & (settled < 0)
    target = None if last is None else last.total // last.scale
    for size in CORES:
        run.seconds_left()
        free = fractional | neighbours(run, relaxation, fractional, last, size)
        found = solve_core(run, Core(free, relaxation, settled), block.levels, floors, NODES)
        if found.chosen is not None:
            run.offer(found.chosen)
        if run.values and target is not None and _weighted_value(run, block) >= target:
            break
        if not fractional.any() and found.chosen is not None:
            break


def close_worst(run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]]) -> None:
    """Find the smallest threshold that keeps all closed levels, by trying the lowest one possible first."""
    level = block.levels[0]
    value = run.model.levels[level].value
    reached = run.values[level]
    lowest = 0
    model = run.model
    forced = np.flatnonzero(relaxation.must & (np.diff(model.unit_start) > 0))
    if len(forced):
        best = np.where(relaxation.active, value, np.iinfo(np.int64).max)
        per_unit = np.minimum.reduceat(np.append(best, 0), model.unit_start[forced])
        ends = model.unit_start[forced + 1] - model.unit_start[forced]
        per_unit = np.array(
            [best[s : s + n].min() for s, n in zip(model.unit_start[forced], ends, strict=True)]
        )
        lowest = int(per_unit.max(initial=0))
    candidates = np.unique(np.append(value[relaxation.active & (value < reached)], [lowest, 0]))
    candidates = candidates[(candidates >= lowest) & (candidates < reached)].tolist()
    low, high = 0, len(candidates)  # everything below `low` is proven impossible; `high` is reached
    first = True
    while low < high:
        middle = low if first else (low + high) // 2
        first = False
        verdict = _try_threshold(run, relaxation, value, candidates[middle], floors)
        if verdict == "found":
            high = middle
            while high > 0 and candidates[high - 1] >= run.values[level]:
                high -= 1
        elif verdict == "impossible":
            low = middle + 1
        else:
            break
    reached = run.values[level]
    proven = candidates[low] if low < len(candidates) and candidates[low] < reached else reached
    run.bounds[level] = min(proven, reached)
    relaxation.active &= value <= reached
    run.tell("worst", level)


def _try_threshold(  # noqa: PLR0911 - each way out is a verdict
    run: Run, relaxation: Relaxation, value: Ints, threshold: int, floors: list[tuple[int, int]]
) -> str:
    """Whether all closed levels can be kept without columns above ``threshold``: found, impossible, unknown."""
    model = run.model
    trial = Relaxation(
        model,
        relaxation.active & (value <= threshold),
        relaxation.must.copy(),
        relaxation.equal.copy(),
        list(relaxation.level_rows),
    )
    left = np.zeros(model.units, dtype=np.bool_)
    left[model.column_unit[trial.active]] = True
    if (trial.must & ~left).any():
        return "impossible"
    sums = [level for level, _ in floors if not model.levels[level].worst]
    block = Block(sums[:1], [1]) if sums else Block([0], [0])
    try:
        solved = solve_relaxation(run, trial, block)
    except Infeasible:
        return "impossible"
    if solved is None:
        return "unknown"
    before = run.chosen
    round_plan(run, trial, Block(sums, [1] * len(sums)) if sums else block, floors, solved[0], None)
    if run.chosen is not before:
        return "found"
    open_units = np.bincount(model.column_unit[trial.active], minlength=model.units) + ~trial.must > 1
    if int(open_units.sum()) > BRANCH:
        return "unknown"
    settled = np.full(model.units, -1, dtype=np.int64)
    single = np.flatnonzero(trial.active & ~open_units[model.column_unit])
    settled[model.column_unit[single]] = single
    answer = solve_core(run, Core(open_units, trial, settled), [block.levels[0]], floors, NODES)
    if answer.chosen is not None and run.offer(answer.chosen):
        return "found"
    return "impossible" if answer.impossible or not open_units.any() else "unknown"


__all__ = ["Infeasible", "OutOfTime", "improve"]
