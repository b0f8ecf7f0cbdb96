"""Rows that single rows of mixed amounts imply: no whole plan breaks one, fractional corners do, and nights stay exact."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from solver import Params, check, parse_problem, solve
from solver.generate import NightShape, draw_night, to_document
from solver.welfare import settling
from solver.welfare.covers import lift_cover, round_turned
from tests.solver.oracle import whole
from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_larger


def draw_row(seed, *, signed):
    """Amounts, a side, and a point between 0 and 1 in every column, a good part of it whole."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 9))
    amounts = rng.integers(1, int(rng.integers(3, 40)), size)
    if signed:
        amounts = np.where(rng.random(size) < 0.4, -amounts, amounts)
    x = rng.random(size)
    x[rng.random(size) < 0.3] = 1.0
    x[rng.random(size) < 0.2] = 0.0
    return amounts, int(rng.integers(1, int(np.abs(amounts).sum()) + 2)), x


@pytest.mark.parametrize(
    ("find", "signed"), [(lift_cover, False), (round_turned, False), (round_turned, True)]
)
def test_what_a_row_implies_holds_for_all_its_whole_points(find, signed):
    found = broken = 0
    for seed in range(600):
        amounts, side, x = draw_row(seed, signed=signed)
        cut = find(amounts, side, x)
        if cut is None:
            continue
        points = np.array(list(itertools.product((0, 1), repeat=len(amounts))))
        kept = points[points @ amounts <= side]
        assert ((kept @ cut[0]) <= cut[1]).all(), seed
        found += 1
        broken += float(cut[0] @ x) > cut[1] + 1e-6
    assert found > 200
    assert broken > 100  # else they would be of no use


def test_three_visits_of_ten_minutes_do_not_fit_into_twenty_five_and_a_long_one_counts_twice():
    coefficients, side = lift_cover(np.array([10, 10, 10, 20]), 25, np.array([0.9, 0.9, 0.7, 0.0]))
    assert (coefficients.tolist(), side) == ([1, 1, 1, 2], 2)


def test_a_row_that_holds_everybody_has_no_cover():
    assert lift_cover(np.array([10, 15, 20]), 45, np.array([1.0, 1.0, 0.5])) is None


def test_nights_that_are_cut_equal_the_whole_model(monkeypatch, listen):
    monkeypatch.setattr(settling, "CUT", 0)
    cuts = listen(settling, "cut_down")
    for case in range(100, 140):
        document = draw_larger(random.Random(case).randint, "welfare", 60)
        assert list_differences(document, "welfare", judge=whole.find_best) == [], case
    assert sum(cut is not None for cut in cuts) > 10


def test_cuts_lower_the_bound_of_a_night_of_mixed_minutes(monkeypatch):
    night = parse_problem(to_document(draw_night(NightShape(300, sites=6, several=True), 1)))
    few = Params(time_limit=60, gap=5e-3)
    monkeypatch.setattr(settling.Closing, "search_all", lambda *_: None)  # the cuts alone
    cut = solve(night, few)
    monkeypatch.setattr(settling.Closing, "cut", lambda _self, relaxation, found: (relaxation, found))
    plain = solve(night, few)
    assert check(night, cut) == check(night, plain) == []
    assert cut.levels[0].value == plain.levels[0].value
    assert cut.levels[0].bound < plain.levels[0].bound
