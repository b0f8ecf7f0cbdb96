"""The large night: every level's relaxation by the interior-point method, then one rounding, then the proofs.

Descent: each level is assumed to reach its relaxation's bound (rounded down), what cannot is removed, and the next level
sees less. The last relaxation is nearly a single point, so few units stay fractional; they are decided exactly.
Where the plan misses an assumed value, the descent resumes below that level with the value that was reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from solver.welfare.highs import solve_corner
from solver.welfare.interior import Interior, Programme, solve_interior
from solver.welfare.relax import Bound, Relaxation, bound, tighten
from solver.welfare.repair import repair
from solver.welfare.rounding import Trail, finish_level, is_closed, round_levels

if TYPE_CHECKING:
    from solver.arrays import Bools, Floats, Ints
    from solver.welfare.state import Run

PASSES = 6
TRIES = 60  # small neighbourhoods decided anew for one descent
FAILED = 10  # in a row, then the level stays as it is
CORNER = 6_000  # columns up to which the simplex method ends at a corner in no time
SHAKE = 1_000  # a last random objective picks one corner where the levels leave many


@dataclass
class Step:
    """One level of the descent: the relaxation before it, what is aimed at, what is proven, its prices.

    ``target`` starts as the bound and becomes the plan's value once the plan is known to miss it.
    """

    before: Relaxation
    target: int
    proven: int | None
    found: Bound | None


def descend(run: Run) -> None:
    """Plan and prove all levels of a large night."""
    model = run.model
    relaxation = Relaxation(
        model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
    )
    steps: list[Step] = []
    trail = Trail.start(model.columns)
    for _ in range(PASSES):
        x = _lower(run, relaxation, steps, trail)
        round_levels(run, trail, x, [step.target for step in steps], _worth(run, steps))
        missed = _mend(run, steps)
        if missed is None:
            return
        if missed == len(steps) - 1:
            return
        relaxation = _resume(run, steps, missed)
        trail.forget(missed + 1)
        del steps[missed + 1 :]


def _worth(run: Run, steps: list[Step]) -> Floats:
    """float64[C]: a column's value on the first sum level after prices, plus a hundredth of the value itself."""
    for level, step in enumerate(steps):
        if step.found is not None and not run.model.levels[level].worst:
            value = run.model.levels[level].value
            worth: Floats = step.found.reduced / step.found.scale + 0.01 * value
            return worth
    return np.ones(run.model.columns)


def _mend(run: Run, steps: list[Step]) -> int | None:
    """Raise the first level that misses its target until none does; return it where the tries are used up."""
    missed = _prove(run, steps)
    tries = failed = 0
    while missed is not None and tries < TRIES and failed < FAILED:
        found = steps[missed].found
        if found is None or (missed == len(steps) - 1 and is_closed(run, missed)):
            return missed
        run.seconds_left()
        tries += 1
        failed += 1
        if repair(run, steps[missed].before, found, missed, tries):
            run.tell("mended", missed)
            failed = 0
        missed = _prove(run, steps)
    if missed is not None and not is_closed(run, missed):
        found = steps[missed].found
        if found is not None:
            proven = finish_level(run, steps[missed].before, found, missed)
            if proven is not None and proven < (steps[missed].proven or proven + 1):
                steps[missed] = Step(steps[missed].before, proven, proven, found)
        missed = _prove(run, steps)
    return missed


