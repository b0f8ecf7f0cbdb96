"""All pairs at once give the same columns, in the same order, as the rules asked one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from solver.problem import Group, Option, Problem, Request, Sum
from solver.welfare import grouping
from solver.welfare.grouping import grouped_columns
from tests.solver.tiny import tiny_problem


def columns_of(problem, grouped):
    """Unit -> its columns as (request, option) ids, in the order in which they stand."""
    owner = problem.arrays.option_request
    starts = problem.arrays.request_start
    found = {}
    for unit, first, last in zip(grouped.unit, grouped.start[:-1], grouped.start[1:], strict=True):
        column = tuple(
            (problem.requests[owner[o]].id, problem.requests[owner[o]].options[o - starts[owner[o]]].id)
            for o in grouped.option[first:last]
        )
        found.setdefault(int(unit), []).append(column)
    return found


def expected(group, members):
    """What the rules let a pair take, asked combination by combination."""
    bound = [m.must or m.pinned for m in members]
    if group.all_or_none and any(bound):
        bound = [True, True]
    ways = [
        [o for o in m.options if not m.pinned or o.id == m.held] + ([] if need else [None])
        for m, need in zip(members, bound, strict=True)
    ]
    kept = []
    for choice in product(*ways):
        placed = [option for option in choice if option is not None]
        apart = group.same_site and len({option.site for option in placed}) > 1
        if placed and not apart and not (group.all_or_none and len(placed) < len(members)):
            kept.append(tuple((m.id, o.id) for m, o in zip(members, choice, strict=True) if o is not None))
    return kept


@pytest.mark.parametrize("block", range(4))
def test_pairs_take_what_their_rules_allow(block):
    seen = 0
    for seed in range(block * 250, (block + 1) * 250):
        problem = tiny_problem(seed)
        grouped = grouped_columns(problem.arrays)
        columns = columns_of(problem, grouped)
        units = dict(zip(np.flatnonzero(grouped.requests).tolist(), grouped.unit_of_request, strict=True))
        for group in problem.groups:
            at = [i for i, request in enumerate(problem.requests) if request.group == group.id]
            if len(at) == 2 and group.joint is None and (group.same_site or group.all_or_none):
                seen += 1
                members = [problem.requests[i] for i in at]
                assert units[at[0]] == units[at[1]]
                assert sorted(columns.get(int(units[at[0]]), [])) == sorted(expected(group, members)), seed
    assert seen > 20


def test_the_way_of_larger_groups_gives_the_same(monkeypatch):
    def one_by_one(problem):
        with monkeypatch.context() as patch:
            patch.setattr(grouping, "pairs_of", lambda _arrays, requests: np.zeros((0, 2), dtype=np.int64))
            return grouped_columns(problem.arrays)

    for seed in range(600):
        problem = tiny_problem(seed)
        found, known = grouped_columns(problem.arrays), one_by_one(problem)
        for name in ("requests", "unit_of_request", "unit", "start", "option", "must", "equal"):
            assert getattr(found, name).tolist() == getattr(known, name).tolist(), (seed, name)


def test_a_pair_with_too_many_combinations_is_kept_by_rows():
    places = 25  # 25 x 25 combinations
    members = [
        Request(name, [Option(f"o{i}", f"s{i}", {}, {"served": 1}) for i in range(places)], group="g")
        for name in ("r1", "r2")
    ]
    problem = Problem([], [Group("g", all_or_none=True)], members, [Sum({"served": 1})])
    grouped = grouped_columns(problem.arrays)
    assert grouped.link is not None
    assert len(set(grouped.unit_of_request.tolist())) == len(members)
