"""Nights of one level: a corner near the plan, and where a plan is mended against the relaxation's own bound."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from solver import Params, check, parse_problem, solve
from solver.generate import NightShape, draw_night, to_document
from solver.welfare import by_price, searches, stairs
from solver.welfare.engines import find_corner_near_plan
from solver.welfare.greedy import fill
from solver.welfare.inner import relax
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.relax import Relaxation
from solver.welfare.state import Run
from tests.benchmarks.matrix import write_programme


def draw_coarse_night(seed, requests=400):
    """A night that counts people only: nearly every plan is as good as its neighbour."""
    document = to_document(draw_night(NightShape(requests, pairs=0.2, held=0.0), seed))
    document["objective"] = [{"sum": {"served": 1}}]
    return parse_problem(document)


def start(night):
    """A run with a greedy plan of the night."""
    model = prepare(build_model(night.arrays))
    run = Run(model, Params(time_limit=60))
    value = model.levels[0].value
    run.offer(fill(model, value.astype(np.float64), np.full(model.units, -1, dtype=np.int64)))
    return run, Relaxation.whole(model), value


def count_fractions(model, x):
    return len(np.unique(model.column_unit[(x > 1e-4) & (x < 1 - 1e-4)]))


@pytest.mark.parametrize("seed", range(3))
def test_the_corner_near_the_plan_is_as_good_as_any_and_nearly_whole(seed):
    run, whole, value = start(draw_coarse_night(seed))
    solved, _ = relax(run, whole, value, None, corner=0)  # however small, not by the simplex method
    assert solved is not None
    amid = solved.x
    near = find_corner_near_plan(run, whole, value)
    assert near is not None
    assert value @ near == pytest.approx(value @ amid, abs=1e-4)
    assert count_fractions(run.model, near) * 4 < count_fractions(run.model, amid)


def test_without_a_plan_there_is_no_corner_near_it():
    run, whole, value = start(draw_coarse_night(0))
    run.chosen = None
    assert find_corner_near_plan(run, whole, value) is None


@pytest.fixture
def mended(monkeypatch):
    """Nights of 2,000 are large ones, and one pass leaves them open; the list tells of each mending."""
    calls, real = [], by_price.mend

    def note(run, *them):
        before = run.values[0]
        real(run, *them)
        calls.append((before, run.values[0]))

    monkeypatch.setattr(by_price, "mend", note)
    monkeypatch.setattr(by_price, "SIZES", ())  # nothing is decided in a region: what is settled is filled up
    monkeypatch.setattr(by_price, "SHORT", ())
    return calls


def test_what_a_pass_leaves_open_is_mended_against_the_relaxation(mended):
    night = parse_problem(to_document(draw_night(NightShape(2_000, held=0.0), 3)))
    plan = solve(night, Params(time_limit=60, gap=1e-4))
    assert check(night, plan) == []
    assert plan.levels[0].gap <= 1e-4
    assert len(mended) == 1
    assert mended[0][1] > mended[0][0]


def test_where_prices_tell_nothing_apart_a_corner_is_looked_for_first(mended):
    night = draw_coarse_night(5, 2_000)
    plan = solve(night, Params(time_limit=60, gap=1e-3))
    assert check(night, plan) == []
    assert plan.levels[0].gap <= 1e-3
    assert mended == []


@pytest.mark.parametrize("quick", [searches.QUICK, 10**9, 0])
def test_a_crowded_night_is_decided_exactly(monkeypatch, quick):
    """Whether little is left at once, later or never: what a modeller's programme reaches, and proven."""
    monkeypatch.setattr(stairs, "CROWD_ALONE", 0)
    monkeypatch.setattr(searches, "QUICK", quick)
    cuts, real = [], searches.cut_down
    monkeypatch.setattr(searches, "cut_down", lambda *them: cuts.append(1) or real(*them))
    draft = draw_night(NightShape(2_000), 1)
    programme = write_programme(draft)
    peer = milp(
        -programme.worth,
        constraints=LinearConstraint(programme.rows, programme.low, programme.high),
        bounds=Bounds(programme.floor, 1.0),
        integrality=1,
        options={"mip_rel_gap": 0.0},
    )
    night = parse_problem(to_document(draft))
    plan = solve(night, Params(time_limit=60, gap=0.0))
    assert check(night, plan) == []
    assert bool(cuts) == (quick == 0)
    assert plan.levels[0].value == round(-peer.fun)
    assert plan.levels[0].bound == plan.levels[0].value


def test_little_that_is_left_is_decided_at_once(monkeypatch):
    monkeypatch.setattr(stairs, "CROWD_ALONE", 0)
    monkeypatch.setattr(searches, "QUICK", 10**9)
    slow, whole, real = [], [], searches.search_whole
    for name in ("cut_down", "mend", "attain"):
        monkeypatch.setattr(searches, name, lambda *_, name=name, **__: slow.append(name))
    monkeypatch.setattr(searches, "search_whole", lambda *them: whole.append(1) or real(*them))
    plan = solve(parse_problem(to_document(draw_night(NightShape(2_000), 1))), Params(time_limit=60, gap=0.0))
    assert plan.levels[0].bound == plan.levels[0].value
    assert (slow, len(whole)) == ([], 1)
