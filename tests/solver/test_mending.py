"""Mending: what a plan loses adds up to its gap, and searching there raises it to what brute search could."""

from __future__ import annotations

import numpy as np
import pytest

from solver import Params
from solver.generate.draft import to_arrays
from solver.generate.night import NightShape, draw_night
from solver.welfare import mending
from solver.welfare.core import solve_core
from solver.welfare.greedy import fill
from solver.welfare.ladder import Ladder
from solver.welfare.mending import find_losses, mend
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.relax import Relaxation, bound
from solver.welfare.state import Run, is_feasible


def start(seed):
    """A night of 400 requests with a greedy plan, its relaxation and the bound from the relaxation's prices."""
    model = prepare(build_model(to_arrays(draw_night(NightShape(400, pairs=0.3, held=0.0), seed))))
    run = Run(model, Params(time_limit=60))
    value = model.levels[0].value
    run.offer(fill(model, value.astype(np.float64), np.full(model.units, -1, dtype=np.int64)))
    face = Relaxation.whole(model)
    corner = Ladder(run, face).solve(face, value)
    assert corner is not None
    found = bound(face, value, corner.prices)
    assert found is not None
    return run, face, found


@pytest.mark.parametrize("seed", range(4))
def test_losses_add_up_to_the_gap(seed):
    run, _, found = start(seed)
    losses = find_losses(run, found)
    assert (losses.unit >= 0).all()
    assert (losses.row >= 0).all()
    assert losses.unit.sum() + losses.row.sum() == found.total - found.scale * run.values[0]
    assert (
        losses.unit.sum() + losses.row.sum() > 0
    )  # a greedy plan is not the best one: there is something to mend


@pytest.mark.parametrize("work", [0.0, 0.5], ids=["by branching", "by clauses"])
@pytest.mark.parametrize("seed", range(4))
def test_mending_closes_most_of_a_greedy_plans_gap(seed, work):
    run, face, found = start(seed)
    before, proven = run.values[0], found.total // found.scale
    assert mend(run, face, found, 0, lambda: run.values[0] >= proven, work)
    assert before < run.values[0] <= proven
    assert proven - run.values[0] < (proven - before) / 2
    assert is_feasible(run.model, run.chosen)


def test_mending_ends_where_the_plan_is_good_enough(monkeypatch):
    run, face, found = start(0)
    before, searches = run.values[0], []

    def count(*them):
        searches.append(them)
        return solve_core(*them)

    monkeypatch.setattr(mending, "solve_core", count)
    assert mend(run, face, found, 0, lambda: run.values[0] > before)
    assert len(searches) == 1


def test_a_proven_plan_is_left_alone():
    run, face, found = start(0)
    chosen, reached = run.chosen.copy(), run.values[0]
    assert not mend(run, face, found, 0, lambda: run.values[0] >= reached)
    assert (run.chosen == chosen).all()
