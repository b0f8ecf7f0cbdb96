"""Cuts: no whole plan breaks one, every corner they come from does, and the bound of a level meets its optimum."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from solver import Params, check, parse_problem, solve
from solver.generate import NightShape, draw_night, to_document
from solver.welfare import cuts, cutting, engines, faces, searches
from solver.welfare import run as way
from solver.welfare.cuts import Multipliers, Separator, with_cuts
from solver.welfare.cutting import add_cuts, cut_down, lean, perturb
from solver.welfare.engines import KeptBasis
from solver.welfare.faces import Corner
from solver.welfare.ladder import Ladder, Start
from solver.welfare.model import build_model
from solver.welfare.relax import LevelRow, Relaxation
from solver.welfare.stairs import Stairs, Step
from solver.welfare.state import OutOfTime, Run
from tests.solver.brute import assert_bounds_hold
from tests.solver.samples import draw_week


def _list_plans(model):
    """All plans, each int64[C]."""
    spans = [[-1, *range(model.unit_start[unit], model.unit_start[unit + 1])] for unit in range(model.units)]
    chosen = np.array(list(product(*spans)))
    x = np.zeros((len(chosen), model.columns + 1), dtype=np.int64)  # the last place takes the -1
    x[np.arange(len(chosen))[:, None], chosen] = 1
    used = x[:, :-1] @ model.matrix.toarray().T
    kept = (used <= model.rhs).all(axis=1) & (used[:, model.equal] == model.rhs[model.equal]).all(axis=1)
    return x[kept & (chosen[:, model.unit_must] >= 0).all(axis=1), :-1]


def _cut_corner(model, relaxation, aims, seed, few=None):
    """A corner for an objective and what cuts it; the corners of tiny nights are seldom whole."""
    run = Run(model, Params(time_limit=30, seed=seed))
    ladder = Ladder(run, relaxation)
    corner = ladder.solve(relaxation, aims)
    if corner is None:
        return None, None
    if few is not None:  # again, with all who are whole in it held outside the programme
        whole = corner.x > 0
        ladder = Ladder(run, relaxation, Start(corner.x, whole))
        corner = ladder.solve(relaxation, aims)
        few.append(int((ladder.sure >= 0).sum()))
    if corner is None:
        return None, None
    tableau = ladder.tableau(relaxation, corner.x)
    return corner.x, Separator(relaxation).separate(relaxation, corner.x, tableau, ladder.sure)


def _multipliers(of_units, of_rows):
    units, rows = np.flatnonzero(of_units), np.flatnonzero(of_rows)
    return Multipliers(units, of_units[units], rows, of_rows[rows])


@pytest.mark.parametrize("held", [False, True], ids=["all inside", "who is whole held outside"])
def test_no_plan_breaks_a_cut_and_the_corner_breaks_them_all(held):
    cuts_seen, outside = 0, [] if held else None
    for seed in range(120):
        model = build_model(draw_week(seed).arrays)
        aims = np.random.default_rng(seed).integers(1, 50, model.columns)
        x, found = _cut_corner(model, Relaxation.whole(model), aims, seed, outside)
        if found is None:
            continue
        cuts_seen += len(found.rhs)
        assert (found.matrix @ x > found.rhs + 1e-4).all()
        for plan in _list_plans(model):
            assert (found.matrix @ plan <= found.rhs).all()
        assert with_cuts(model, found).matrix.shape[0] == len(model.rhs) + len(found.rhs)
    assert cuts_seen > 20
    assert outside is None or sum(outside) > 20


def test_multipliers_that_are_wrong_make_no_wrong_cut():
    cuts_seen = 0
    rng = np.random.default_rng(3)
    for seed in range(60):
        model = build_model(draw_week(seed).arrays)
        x = rng.random(model.columns)
        tableau = [
            _multipliers(rng.integers(-6, 7, model.units) / d, rng.integers(-6, 7, len(model.rhs)) / d)
            for d in rng.integers(2, 9, 40)
        ]
        found = Separator(Relaxation.whole(model)).separate(
            Relaxation.whole(model), x, tableau, np.full(model.units, -1)
        )
        if found is None:
            continue
        cuts_seen += len(found.rhs)
        for plan in _list_plans(model):
            assert (found.matrix @ plan <= found.rhs).all()
    assert cuts_seen > 100


def test_a_cut_that_uses_what_an_earlier_level_keeps_holds_for_all_who_keep_it():
    broken = 0
    for seed in range(120):
        model = build_model(draw_week(seed).arrays)
        plans = _list_plans(model)
        value = model.levels[1].value
        least = max(int(value @ plan) for plan in plans)
        kept = Relaxation.whole(model)
        kept.level_rows.append(LevelRow(1, value, least))
        aims = np.random.default_rng(seed).integers(1, 50, model.columns)
        x, found = _cut_corner(model, kept, aims, seed)
        if found is None:
            continue
        assert (found.matrix @ x > found.rhs + 1e-4).all()
        for plan in plans:
            if value @ plan >= least:
                assert (found.matrix @ plan <= found.rhs).all()
            else:
                broken += bool((found.matrix @ plan > found.rhs).any())
    assert broken  # the level's row took part


def _modulo_one(rows, values, count):
    """Float64[count]: a row of the basis' inverse modulo one, and its opposite; whichever sorts first."""
    row = np.zeros(count)
    row[rows] = values
    parts = np.rint(row * 5040).astype(np.int64) % 5040
    return min(tuple(parts), tuple(-parts % 5040))


