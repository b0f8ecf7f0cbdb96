"""What neighbours decide anew raises a level, lets nobody block, and changes no proven answer."""

from __future__ import annotations

import random
import time

from solver.generate.round import RoundShape, draw_round
from solver.read import parse_problem
from solver.stable import nearby, reduce
from solver.stable.fewest import reach_fewest
from solver.stable.first import find_start
from solver.stable.levels import count_levels
from solver.stable.limits import Limits
from solver.stable.nearby import improve_nearby
from solver.stable.parties import list_parties
from solver.stable.run import Run
from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_document


def begin_run(document):
    problem = parse_problem(document)
    parties = list_parties(problem)
    levels = count_levels(problem.arrays, parties)
    limits = Limits(time.monotonic() + 600, 0, 0.0)
    run = Run(problem, parties, problem.arrays.capacity.tolist(), levels, limits, None)
    run.chosen = find_start(parties, run.capacity, levels, None, problem)
    return run


def test_more_are_served_where_three_priorities_are_all_there_are(monkeypatch):
    monkeypatch.setattr(nearby, "VAIN", 5)
    document = draw_round(RoundShape(240, 14))
    for request in document["requests"]:
        for option in request["options"]:
            option["priority"] %= 3
    run = begin_run(document)
    space = reach_fewest(run)
    before = run.levels[0].get_value(run.chosen)
    assert space is not None
    assert not run.list_blocking()
    improve_nearby(run, space, 1, space.market.left.count(1) + 240)
    assert run.levels[0].get_value(run.chosen) > before
    assert not run.list_blocking()
    space.keep(run.levels[0], served := run.levels[0].get_value(run.chosen))
    improve_nearby(run, space, 2, 0)
    assert run.levels[0].get_value(run.chosen) >= served


def test_tiny_rounds_stay_as_brute_force_says(monkeypatch):
    monkeypatch.setattr(reduce, "MANY", -1)
    monkeypatch.setattr(nearby, "TOGETHER", 2)
    monkeypatch.setattr(nearby, "VAIN", 3)
    for case in range(150):
        assert list_differences(draw_document(random.Random(case).randint, "stable"), "stable") == [], case
