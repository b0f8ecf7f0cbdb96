"""Nights of mixed amounts beyond small ones: regions are searched, not only rounded, and what they find keeps the rules."""

from __future__ import annotations

import numpy as np
import pytest

from solver import Params, check, parse_problem, solve
from solver.city import solve_arrays
from solver.generate import NightShape, draw_night, to_arrays, to_document
from solver.welfare import by_price, workers
from solver.welfare import run as nights
from solver.welfare.blocks import make_blocks
from solver.welfare.blockwise import raise_briefly
from solver.welfare.model import build_model
from solver.welfare.narrow import prepare
from solver.welfare.relax import Relaxation
from solver.welfare.run import first_plan
from solver.welfare.settling import Closing
from solver.welfare.state import Run, is_feasible

SHAPE = NightShape(400, several=True)
GAP = 1e-3


@pytest.fixture
def _small_regions(monkeypatch):
    """Everything goes by prices, in regions that a night of 400 has several of."""
    monkeypatch.setattr(by_price, "PRICED", -1)
    monkeypatch.setattr(by_price, "MIXED_REGION", 400)
    monkeypatch.setattr(by_price, "SEARCHED_REGION", 250)
    monkeypatch.setattr(by_price, "MARGINS", (200.0, 200.0, 400.0))


def begin(shape, seed):
    """A run with a first plan."""
    run = Run(prepare(build_model(to_arrays(draw_night(shape, seed)))), Params())
    first_plan(run, Relaxation.whole(run.model), make_blocks(run.model))
    return run


@pytest.mark.parametrize("several", [False, True])
def test_minutes_make_a_night_mixed(several):
    model = build_model(to_arrays(draw_night(NightShape(100, several=several), 1)))
    assert model.is_mixed is several


@pytest.mark.parametrize("seed", [1, 2])
def test_short_searches_raise_a_region_and_prove_no_more_than_holds(monkeypatch, seed):
    run = begin(NightShape(150, several=True, tightness=1.6), seed)
    before, model = run.values[0], run.model
    with monkeypatch.context() as patched:
        patched.setattr(Closing, "search_all", lambda *_: pytest.fail("that takes too long for a region"))
        raise_briefly(run)
    assert run.model is model  # cuts were for this search
    assert is_feasible(model, run.chosen)
    exactly = solve(
        parse_problem(to_document(draw_night(NightShape(150, several=True, tightness=1.6), seed))),
        Params(time_limit=60),
    ).levels[0]
    assert exactly.value == exactly.bound
    assert before < run.values[0] <= exactly.value <= run.bounds[0]
    assert exactly.value - run.values[0] <= (exactly.value - before) / 20


@pytest.mark.usefixtures("_small_regions")
def test_searched_regions_are_better_than_rounded_ones(monkeypatch):
    night = to_arrays(draw_night(SHAPE, 1))
    monkeypatch.setattr(nights, "_close_blocks", lambda *_: None)  # what comes after the regions
    monkeypatch.setattr(by_price, "_sharpen", lambda *_: None)
    searched = solve_arrays(night, Params(time_limit=60, gap=1e-6)).levels[0]
    monkeypatch.setattr(by_price, "_is_searched", lambda _model: False)
    rounded = solve_arrays(night, Params(time_limit=60, gap=1e-6)).levels[0]
    assert rounded.value < searched.value <= searched.bound


@pytest.mark.usefixtures("_small_regions")
def test_a_searched_night_keeps_the_rules_on_one_core_and_on_two(monkeypatch):
    night = parse_problem(to_document(draw_night(SHAPE, 3)))
    plans = []
    for cores in (1, 2):
        monkeypatch.setattr(workers, "count_cores", lambda cores=cores: cores)
        plans.append(solve(night, Params(time_limit=60, gap=GAP)))
    assert plans[0].placements == plans[1].placements
    assert check(night, plans[0]) == []
    assert plans[0].levels[0].gap <= GAP


def test_a_city_is_rounded_only(monkeypatch):
    model = prepare(build_model(to_arrays(draw_night(SHAPE, 1))))
    assert by_price._is_searched(model)
    monkeypatch.setattr(by_price, "CITY", model.columns - 1)
    assert not by_price._is_searched(model)
    assert not by_price._is_searched(build_model(to_arrays(draw_night(NightShape(400), 1))))
    assert np.unique(model.matrix.data).size > 4