def test_of_rows_that_round_to_the_same_one_is_read():
    told_apart, left_out = 0, 0
    for seed in range(60):
        model = build_model(draw_week(seed).arrays)
        aims = np.random.default_rng(seed).integers(1, 50, model.columns)
        ladder = Ladder(Run(model, Params(time_limit=30, seed=seed)), Relaxation.whole(model))
        corner = ladder.solve(Relaxation.whole(model), aims)
        basic = np.flatnonzero(np.abs(corner.x - 0.5) < 0.5 - 1e-6)
        at = {column: place for place, column in enumerate(ladder.columns.tolist())}
        inside = np.array([at[column] for column in basic.tolist()], dtype=np.int64)
        alone = [
            _modulo_one(*row, ladder.count)
            for column in inside
            for row in ladder.solver.tableau(np.array([column]))
        ]
        together = [_modulo_one(*row, ladder.count) for row in ladder.solver.tableau(inside)]
        assert together == list(dict.fromkeys(alone))
        told_apart += len(together)
        left_out += len(alone) - len(together)
    assert told_apart > 20
    assert left_out > 20


def test_a_second_round_knows_the_cuts_of_the_first_and_breaks_no_plan_either():
    second = 0
    for seed in range(80):
        model = build_model(draw_week(seed).arrays)
        value = model.levels[1].value
        plans = _list_plans(model)
        least = max(int(value @ plan) for plan in plans) - 1
        kept = Relaxation.whole(model)
        kept.level_rows.append(LevelRow(1, value, least))
        aims = np.random.default_rng(seed).integers(1, 50, model.columns)
        run = Run(model, Params(time_limit=30, seed=seed))
        ladder = Ladder(run, kept)
        separator = Separator(kept)
        for number in range(3):
            corner = ladder.solve(kept, aims)
            if corner is None:
                break
            found = separator.separate(kept, corner.x, ladder.tableau(kept, corner.x), ladder.sure)
            if found is None:
                break
            second += number > 0
            for plan in plans:
                assert value @ plan < least or (found.matrix @ plan <= found.rhs).all()
            kept = add_cuts(kept, found)
            ladder.cut(found, kept.model)
    assert second > 5


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


def test_numbers_too_large_to_add_up_are_not_rounded(monkeypatch):
    model = build_model(draw_week(1).arrays)
    kept = Relaxation.whole(model)
    kept.level_rows.append(LevelRow(0, np.full(model.columns, 2**52), 2**53))
    rounded = []
    monkeypatch.setattr(cuts._Rounding, "round", lambda _self, *them: rounded.append(them[-1]))
    tableau = [
        _multipliers(np.full(model.units, 1 / d), np.full(len(model.rhs) + 1, 1 / d)) for d in (2, 12, 360)
    ]
    Separator(kept).separate(kept, np.full(model.columns, 0.5), tableau, np.full(model.units, -1))
    assert rounded == [2, 12]  # 2^53 x 360 x 360 would not fit into 64 bits


@pytest.mark.parametrize("behind", ["the later levels", "a plan"])
def test_cutting_keeps_a_true_bound_and_never_raises_it(behind):
    fell = told = 0
    for seed in range(80):
        model = build_model(draw_week(seed).arrays)
        first = next((i for i, level in enumerate(model.levels) if not level.worst), None)
        plans = _list_plans(model)
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
