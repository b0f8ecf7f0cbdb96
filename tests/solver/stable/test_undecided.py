"""Where deferred acceptance or a search end without an answer there still is a plan, and what blocks it is counted."""

from __future__ import annotations

import random

import pytest

from solver.stable import run, solve
from solver.stable.limits import Answer
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
