"""A city's way, by prices and regions, taken by small and tiny nights: plans keep the rules, bounds hold, nothing is left."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest

from solver import Params, check, parse_problem, solve
from solver.city import solve_arrays
from solver.generate import NightShape, draw_night, to_arrays, to_document
from solver.welfare import by_price, workers
from solver.welfare import run as way
from solver.welfare.blocks import make_blocks
from solver.welfare.doubt import find_doubt, find_losses
from solver.welfare.inner import relax
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.prices import find_prices
from solver.welfare.regions import cut_regions
from solver.welfare.relax import Relaxation, bound
from solver.welfare.run import first_plan
from solver.welfare.state import Run
from tests.solver.brute import assert_bounds_hold, best
from tests.solver.tiny import tiny_problem

NIGHT = NightShape(1_500, pairs=0.4)


@pytest.fixture
def _every_night_is_a_city(monkeypatch):
    monkeypatch.setattr(by_price, "PRICED", -1)
    monkeypatch.setattr(by_price, "CITY", -1)


@pytest.fixture
def _by_regions(monkeypatch, _every_night_is_a_city):
    monkeypatch.setattr(by_price, "REGION", 400)
    monkeypatch.setattr(by_price, "WIDE_REGION", 1_500)


@pytest.mark.usefixtures("_every_night_is_a_city")
@pytest.mark.parametrize("crowd", [by_price.CROWD, -1], ids=["few fractions", "crowded"])
@pytest.mark.parametrize("first", range(0, 100, 20))
def test_bounds_hold_for_every_plan_and_the_plan_keeps_the_rules(first, crowd, monkeypatch):
    monkeypatch.setattr(by_price, "CROWD", crowd)
    for seed in range(first, first + 20):
        night = tiny_problem(seed, 5)
        plan, wanted = solve(night, Params(time_limit=30)), best(night)
        if wanted is None:
            assert plan.outcome == "infeasible"
            continue
        assert check(night, plan) == []
        assert_bounds_hold(night, plan.levels)


@pytest.mark.parametrize("several", [False, True])
def test_prices_come_near_the_best_bound(several):
    model = prepare(build_model(to_arrays(draw_night(NightShape(1_500, several=several), 1))))
    value = model.levels[0].value
    root = Relaxation(model, np.ones(model.columns, dtype=bool), model.unit_must, model.equal, [])
    found = bound(root, value, find_prices(model, value, lambda _step, _prices: None).prices)
    _, least = relax(Run(model, Params()), root, value, None)
    assert least.total / least.scale * (1 - 1e-9) <= found.total / found.scale
    assert found.total / found.scale <= least.total / least.scale * (1 + 2e-4)


@pytest.mark.usefixtures("_by_regions")
@pytest.mark.parametrize("levels", ["one", "published"])
def test_many_regions_give_a_plan_that_keeps_the_rules(levels):
    shape = NightShape(1_500, pairs=0.4, levels=levels)
    problem = parse_problem(to_document(draw_night(shape, 2)))
    plan = solve(problem, Params(time_limit=20 if levels == "one" else 6))
    assert check(problem, plan) == []
    assert plan.levels[0].gap < (2e-3 if levels == "one" else 2e-2)


@pytest.mark.usefixtures("_by_regions")
def test_regions_share_no_unit_and_no_room():
    model = prepare(build_model(to_arrays(draw_night(NIGHT, 1))))
    value = model.levels[0].value
    root = Relaxation(model, np.ones(model.columns, dtype=bool), model.unit_must, model.equal, [])
    run = Run(model, Params())
    first_plan(run, root, make_blocks(model))
    losses = find_losses(model, bound(root, value, np.zeros(len(model.rhs))))
    doubt = find_doubt(model, losses, np.inf, run.chosen)
    regions = cut_regions(model, doubt, losses, run.chosen, 600, 0.5)
    assert len(regions) > 4
    assert (np.sort(np.concatenate([region.units for region in regions])) == doubt.units).all()
    assert (np.sort(np.concatenate([region.columns for region in regions])) == doubt.columns).all()
    assert (sum(region.room for region in regions) <= doubt.room).all()


@pytest.mark.usefixtures("_by_regions")
def test_one_core_and_two_give_the_same_plan(monkeypatch):
    night = to_arrays(draw_night(NIGHT, 3))
    choices = []
    for cores in (1, 2):
        monkeypatch.setattr(workers, "count_cores", lambda cores=cores: cores)
        choices.append(solve_arrays(night, Params(time_limit=60)).choice)
    assert (choices[0] == choices[1]).all()


@pytest.mark.usefixtures("_by_regions")
def test_a_stop_ends_the_run_and_its_children(monkeypatch):
    monkeypatch.setattr(by_price, "_decide", lambda *_, **__: time.sleep(60))
    fork, children = os.fork, []

    def fork_and_note():
        children.append(fork())
        return children[-1]

    monkeypatch.setattr(os, "fork", fork_and_note)
    began, asked = time.monotonic(), []

    def stop():
        asked.append(time.monotonic() - began > 1.5)
        return asked[-1]

    plan = solve_arrays(to_arrays(draw_night(NIGHT, 4)), Params(time_limit=50), stop=stop)
    assert time.monotonic() - began < 10
    assert plan.cut_short
    assert (plan.choice >= 0).any()
    assert plan.levels[0].gap is not None
    assert children
    for child in children:  # ended and waited for: no child of ours any more
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


@pytest.mark.usefixtures("_by_regions")
def test_a_child_that_dies_leaves_its_region_as_it_was(monkeypatch):
    whole = solve_arrays(to_arrays(draw_night(NIGHT, 5)), Params(time_limit=60))
    real = by_price._decide

    def die_sometimes(run, region, *rest, **named):
        if region.units[0] % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(run, region, *rest, **named)

    monkeypatch.setattr(by_price, "_decide", die_sometimes)
    plan = solve_arrays(to_arrays(draw_night(NIGHT, 5)), Params(time_limit=60))
    assert 0.95 * whole.levels[0].value < plan.levels[0].value <= whole.levels[0].bound


@pytest.mark.usefixtures("_by_regions")
def test_a_plan_says_that_children_died(monkeypatch):
    monkeypatch.setattr(by_price, "_decide", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    monkeypatch.setattr(way, "CITY", -1)  # as for a city: regions are all there is
    plan = solve_arrays(to_arrays(draw_night(NIGHT, 5)), Params(time_limit=60))
    assert (plan.outcome, plan.cut_short) == ("feasible", True)  # another run may give another plan


def test_a_failed_task_hands_over_nothing():
    def task(number):
        if number == 2:
            raise RuntimeError
        return number * 10

    results = {}
    failed = workers.run_tasks(task, 5, results.__setitem__, lambda: None)
    assert (failed, results) == ([2], {0: 0, 1: 10, 3: 30, 4: 40})