def _lower(run: Run, relaxation: Relaxation, steps: list[Step], trail: Trail) -> Floats:
    """Go down the levels that are left; ``relaxation`` shrinks in place; return the last level's x."""
    model = run.model
    x: Floats | None = None
    while len(steps) < len(model.levels):
        level = len(steps)
        run.tell("relaxation", level, level / (len(model.levels) + 2))
        before = relaxation.copy()
        if model.levels[level].worst:
            target = _lowest_threshold(run, relaxation, level)
            relaxation.active &= model.levels[level].value <= target
            trail.note(level, before.active & ~relaxation.active, np.zeros(model.columns))
            steps.append(Step(before, target, target, None))
            continue
        value = model.levels[level].value
        reached = _already(run, steps, level)
        solved, found = relax(run, relaxation, value, reached)
        if solved is not None:
            x = solved.x
        if found is None:
            steps.append(Step(before, reached if reached is not None else 0, None, None))
            continue
        target = found.total // found.scale
        if level == 0:
            run.bounds[0] = target
        run.note_prices(found.prices / found.scale)
        if not tighten(relaxation, found, target):
            relaxation.level_rows.append((value, target))
        loss = (np.repeat(found.unit, np.diff(model.unit_start)) - found.reduced) / found.scale
        trail.note(level, before.active & ~relaxation.active, loss)
        steps.append(Step(before, target, target, found))
    run.tell("corner", len(model.levels) - 1, len(model.levels) / (len(model.levels) + 2))
    if x is None or _open(run, x) > max(200, model.units // 200):
        cost = np.random.default_rng(run.params.seed).integers(0, SHAKE, model.columns)
        solved, _ = relax(run, relaxation, cost, None)
        if solved is not None:
            x = solved.x
    return np.zeros(model.columns) if x is None else x


def _open(run: Run, x: Floats) -> int:
    units = np.zeros(run.model.units, dtype=np.bool_)
    units[run.model.column_unit[(x > 0.01) & (x < 0.99)]] = True
    return int(units.sum())


def _already(run: Run, steps: list[Step], level: int) -> int | None:
    """The plan's value on ``level`` where it meets all earlier targets: reaching it ends the level's relaxation."""
    if run.chosen is None or any(run.values[i] != step.target for i, step in enumerate(steps)):
        return None
    return run.values[level]


def relax(
    run: Run, relaxation: Relaxation, value: Ints, reached: int | None
) -> tuple[Interior | None, Bound | None]:
    """Maximise ``value`` over the relaxation; return x (float64[C]) with prices, and the integer bound."""
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
    if len(small.columns) <= CORNER:
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
    """A relaxation without what is settled: ``columns`` and ``rows`` are those that are left."""

    programme: Programme | None
    columns: Ints
    rows: Ints
    fixed: Ints
    all_rows: int

    def widen(self, prices: Floats) -> Floats:
        """Prices of all rows."""
        full = np.zeros(self.all_rows)
        full[self.rows] = prices
        return full


def _shrink(relaxation: Relaxation, value: Ints, matrix: sparse.csc_array, rhs: Ints, equal: Bools) -> _Small:
    """Fix units with one column, leave out those that bring nothing here, drop rows that cannot bind."""
    model = relaxation.model
    unit_of = model.column_unit
    active = relaxation.active.copy()
    count = np.bincount(unit_of[active], minlength=model.units)
    idle = ~relaxation.must
    useful = active & ((value > 0) | _touches(matrix, equal) | _touches_levels(relaxation))
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
        programme = Programme(
            start.astype(np.int64),
            relaxation.must[unit_of[columns[heads]]],
            value[columns].astype(np.float64),
            part[rows].astype(np.float64),
            rest[rows].astype(np.float64),
            equal[rows],
        )
        return _Small(programme, columns, rows, fixed, len(rhs))
    return _Small(None, columns, np.zeros(0, dtype=np.int64), fixed, len(rhs))


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


def _touches_levels(relaxation: Relaxation) -> Bools:
    flags = np.zeros(relaxation.model.columns, dtype=np.bool_)
    for value, _ in relaxation.level_rows:
        flags |= value > 0
    return flags


def _lowest_threshold(run: Run, relaxation: Relaxation, level: int) -> int:
    """The smallest threshold that the relaxation cannot rule out; everything below is proven impossible."""
    model = run.model
    value = model.levels[level].value
    lowest = 0
    filled = np.flatnonzero(np.diff(model.unit_start) > 0)
    if len(filled):
        best = np.where(relaxation.active, value, np.iinfo(np.int64).max)
        least = np.minimum.reduceat(best, model.unit_start[filled])
        lowest = int(least[relaxation.must[filled]].max(initial=0))
    candidates = np.unique(value[relaxation.active & (value >= lowest)]).tolist()
    low, high, probe = 0, max(0, len(candidates) - 1), 0
    while low < high:
        if is_impossible(run, relaxation, value, candidates[probe]):
            low = probe + 1
        else:
            high = probe
        probe = (low + high) // 2
    return max(lowest, candidates[low]) if candidates else lowest


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


def _prove(run: Run, steps: list[Step]) -> int | None:
    """Note the bounds that hold for the present plan; return the first level that misses its target."""
    for level, step in enumerate(steps):
        run.bounds[level] = step.proven
        run.tell("proved", level)
        if run.values[level] != step.target:  # what is proven below holds for other plans
            run.bounds[level + 1 :] = [None] * (len(steps) - level - 1)
            return level
    return None


def _resume(run: Run, steps: list[Step], missed: int) -> Relaxation:
    """Return the relaxation below ``missed``, with the value that was reached there."""
    step = steps[missed]
    relaxation = step.before.copy()
    value = run.model.levels[missed].value
    if run.model.levels[missed].worst:
        relaxation.active &= value <= run.values[missed]
    elif step.found is None or not tighten(relaxation, step.found, run.values[missed]):
        relaxation.level_rows.append((value, run.values[missed]))
    steps[missed] = Step(step.before, run.values[missed], step.proven, step.found)
    return relaxation
