"""Cutting a level: its bound stays true and comes down, a look may end it, and plans are the same in any order."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from solver import Params, check, parse_problem, solve
from solver.generate import NightShape, draw_night, to_document
from solver.welfare import cutting, engines, faces, searches
from solver.welfare import run as way
from solver.welfare.cuts import Separator
from solver.welfare.cutting import cut_down, lean, perturb
from solver.welfare.engines import KeptBasis
from solver.welfare.faces import Corner
from solver.welfare.ladder import Ladder
from solver.welfare.model import build_model
from solver.welfare.relax import Relaxation
from solver.welfare.stairs import Stairs, Step
from solver.welfare.state import OutOfTime, Run
from tests.solver.brute import assert_bounds_hold, list_model_plans
from tests.solver.samples import draw_week


def test_cutting_ends_where_a_look_at_the_corner_was_enough():
    looked = []
    for seed in range(60):
        model = build_model(draw_week(seed).arrays)
        run = Run(model, Params(time_limit=30))
        ladder = KeptBasis(run, Relaxation.whole(model)).ladder
        aims = perturb(run, 0)
        corners = []
        cut = cut_down(
            run,
            ladder,
            Separator(Relaxation.whole(model)),
            model.levels[0].value,
            aims,
            10**6,
            lambda x, _, corners=corners: bool(corners.append(x)) or True,
        )
        assert cut is None
        assert run.model is model  # no row was added
        looked += corners
    assert len(looked) > 50  # once each


class _InTurn:
    """Seeks cuts before or after the corner is looked at, as on a machine where one of the two is late."""

    def __init__(self, first, looked):
        self.first, self.looked = first, looked

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, seek, *at):
        self.looked.append(at[-1].x.tolist())
        done = [seek(*at)] if self.first else []
        return SimpleNamespace(result=lambda: done[0] if done else seek(*at))


def test_the_plan_is_the_same_whichever_of_look_and_cuts_is_first(monkeypatch):
    monkeypatch.setattr(way, "SIMPLEX", -1)  # by stairs, however small
    monkeypatch.setattr(engines, "SIMPLEX", -1)
    monkeypatch.setattr(searches, "SMALL", -1)
    monkeypatch.setattr(searches, "choose_engine", KeptBasis)
    looked = []
    larger = parse_problem(to_document(draw_night(NightShape(40, levels="published", tightness=1.6), 17)))
    plans = []
    for first in (True, False):
        monkeypatch.setattr(cutting, "ThreadPoolExecutor", lambda _, first=first: _InTurn(first, looked))
        plan = solve(larger, Params(time_limit=60))
        plans.append((plan.placements, [(level.value, level.bound) for level in plan.levels], list(looked)))
        assert looked  # corners were cut
        looked.clear()
    assert plans[0] == plans[1]


def test_a_stop_that_a_look_hears_ends_cutting():
    def stop(_x, _proven):
        raise OutOfTime

    model = build_model(draw_week(1).arrays)
    run = Run(model, Params(time_limit=30))
    whole = Relaxation.whole(model)
    value = model.levels[0].value
    with pytest.raises(OutOfTime):
        cut_down(run, KeptBasis(run, whole).ladder, Separator(whole), value, perturb(run, 0), 10**6, stop)


@pytest.mark.parametrize(("apart", "first"), [(True, "_around"), (False, "_between")])
def test_a_plan_far_from_its_corner_is_looked_for_before_anything_is_cut(monkeypatch, apart, first):
    tried = []
    for name in ("_around", "_between", "_cut", "_cut_near", "_attain", "_few", "_mend", "_near_bound"):
        monkeypatch.setattr(searches, name, lambda _stairs, _level, name=name: tried.append(name))
    monkeypatch.setattr(searches, "count_open", lambda _: searches.SMALL + 1)
    model = build_model(draw_week(1).arrays)
    run = Run(model, Params(time_limit=30))
    run.offer(np.full(model.units, -1))
    stairs = Stairs(run)
    bound = run.values[0] + 5
    stairs.steps, stairs.bounds = [Step(stairs.root, bound, None)], [bound]
    some = np.where(model.unit_start[1:] > model.unit_start[:-1], model.unit_start[:-1], -1)
    stairs.corner = Corner(some, np.zeros(model.units, dtype=bool))
    monkeypatch.setattr(faces, "SMALL", 0 if apart else 10**6)
    searches.search(stairs, 0)
    assert tried[0] == first
    assert "_cut" in tried


@pytest.mark.parametrize("behind", ["the later levels", "a plan"])
def test_cutting_keeps_a_true_bound_and_never_raises_it(behind):
    fell = told = 0
    for seed in range(80):
        model = build_model(draw_week(seed).arrays)
        first = next((i for i, level in enumerate(model.levels) if not level.worst), None)
        plans = list_model_plans(model)
        if first is None or not len(plans):
            continue
        value = model.levels[first].value
        best = max(int(value @ x) for x in plans)
        run = Run(model, Params(time_limit=30))
        engine = KeptBasis(run, Relaxation.whole(model))
        _, before = engine.relax(Relaxation.whole(model), value, None)
        aims = perturb(run, first)
        if behind == "a plan":
            aims = lean(run, first, np.where(plans[-1] > 0)[0])
        if before is None:
            continue
        proven, seen = before.total // before.scale, []
        cut = cut_down(
            run,
            engine.ladder,
            Separator(Relaxation.whole(model)),
            model.levels[first].value,
            aims,
            proven,
            lambda _, now, seen=seen: bool(seen.append(now)),
        )
        assert all(best <= now <= proven for now in seen), "what a look is told is a bound, too"
        assert seen == sorted(seen, reverse=True)
        told += seen[-1:] < [proven]
        if cut is None:
            continue
        bound = cut.found.total / cut.found.scale
        assert bound >= best - 1e-9
        assert bound <= before.total / before.scale + 1e-6
        fell += bound < before.total / before.scale - 1e-6
    assert fell > 0
    assert told > 0, "a bound that comes down is told at the next look, not when cutting ends"


@pytest.mark.parametrize(
    "gives_up_at", [None, 1, 2], ids=["", "HiGHS gives up", "gives up after earlier cuts"]
)
def test_a_night_whose_levels_are_cut_keeps_true_bounds(monkeypatch, gives_up_at):
    cut, solve_programme, were_cut, gave_up = Ladder.cut, Ladder.solve, [], []

    def note_cut(ladder, cuts, model):
        cut(ladder, cuts, model)
        if ladder not in were_cut:
            were_cut.append(ladder)

    def solve_until_cut(ladder, *wanted):
        if ladder not in were_cut or were_cut.index(ladder) + 1 != gives_up_at:
            return solve_programme(ladder, *wanted)
        gave_up.append(ladder)
        return None

    larger = parse_problem(to_document(draw_night(NightShape(60, levels="published", tightness=1.6), 24)))
    optimal = solve(larger, Params(time_limit=30)).levels
    monkeypatch.setattr(way, "SIMPLEX", -1)  # by stairs, however small
    monkeypatch.setattr(engines, "SIMPLEX", -1)
    monkeypatch.setattr(searches, "SMALL", -1)  # no face is decided as a whole
    monkeypatch.setattr(searches, "AROUND", 0)
    monkeypatch.setattr(Ladder, "cut", note_cut)
    monkeypatch.setattr(Ladder, "solve", solve_until_cut)
    cut_ones = 0
    for seed in range(25):
        night = draw_week(seed)
        were_cut.clear()  # of one night
        plan = solve(night, Params(time_limit=30))
        cut_ones += len(were_cut)
        assert check(night, plan) == []
        assert_bounds_hold(night, plan.levels)
    monkeypatch.setattr(searches, "choose_engine", KeptBasis)  # after giving up, as where columns are few
    were_cut.clear()
    plan = solve(larger, Params(time_limit=30))
    assert check(larger, plan) == []
    assert len(were_cut) > 1
    for level, ours, best in zip(larger.arrays.levels, plan.levels, optimal, strict=True):
        assert ours.bound <= best.value if level.worst else ours.bound >= best.value
        if ours.value != best.value:
            break  # below, the two answer different questions
    assert cut_ones
    assert bool(gave_up) == (gives_up_at is not None)
