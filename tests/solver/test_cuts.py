"""Cuts: no whole plan breaks one, every corner they come from does, and the bound of a level meets its optimum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from solver import Params
from solver.welfare import cuts
from solver.welfare.cuts import Multipliers, Separator, with_cuts
from solver.welfare.cutting import add_cuts
from solver.welfare.ladder import Ladder, Start
from solver.welfare.model import build_model
from solver.welfare.relax import LevelRow, Relaxation
from solver.welfare.state import Run
from tests.solver.brute import list_model_plans
from tests.solver.samples import draw_week


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


def test_rows_are_put_below_others_without_sorting():
    rng = np.random.default_rng(0)
    for _ in range(200):
        above, below, columns = rng.integers(0, 9, 3)
        upper, lower = (sparse.csc_array(rng.integers(-2, 3, (rows, columns))) for rows in (above, below))
        both = cuts._put_below(upper, lower)
        both.check_format()
        assert (both.toarray() == np.vstack([upper.toarray(), lower.toarray()])).all()


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
        for plan in list_model_plans(model):
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
        for plan in list_model_plans(model):
            assert (found.matrix @ plan <= found.rhs).all()
    assert cuts_seen > 100


def test_a_cut_that_uses_what_an_earlier_level_keeps_holds_for_all_who_keep_it():
    broken = 0
    for seed in range(120):
        model = build_model(draw_week(seed).arrays)
        plans = list_model_plans(model)
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


def test_cuts_that_are_weak_beside_the_best_or_too_wide_are_left_out(monkeypatch):
    def cut_again():
        corners = []
        for seed in range(60):
            model = build_model(draw_week(seed).arrays)
            aims = np.random.default_rng(seed).integers(1, 50, model.columns)
            x, found = _cut_corner(model, Relaxation.whole(model), aims, seed)
            corners.append([] if found is None else _list_cuts(found, x))
        return corners

    monkeypatch.setattr(cuts, "WEAK", 0.0)
    all_ = cut_again()
    monkeypatch.setattr(cuts, "WEAK", 0.8)
    strong = cut_again()
    assert strong == [[cut for cut in each if cut[0] >= 0.8 * each[0][0]] for each in all_]
    assert sum(map(len, strong)) < sum(map(len, all_))
    monkeypatch.setattr(cuts, "WIDE", 6)  # what is too wide is no measure for the others
    narrow = [[cut for cut in each if cut[1] <= 6] for each in all_]
    assert cut_again() == [[cut for cut in each if cut[0] >= 0.8 * each[0][0]] for each in narrow]
    assert sum(map(len, narrow)) < sum(map(len, all_))


def _list_cuts(found, x):
    """(by how much ``x`` breaks it, columns, which), the most broken first."""
    listed = []
    for row, side in zip(found.matrix.toarray(), found.rhs.tolist(), strict=True):
        broken = float(row @ x - side) / float(np.sqrt(row @ row))
        listed.append((round(broken, 6), int(np.count_nonzero(row)), row.tobytes()))
    assert [each[0] for each in listed] == sorted((each[0] for each in listed), reverse=True)
    return listed


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
        plans = list_model_plans(model)
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
