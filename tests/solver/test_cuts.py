"""Cuts: no whole plan breaks one, every corner they come from does, and the bound of a level meets its optimum."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import sparse

from solver import Params, check, parse_problem, solve
from solver.welfare import engines, searches
from solver.welfare import run as way
from solver.welfare.cuts import separate, solve_modulo, with_cuts
from solver.welfare.cutting import cut_down
from solver.welfare.engines import KeptBasis
from solver.welfare.ladder import Ladder
from solver.welfare.model import build_model
from solver.welfare.relax import Relaxation
from solver.welfare.schur import System
from solver.welfare.state import Run, is_feasible
from tests.solver.brute import assert_bounds_hold


def _week(seed):
    """Seven people who each want one of two patterns of a few days at one place with one or two places a day."""
    rng = np.random.default_rng(seed)
    days = [f"d{day}" for day in range(5)]

    def option(number):
        pattern = rng.choice(5, rng.integers(2, 4), replace=False)
        uses = {days[day]: 1 for day in pattern.tolist()}
        return {
            "id": f"o{number}",
            "site": "s",
            "uses": uses,
            "terms": {"days": len(uses), "worth": int(rng.integers(1, 9))},
        }

    return parse_problem(
        {
            "format": "solver-problem/1",
            "resources": [{"id": day, "capacity": int(rng.integers(1, 3))} for day in days],
            "requests": [{"id": f"r{n}", "options": [option(0), option(1)]} for n in range(7)],
            "objective": [{"sum": {"days": 10, "worth": 1}}, {"sum": {"worth": 1}}],
        }
    )


def _root(model):
    return Relaxation(
        model, np.ones(model.columns, dtype=np.bool_), model.unit_must.copy(), model.equal.copy(), []
    )


def _list_plans(model):
    spans = [[-1, *range(model.unit_start[unit], model.unit_start[unit + 1])] for unit in range(model.units)]
    for choice in product(*spans):
        chosen = np.array(choice, dtype=np.int64)
        if is_feasible(model, chosen):
            x = np.zeros(model.columns, dtype=np.int64)
            x[chosen[chosen >= 0]] = 1
            yield x


def _corner(model, seed):
    """A corner for a random objective; the corners of tiny nights are seldom whole."""
    run = Run(model, Params(time_limit=30, seed=seed))
    value = np.random.default_rng(seed).integers(1, 50, model.columns)
    found, _ = KeptBasis(run, _root(model)).relax(_root(model), value, None)
    return found


def test_no_plan_breaks_a_cut_and_the_corner_breaks_them_all():
    cuts_seen = 0
    for seed in range(120):
        model = build_model(_week(seed).arrays)
        x = _corner(model, seed)
        cuts = None if x is None else separate(_root(model), x)
        if cuts is None:
            continue
        cuts_seen += len(cuts.rhs)
        assert (cuts.matrix @ x > cuts.rhs + 0.3).all()
        for plan in _list_plans(model):
            assert (cuts.matrix @ plan <= cuts.rhs).all()
        assert with_cuts(model, cuts).matrix.shape[0] == len(model.rhs) + len(cuts.rhs)
    assert cuts_seen > 20


def test_a_cut_that_uses_what_an_earlier_level_keeps_holds_for_all_who_keep_it():
    broken = 0
    for seed in range(120):
        model = build_model(_week(seed).arrays)
        plans = list(_list_plans(model))
        value = model.levels[1].value
        least = max(int(value @ plan) for plan in plans)
        kept = _root(model)
        kept.level_rows.append((value, least))
        aims = np.random.default_rng(seed).integers(1, 50, model.columns)
        x, _ = KeptBasis(Run(model, Params(time_limit=30)), _root(model)).relax(kept, aims, None)
        cuts = None if x is None else separate(kept, x)
        if cuts is None:
            continue
        assert (cuts.matrix @ x > cuts.rhs + 0.3).all()
        for plan in plans:
            if value @ plan >= least:
                assert (cuts.matrix @ plan <= cuts.rhs).all()
            else:
                broken += bool((cuts.matrix @ plan > cuts.rhs).any())
    assert broken  # the level's row took part


@pytest.mark.parametrize("p", [2, 3])
def test_multipliers_solve_their_system(p):
    rng = np.random.default_rng(p)
    seen = 0
    for _ in range(50):
        system, side = rng.integers(0, 4, (5, 8)), rng.integers(0, 4, 8)
        for k in solve_modulo(system, side, p):
            seen += 1
            assert not (system @ k % p).any()
            assert side @ k % p == p - 1
    assert seen > 50


def test_cutting_keeps_a_true_bound_and_never_raises_it():
    fell = 0
    for seed in range(80):
        model = build_model(_week(seed).arrays)
        first = next((i for i, level in enumerate(model.levels) if not level.worst), None)
        plans = list(_list_plans(model))
        if first is None or not plans:
            continue
        value = model.levels[first].value
        best = max(int(value @ x) for x in plans)
        run = Run(model, Params(time_limit=30))
        engine = KeptBasis(run, _root(model))
        _, before = engine.relax(_root(model), value, None)
        cut = cut_down(run, engine.ladder, _root(model), first)
        if cut is None or before is None:
            continue
        bound = cut.found.total / cut.found.scale
        assert bound >= best - 1e-9
        assert bound <= before.total / before.scale + 1e-6
        fell += bound < before.total / before.scale - 1e-6
    assert fell > 0


def test_a_programme_that_begins_with_few_columns_ends_where_all_of_them_lead():
    compared = 0
    for seed in range(60):
        model = build_model(_week(seed).arrays)
        value = model.levels[0].value
        run = Run(model, Params(time_limit=30))
        full = KeptBasis(run, _root(model)).ladder.solve(_root(model), value)
        if full is None:
            continue
        few = full.x > 0.5
        few[model.unit_start[:-1][model.unit_must & (np.diff(model.unit_start) > 0)]] = True
        again = KeptBasis(run, _root(model), few.astype(np.float64), few).ladder.solve(_root(model), value)
        if again is None:
            continue  # the few alone may hold no plan: then nothing is claimed
        compared += 1
        assert again.x @ value == pytest.approx(full.x @ value, abs=1e-6)
    assert compared > 20


@pytest.mark.parametrize("gives_up", [False, True], ids=["", "HiGHS gives up after a cut"])
def test_a_night_whose_levels_are_cut_keeps_true_bounds(monkeypatch, gives_up):
    cut, solve_programme, were_cut = Ladder.cut, Ladder.solve, []

    def note_cut(ladder, cuts):
        cut(ladder, cuts)
        were_cut.append(ladder)

    def solve_until_cut(ladder, *wanted):
        return None if gives_up and ladder in were_cut else solve_programme(ladder, *wanted)

    monkeypatch.setattr(way, "SIMPLEX", -1)  # by stairs, however small
    monkeypatch.setattr(engines, "SIMPLEX", -1)
    monkeypatch.setattr(searches, "SMALL", -1)  # no face is decided as a whole
    monkeypatch.setattr(Ladder, "cut", note_cut)
    monkeypatch.setattr(Ladder, "solve", solve_until_cut)
    for seed in range(25):
        night = _week(seed)
        plan = solve(night, Params(time_limit=30))
        assert check(night, plan) == []
        assert_bounds_hold(night, plan.levels)
    assert were_cut


@pytest.mark.parametrize("dense", [True, False])
def test_the_system_solves_what_its_formula_says(monkeypatch, dense):
    from solver.welfare import schur

    monkeypatch.setattr(schur, "DENSE", 10**6 if dense else -1)
    rng = np.random.default_rng(5)
    rows, columns, units = 7, 40, 12
    a = sparse.csr_array(
        np.where(rng.random((rows, columns)) < 0.3, rng.integers(1, 4, (rows, columns)), 0.0)
    )
    unit = np.sort(rng.integers(0, units, columns))
    member = (unit[:, None] == np.arange(units)).astype(float)
    theta, sigma, diagonal = rng.random(columns) + 0.1, rng.random(units) + 8, rng.random(rows) + 50
    h = sparse.csr_array(a.toarray() * theta @ member)
    h_row, h_unit = h.nonzero()
    solve = System(a, h_row, h_unit).factor(theta, h.toarray()[h_row, h_unit], sigma, diagonal)
    whole = a.toarray() * theta @ a.toarray().T - h.toarray() / sigma @ h.toarray().T + np.diag(diagonal)
    side = rng.random(rows)
    assert solve(side) == pytest.approx(np.linalg.solve(whole, side), rel=1e-6)
