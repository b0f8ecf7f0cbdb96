"""The way of nights with many resources, taken by tiny nights: every value and every bound against brute force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from solver import Params, Request, check, solve
from solver.generate import NightShape, draw_night, to_arrays
from solver.welfare import engines, parts, run, stairs
from solver.welfare.descent import _Descent
from solver.welfare.model import build_model
from solver.welfare.state import Run
from tests.solver.brute import assert_bounds_hold, best
from tests.solver.samples import draw_week, option, problem
from tests.solver.tiny import tiny_problem


@pytest.fixture(
    autouse=True, params=["kept basis", "interior point", "crowded corners", "badly rounded", "led astray"]
)
def _every_night_is_large(monkeypatch, request):
    monkeypatch.setattr(run, "SIMPLEX", -1)
    monkeypatch.setattr(engines, "SIMPLEX", -1)
    monkeypatch.setattr(engines, "DENSITY", 10**6)
    monkeypatch.setattr(engines, "ROWS", -1 if request.param == "kept basis" else 10**6)
    monkeypatch.setattr(parts, "SMALL", 3)
    if request.param == "led astray":  # no relaxation is trusted, no rounding good enough
        monkeypatch.setattr(stairs, "TIGHT", -1)
        monkeypatch.setattr(stairs, "FAR", -1)
    if request.param in ("crowded corners", "badly rounded"):
        monkeypatch.setattr(stairs, "CROWD", -1)
        monkeypatch.setattr(stairs, "CROWD_ALONE", -1)
        monkeypatch.setattr(stairs, "SPARSE", 10**6)
        for each in ("FAR", "ROUGH"):
            monkeypatch.setattr(stairs, each, 10**6 if request.param == "crowded corners" else -1)


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_values_are_the_best_and_bounds_hold(first):
    for seed in range(first, first + 20):
        night = tiny_problem(seed, 5)
        plan, wanted = solve(night, Params(time_limit=30)), best(night)
        if wanted is None:
            assert plan.outcome == "infeasible"
            continue
        assert check(night, plan) == []
        reached = [level.value for level in plan.levels]
        assert reached == wanted
        assert_bounds_hold(night, plan.levels)


@pytest.mark.parametrize("far", [10**6, -1], ids=["near enough", "far"])
def test_a_corner_that_clauses_round_far_from_its_target_is_rounded_by_branching(monkeypatch, far):
    real, works = stairs.round_levels, []

    def note(*them):
        works.append(them[-1])
        if them[-1] == 0.0:  # clauses find nothing here
            real(*them)

    monkeypatch.setattr(stairs, "round_levels", note)
    monkeypatch.setattr(stairs, "CROWD", -1)
    monkeypatch.setattr(stairs, "SPARSE", -1)  # whatever the corner
    monkeypatch.setattr(stairs, "ROUGH", far)
    for seed in range(30):
        solve(draw_week(seed), Params(time_limit=30))
    assert len(works) > 2
    assert ((stairs.ROUNDING, 0.0) in pairwise(works)) == (far < 0)
    assert works[0] == stairs.ROUNDING


@pytest.mark.parametrize("wrong", [None, 2, 5])
def test_what_was_dived_below_a_relaxation_that_is_not_tight_is_forgotten(monkeypatch, wrong):
    monkeypatch.setattr(stairs, "TIGHT", 1e-3)
    model = build_model(to_arrays(draw_night(NightShape(60, levels="published", tightness=1.4), 2)))
    way = stairs.Stairs(Run(model, Params(time_limit=30)))
    way.dive(len(model.levels))
    assert all(step.tight for step in way.steps)
    if wrong is not None:
        way.steps[wrong].tight = False
    x = way._come_up(0)
    if wrong is None:
        assert x is None
        assert len(way.steps) == len(model.levels)
        return
    assert len(way.steps) == wrong
    best, target = model.levels[wrong - 1].value, way.steps[-1].target
    assert target <= best @ x + 1e-4
    assert (model.matrix @ x <= model.rhs + 1e-4).all()


def test_progress_tells_what_all_parts_have_before_they_are_gathered(monkeypatch):
    monkeypatch.setattr(parts, "SMALL", 1)
    two = [Request("r", [option("o", {"a": 1})]), Request("q", [option("o", {"b": 1})])]
    model = build_model(problem({"a": 1, "b": 1}, two).arrays)
    heard = []
    whole = Run(model, Params(time_limit=30), heard.append)
    whole.offer(np.full(model.units, -1))
    descent = _Descent(whole)
    assert len(descent.parts) == 2
    for number, (_, part) in enumerate(descent.parts):
        part.run.values = [10**number] * len(model.levels)
    descent.parts[0][1].run.tell("mended", 0)
    assert heard[-1].value == 11
    assert whole.values[0] == 0
