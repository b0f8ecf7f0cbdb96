"""The last resort of a small night: levels that floating-point programmes left open are decided in whole numbers.

Amounts or terms near 2^53 leave a linear programme no digits: it fails, or proves nothing. Then each open level is one
integer programme over all that is left (`solver.welfare.integers` takes CP-SAT for such numbers).
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.relax import Relaxation
from solver.welfare.thresholds import list_thresholds

if TYPE_CHECKING:
    from solver.welfare.state import Run

MOST_UNITS = 300
MOST_PLANS = 20_000
NODES = 2_000
WORK = 10.0  # CP-SAT's deterministic seconds for one level


def close_open_levels(run: Run) -> None:
    """Decide what is open, level by level; each reached value binds the next."""
    model = run.model
    if run.chosen is None or model.units > MOST_UNITS or _first_open(run) == len(model.levels):
        return
    left = Relaxation.whole(model)
    floors: list[tuple[int, int]] = []
    for level, each in enumerate(model.levels):
        if level >= _first_open(run):
            if each.worst:
                _lower(run, left, level, floors)
            else:
                _raise(run, left, level, floors)
        if each.worst:
            left.active &= each.value <= run.values[level]
        else:
            floors.append((level, run.values[level]))
    if _first_open(run) < len(model.levels) and prod((np.diff(model.unit_start) + 1).tolist()) <= MOST_PLANS:
        _try_all(run)


def _first_open(run: Run) -> int:
    """The first level whose bound is not its value."""
    pairs = zip(run.values, run.bounds, strict=True)
    return next((level for level, (value, bound) in enumerate(pairs) if value != bound), len(run.values))


def _raise(run: Run, left: Relaxation, level: int, floors: list[tuple[int, int]]) -> None:
    found = solve_core(run, _everybody(run, left), [level], floors, NODES)
    if found.chosen is not None:
        run.offer(found.chosen)
    if found.bounds and found.bounds[0] is not None:
        old = run.bounds[level]
        run.bounds[level] = found.bounds[0] if old is None else min(old, found.bounds[0])


def _lower(run: Run, left: Relaxation, level: int, floors: list[tuple[int, int]]) -> None:
    """Bisect the thresholds; what is neither found nor impossible proves nothing."""
    value = run.model.levels[level].value
    reached = run.values[level]
    candidates = [each for each in list_thresholds(left, value, reached) if each < reached]
    low, high = 0, len(candidates)  # below `low` is impossible, `high` is reached
    while low < high:
        middle = (low + high) // 2
        trial = left.copy()
        trial.active &= value <= candidates[middle]
        found = solve_core(run, _everybody(run, trial), [level], floors, NODES)
        if found.chosen is not None:
            run.offer(found.chosen)
            high = middle
        elif found.impossible:
            low = middle + 1
        else:
            break
    lowest = candidates[low] if low < len(candidates) else run.values[level]
    run.bounds[level] = min(lowest, run.values[level])


def _try_all(run: Run) -> None:
    """Look at every plan, in whole numbers of any size: totals near 2^62 are beyond every library."""
    model = run.model
    spans = [
        [*range(int(a), int(b)), *([] if must else [-1])]
        for a, b, must in zip(model.unit_start[:-1], model.unit_start[1:], model.unit_must, strict=True)
    ]
    for plan in product(*spans):
        run.offer(np.array(plan, dtype=np.int64))
    run.bounds = list(run.values)


def _everybody(run: Run, left: Relaxation) -> Core:
    units = run.model.units
    return Core(
        np.ones(units, dtype=np.bool_), left, np.full(units, -1, dtype=np.int64), run.chosen, work=WORK
    )
