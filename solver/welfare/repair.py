"""Where a plan misses a level's bound, and a small exact neighbourhood around that place.

Bound - value is a sum: room left on rows that have a price, and units that did not get their best column under
those prices. Each such place is a seed; around it units that lose nothing yet are decided anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.core import Core, solve_core
from solver.welfare.relax import Bound, Relaxation, tighten
from solver.welfare.state import picked

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints
    from solver.welfare.state import Run

NODES = 300
POLISH = 10
SIZES = (150, 300, 500)


def repair(run: Run, before: Relaxation, found: Bound, level: int, attempt: int) -> bool:
    """Try to raise ``level`` around one defect without touching earlier levels; return whether the plan improved."""
    model = run.model
    assert run.chosen is not None
    trial = before.copy()
    tighten(trial, found, run.values[level])
    rng = np.random.default_rng([run.params.seed, level, attempt])
    units = neighbourhood(run, trial, found, SIZES[attempt % len(SIZES)], rng)
    active = trial.active & units[model.column_unit]
    own = run.chosen[units]
    active[own[own >= 0]] = True
    relaxation = Relaxation(model, active, model.unit_must, model.equal, [])
    floors = [(i, run.values[i]) for i in range(level) if not model.levels[i].worst]
    sums = [i for i in range(level, len(model.levels)) if not model.levels[i].worst]
    core = Core(units, relaxation, run.chosen)
    answer = solve_core(run, core, [level], floors, NODES, run.chosen)
    if answer.chosen is None:
        return False
    reached = int(model.levels[level].value[answer.chosen[answer.chosen >= 0]].sum())
    if reached <= run.values[level]:
        return False
    if len(sums) > 1:  # worth the levels below as well
        rest = solve_core(run, core, sums[1:], [*floors, (level, reached)], POLISH, answer.chosen)
        if rest.chosen is not None and run.offer(rest.chosen):
            return True
    return run.offer(answer.chosen)


def neighbourhood(run: Run, trial: Relaxation, found: Bound, size: int, rng: np.random.Generator) -> Bools:
    """bool[U]: about ``size`` units around one defect, nearer rings first."""
    model = run.model
    assert run.chosen is not None
    unit_of = model.column_unit
    load = abs(model.matrix)
    mask = picked(model, run.chosen)
    rows, units = defects(run, found, mask)
    hot = np.zeros(len(model.rhs), dtype=np.bool_)
    inside = np.zeros(model.units, dtype=np.bool_)
    total = len(rows) + len(units)
    if total:
        seed = int(rng.integers(total))
        if seed < len(rows):
            hot[rows[seed]] = True
        else:
            inside[units[seed - len(rows)]] = True
    else:
        hot[int(rng.integers(len(hot)))] = True
    choice = np.bincount(unit_of[trial.active], minlength=model.units) + ~trial.must > 1
    weight = np.zeros(model.units)
    for ring in range(4):
        own = (trial.active | mask) & inside[unit_of]
        hot |= (load @ own.astype(np.int64)) > 0
        touch = (load.T @ hot.astype(np.int64)) > 0
        reached = np.zeros(model.units, dtype=np.bool_)
        reached[unit_of[touch & (trial.active | mask)]] = True
        reached &= choice
        weight[reached & (weight == 0)] = 10.0 - 2 * ring
        if int(reached.sum()) >= size:
            break
        inside |= reached
    weight[weight > 0] += rng.random(int((weight > 0).sum()))
    weight[units] += 100.0 * inside[units]
    order = np.argsort(-weight, kind="stable")[:size]
    chosen = np.zeros(model.units, dtype=np.bool_)
    chosen[order[weight[order] > 0]] = True
    return chosen


def defects(run: Run, found: Bound, mask: Bools) -> tuple[Ints, Ints]:
    """Rows with a price and room left; units whose column is not their best under the prices."""
    model = run.model
    assert run.chosen is not None
    used = model.matrix @ mask.astype(np.int64)
    price = found.prices[: len(model.rhs)]
    rows = np.flatnonzero((price != 0) & (used != model.rhs))
    got = (
        np.where(run.chosen >= 0, found.reduced[np.maximum(run.chosen, 0)], 0)
        if model.columns
        else found.unit
    )
    return rows, np.flatnonzero(found.unit > got)
