"""Where deferred acceptance or a search end without an answer there still is a plan, and what blocks it is counted."""

from __future__ import annotations

import dataclasses
import random
import time

import pytest

from solver.generate.round import RoundShape, draw_round
from solver.read import parse_problem
from solver.stable import run, solve
from solver.stable.levels import count_levels, set_goal
from solver.stable.limits import Answer, Limits
from solver.stable.model import build_model
from solver.stable.parties import list_parties
from solver.stable.reduce import open_market
from solver.stable.search import run_search
from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_document


@pytest.fixture
def _no_start(monkeypatch):
    monkeypatch.setattr(solve, "find_start", lambda *_: None)


@pytest.fixture
def _undecided(monkeypatch):
    """Whether nobody need block is never found out."""
    whole = run.Run.search

    def search(self, model, number, *rest, **named):
        if self.chosen is not None and not model.blocking and not model.cp.has_objective():
            return Answer(None, None, impossible=False, cut=False)
        return whole(self, model, number, *rest, **named)

    monkeypatch.setattr(run.Run, "search", search)


@pytest.mark.usefixtures("_no_start")
@pytest.mark.parametrize("first", range(0, 200, 50))
def test_a_plan_is_found_where_deferred_acceptance_leaves_none(first):
    for case in range(first, first + 50):
        assert list_differences(draw_document(random.Random(case).randint, "stable"), "stable") == [], case


@pytest.mark.usefixtures("_no_start", "_undecided")
@pytest.mark.parametrize("first", range(0, 200, 50))
def test_blocking_is_counted_where_nobody_knows_whether_it_must_be(first):
    for case in range(first, first + 50):
        assert list_differences(draw_document(random.Random(case).randint, "stable"), "stable") == [], case


def test_a_search_that_ends_before_it_proves_anything_has_no_bound():
    problem = parse_problem(draw_round(RoundShape(60, 4)))
    parties = list_parties(problem)
    model = build_model(open_market(parties, problem.arrays.capacity.tolist()))
    assert set_goal(model, count_levels(problem.arrays, parties)[0])
    answer = run_search(model, Limits(time.monotonic() + 60, 0, 0.0), work=1e-9)
    assert (answer.chosen, answer.bound, answer.impossible) == (None, None, False)


def test_whoever_was_not_looked_at_stays_suspected(monkeypatch):
    """Half of the time is over before anybody was asked: the levels are still solved, and rightly."""
    monkeypatch.setattr(Limits, "for_half", lambda limits: dataclasses.replace(limits, deadline=0.0))
    for case in range(100):
        assert list_differences(draw_document(random.Random(case).randint, "stable"), "stable") == [], case
