"""Searches that end too early leave levels open: what later steps find must neither break the run nor its bounds."""

from __future__ import annotations

import random
import threading

import pytest

from solver import Params, check, solve
from solver.problem import Option, Problem, Request, Resource, Sum, Worst
from solver.welfare import engines, parts, run, searches, stairs
from tests.solver.brute import assert_bounds_hold


def draw(seed):
    """Six requests in two halves of a town that few share, each level of another mind."""
    rng = random.Random(seed)
    resources = [Resource(f"r{i}", rng.randint(1, 3)) for i in range(rng.randint(4, 8))]
    half = len(resources) // 2
    requests = []
    for number in range(6):
        near = resources if rng.random() < 0.1 else resources[:half] if number % 2 else resources[half:]
        options = []
        for name in range(rng.randint(1, 3)):
            used = rng.sample(near, min(len(near), rng.randint(1, 3)))
            terms = {"days": len(used), "served": 1, "m": rng.randint(0, 9), "d": rng.randint(-5, 9)}
            uses = {each.id: rng.choice([1, 1, 1, 2]) for each in used}
            options.append(Option(f"o{name}", "s", uses, terms))
        requests.append(Request(f"q{number}", options))
    levels = [Sum({"days": 1}), Sum({"served": 1}), Sum({"m": -1}), Sum({"d": 1})]
    rng.shuffle(levels)
    if rng.random() < 0.4:
        levels.insert(rng.randint(1, 3), Worst("m"))
    return Problem(resources, [], requests, levels)


@pytest.fixture(params=["kept basis", "interior point"])
def _every_night_is_large(monkeypatch, request):
    monkeypatch.setattr(run, "SIMPLEX", -1)
    monkeypatch.setattr(engines, "SIMPLEX", -1)
    monkeypatch.setattr(engines, "DENSITY", 10**6)
    monkeypatch.setattr(engines, "ROWS", -1 if request.param == "kept basis" else 10**6)


def interrupt(monkeypatch, is_over):
    """End a level's searches before they begin, as where its share of the time is used up."""
    whole = stairs.search

    def search(at, level):
        if is_over(level):
            at.run.late = True
        else:
            whole(at, level)

    monkeypatch.setattr(stairs, "search", search)


@pytest.mark.usefixtures("_every_night_is_large")
@pytest.mark.parametrize("first", [0, 280, 560, 760])
@pytest.mark.parametrize("which", ["the first level", "by chance"])
def test_plans_keep_the_rules_and_bounds_hold(monkeypatch, which, first):
    rng = random.Random(first)
    interrupt(
        monkeypatch,
        (lambda level: level == 0) if which == "the first level" else lambda _: rng.random() < 0.4,
    )
    for seed in range(first, first + 40):
        monkeypatch.setattr(parts, "SMALL", rng.choice([1, 3, 500]))
        night = draw(seed)
        plan = solve(night, Params(time_limit=30))
        assert check(night, plan) == []
        assert_bounds_hold(night, plan.levels)


@pytest.mark.usefixtures("_every_night_is_large")
def test_progress_is_told_by_the_thread_that_asked(monkeypatch):
    monkeypatch.setattr(searches, "SMALL", -1)  # faces are cut, and looked at beside it
    told = set()
    for seed in range(60):
        solve(draw(seed), Params(time_limit=30), progress=lambda p: told.add((p.step, threading.get_ident())))
    assert "between plan and corner" in {step for step, _ in told}
    assert {thread for _, thread in told} == {threading.get_ident()}
