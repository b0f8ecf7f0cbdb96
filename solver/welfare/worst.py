"""A ``worst`` level of a small night: the lowest threshold that keeps all closed levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.basis import Infeasible, solve_relaxation
from solver.welfare.blocks import Block
from solver.welfare.blockwise import round_plan
from solver.welfare.core import Core, solve_core
from solver.welfare.relax import Relaxation
from solver.welfare.thresholds import list_thresholds

if TYPE_CHECKING:
    from solver.arrays import Ints
    from solver.welfare.state import Run

BRANCH = 2_500  # open units up to which a threshold may be branched on
NODES = 2_000


def close_worst(run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]]) -> None:
    """Find the smallest threshold that keeps all closed levels, by trying the lowest one possible first."""
    level = block.levels[0]
    value = run.model.levels[level].value
    reached = run.values[level]
    candidates = [each for each in list_thresholds(relaxation, value, reached) if each < reached]
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
