"""The programme that keeps its basis: who is held outside, who is called in, where it goes on from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from solver import Params, parse_problem
from solver.welfare.cuts import Cuts, with_cuts
from solver.welfare.cutting import Cut, trim
from solver.welfare.engines import KeptBasis
from solver.welfare.ladder import Ladder, Start
from solver.welfare.model import build_model
from solver.welfare.relax import LevelRow, Relaxation, bound
from solver.welfare.state import Run
from tests.solver.samples import draw_week


def _three_for_two_places():
    """Two places, each asked for by two: r1 at a (5), r2 at a (9) or b (1), r3 at b (7)."""

    def option(place, worth):
        return {"id": place, "site": place, "uses": {place: 1}, "terms": {"worth": worth}}

    return build_model(
        parse_problem(
            {
                "format": "solver-problem/1",
                "resources": [{"id": "a", "capacity": 1}, {"id": "b", "capacity": 1}],
                "requests": [
                    {"id": "r1", "options": [option("a", 5)]},
                    {"id": "r2", "options": [option("a", 9), option("b", 1)]},
                    {"id": "r3", "options": [option("b", 7)]},
                ],
                "objective": [{"sum": {"worth": 1}}],
            }
        ).arrays
    )


def test_who_is_held_outside_comes_in_when_prices_call_for_their_place():
    model = _three_for_two_places()
    x = np.array([1.0, 0.0, 1.0, 0.0])  # r1 at a, r2 at b: 6; best is r2 at a, r3 at b: 16
    ladder = Ladder(Run(model, Params(time_limit=30)), Relaxation.whole(model), Start(x, x > 0))
    assert (ladder.sure >= 0).sum() == 1  # a programme keeps one column at least
    found = ladder.solve(Relaxation.whole(model), model.levels[0].value)
    assert found.x.tolist() == [0.0, 1.0, 0.0, 1.0]
    assert found.x @ model.levels[0].value == 16


def test_columns_are_called_in_where_those_inside_cannot_keep_a_row():
    model = _three_for_two_places()
    x = np.array([1.0, 0.0, 1.0, 0.0])
    kept = Relaxation.whole(model)
    kept.level_rows.append(LevelRow(0, model.levels[0].value, 15))  # those inside reach 6
    ladder = Ladder(Run(model, Params(time_limit=30)), kept, Start(x, x > 0))
    found = ladder.solve(kept, np.array([1, 0, 1, 0]))
    assert found is not None
    assert found.x @ model.levels[0].value >= 15
    kept.level_rows[0] = LevelRow(0, model.levels[0].value, 17)  # nobody reaches that
    assert ladder.solve(kept, np.array([1, 0, 1, 0])) is None


def test_a_column_that_a_later_face_forbids_is_not_held():
    model = _three_for_two_places()
    x = np.array([1.0, 0.0, 1.0, 0.0])
    ladder = Ladder(Run(model, Params(time_limit=30)), Relaxation.whole(model), Start(x, x > 0))
    later = Relaxation.whole(model)
    later.active[2] = False
    later.must[:] = [False, True, False]
    assert ladder.solve(later, model.levels[0].value).x.tolist() == [0.0, 1.0, 0.0, 1.0]


def test_cuts_that_the_corner_does_not_touch_are_let_go():
    model = _three_for_two_places()
    run = Run(model, Params(time_limit=30))
    rows = Cuts(
        sparse.csr_array(np.array([[1, 1, 0, 0], [1, 1, 1, 1]])), np.array([1, 4])
    )  # full, never full
    kept = Relaxation.whole(with_cuts(model, rows))
    value = model.levels[0].value
    ladder = Ladder(run, kept)
    corner = ladder.solve(kept, value)
    cut = Cut(kept, bound(kept, value, corner.prices), corner.x, ladder.basis())
    less = trim(cut, len(model.rhs))
    assert less.relaxation.model.rhs.tolist() == [1, 1, 1]
    assert len(less.basis.rows) == 3
    again = bound(less.relaxation, value, less.found.prices / less.found.scale)
    assert (again.total, again.scale) == (cut.found.total, cut.found.scale)


def test_a_programme_that_begins_with_few_columns_ends_where_all_of_them_lead():
    compared = 0
    for seed in range(60):
        model = build_model(draw_week(seed).arrays)
        value = model.levels[0].value
        run = Run(model, Params(time_limit=30))
        full = KeptBasis(run, Relaxation.whole(model)).ladder.solve(Relaxation.whole(model), value)
        if full is None:
            continue
        few = full.x > 0.5
        few[model.unit_start[:-1][model.unit_must & (np.diff(model.unit_start) > 0)]] = True
        again = KeptBasis(run, Relaxation.whole(model), Start(few.astype(np.float64), few)).ladder.solve(
            Relaxation.whole(model), value
        )
        if again is None:
            continue  # the few alone may hold no plan: then nothing is claimed
        compared += 1
        assert again.x @ value == pytest.approx(full.x @ value, abs=1e-6)
    assert compared > 20


def test_a_programme_goes_on_from_another_ones_basis_without_a_step():
    begun = 0
    for seed in range(60):
        model = build_model(draw_week(seed).arrays)
        value, whole = model.levels[0].value, Relaxation.whole(model)
        run = Run(model, Params(time_limit=30))
        first = Ladder(run, whole)
        corner = first.solve(whole, value)
        if corner is None:
            continue
        few = first.basis().columns | (corner.x > 0)
        again = Ladder(run, whole, Start(corner.x, few, first.basis()))
        basic = again.solver.basis()
        assert int(basic[0].sum()) + int(basic[1].sum()) == again.count
        answer = again.solver.resume(value[again.columns].astype(np.float64), 30.0, 1_000)
        assert answer.work == 0
        held = int(value[again.sure[again.sure >= 0]].sum())
        assert answer.x @ value[again.columns] + held == pytest.approx(corner.x @ value)
        begun += bool((again.sure >= 0).any())
    assert begun > 20
