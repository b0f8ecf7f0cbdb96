"""What a night tells while it is solved."""

from __future__ import annotations

from solver import Params, Worst, parse_problem, solve
from solver.generate import NightShape, draw_night, to_document

NEAR = 0.01


def test_what_is_proven_of_a_level_is_told_while_it_is_searched():
    night = parse_problem(to_document(draw_night(NightShape(5_000, levels="published"), 3)))
    heard = []
    plan = solve(night, Params(time_limit=60), progress=heard.append)
    searched = set()
    for told in heard:
        if told.level == 0 or told.bound is None:
            continue
        final = plan.levels[told.level - 1].value
        is_worst = isinstance(night.objective[told.level - 1], Worst)
        assert told.bound <= final if is_worst else told.bound >= final
        if told.step == "whole face":
            searched.add(told.level)
            assert abs(told.bound - final) <= NEAR * abs(final)  # what costs nothing is several times as far
    assert searched
