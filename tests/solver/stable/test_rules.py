"""Each rule of ``stable`` on the smallest round that shows it."""

from __future__ import annotations

import random

import pytest

from solver.combinations import count_combinations
from solver.faults import BadInput
from solver.params import Params
from solver.read import parse_problem
from solver.stable import solve_stable
from tests.solver.oracle.deciders import list_deciders
from tests.solver.oracle.draw import draw_document
from tests.solver.stable.build import child, decide, room, round_of


def test_higher_priority_gets_the_place_both_prefer():
    plan = decide(
        round_of(
            [room("a"), room("b")], [child("low", ("a", 1), ("b", 1)), child("high", ("a", 2), ("b", 2))]
        )
    )
    assert plan.placements == {"high": "a", "low": "b"}
    assert plan.blocking == []


def test_stability_comes_before_serving_more():
    # Serving both would put "high" on b, where it envies "low" on a.
    plan = decide(
        round_of([room("a"), room("b")], [child("low", ("a", 1)), child("high", ("a", 2), ("b", 2))])
    )
    assert plan.placements == {"high": "a"}
    assert plan.unplaced == ["low"]


def test_ties_are_in_the_way_so_the_level_decides_between_equals():
    plan = decide(
        round_of([room("a"), room("b")], [child("one", ("a", 1), ("b", 1)), child("two", ("a", 1))])
    )
    assert plan.placements == {"one": "b", "two": "a"}
    assert plan.outcome == "optimal"


def test_a_held_place_is_kept_or_bettered_and_causes_no_envy():
    holder = child("holder", ("b", 0), ("a", 0), held="a")
    plan = decide(round_of([room("a"), room("b", 0)], [holder, child("high", ("a", 9))]))
    assert plan.placements == {"holder": "a"}
    assert plan.blocking == []


def test_a_transfer_frees_the_held_place():
    holder = child("holder", ("b", 0), ("a", 0), held="a", must=True)
    plan = decide(round_of([room("a"), room("b")], [holder, child("new", ("a", 9))]))
    assert plan.placements == {"holder": "b", "new": "a"}


def test_a_pinned_request_stays_and_never_blocks():
    pinned = child("pinned", ("b", 9), ("a", 9), held="a", pinned=True)
    plan = decide(round_of([room("a"), room("b")], [pinned, child("low", ("b", 1))]))
    assert plan.placements == {"pinned": "a", "low": "b"}
    assert plan.blocking == []


def test_guarantees_that_do_not_fit_together_are_infeasible_and_named():
    plan = decide(round_of([room("a")], [child("one", ("a", 1), held="a"), child("two", ("a", 1), held="a")]))
    assert plan.outcome == "infeasible"
    assert "'one'" in plan.conflict[0]
    assert "'two'" in plan.conflict[0]
    assert "'a'" in plan.conflict[0]
    assert plan.placements == {}
    assert plan.unplaced == ["one", "two"]
    assert plan.levels == []


def test_a_must_without_any_room_is_named():
    plan = decide(round_of([room("a", 0)], [child("one", ("a", 1), must=True)]))
    assert plan.outcome == "infeasible"
    assert "'one'" in plan.conflict[0]


def test_brothers_and_sisters_follow_their_written_joint_choices():
    family = {"id": "f", "joint": [{"x": "b", "y": "b"}, {"x": "a"}]}
    members = [child("x", ("a", 5), ("b", 5), group="f"), child("y", ("a", 5), ("b", 5), group="f")]
    assert decide(round_of([room("a", 2), room("b", 2)], members, [family])).placements == {
        "x": "b",
        "y": "b",
    }
    assert decide(round_of([room("a", 2), room("b", 1)], members, [family])).placements == {"x": "a"}


def test_a_family_counts_with_its_lowest_priority_at_each_site():
    family = {"id": "f", "same_site": True, "all_or_none": True}
    members = [child("x", ("a", 9), group="f"), child("y", ("a", 1), group="f")]
    plan = decide(round_of([room("a", 2)], [*members, child("between", ("a", 5))], [family]))
    assert plan.placements == {"between": "a"}
    assert plan.blocking == []


def test_a_member_who_keeps_a_held_place_does_not_lower_the_family():
    # x keeps its own place whatever happens; y has more priority than "between", who took the other one.
    members = [child("x", ("a", 0), group="f", held="a"), child("y", ("a", 9), group="f")]
    plan = decide(round_of([room("a", 2)], [*members, child("between", ("a", 5))], [{"id": "f"}]))
    assert plan.placements == {"x": "a", "y": "a"}
    assert plan.blocking == []


def test_where_perfect_stability_is_impossible_the_fewest_block_and_are_reported():
    # Two singles and a pair chase each other round two places: nobody can be content everywhere.
    pair = [child("x", ("a", 2), group="f"), child("y", ("b", 2), group="f")]
    document = round_of(
        [room("a"), room("b")],
        [*pair, child("s", ("a", 1), ("b", 3)), child("t", ("b", 1), ("a", 1))],
        [{"id": "f", "joint": [{"x": "a", "y": "b"}]}],
    )
    plan = decide(document)
    assert plan.outcome == "optimal"
    assert len(plan.blocking) == plan.blocking_bound


def test_a_worst_level_is_proven_before_the_sum_below_it():
    children = [child("one", ("a", 1), ("b", 1)), child("two", ("a", 1), ("c", 1))]
    document = round_of(
        [room("a"), room("b"), room("c")], children, objective=[{"worst": "rank"}, {"sum": {"served": 1}}]
    )
    plan = decide(document)
    assert plan.levels[0].value == plan.levels[0].bound


def test_a_group_with_too_many_combinations_is_refused():
    sites = [f"s{i}" for i in range(10)]
    members = [child(f"c{i}", *((site, 1) for site in sites), group="g") for i in range(5)]
    problem = parse_problem(round_of([room(site) for site in sites], members, [{"id": "g"}]))
    with pytest.raises(BadInput, match=r"groups\[0\]: group 'g' has 161050 combinations"):
        solve_stable(problem, Params(mode="stable"))


def test_an_empty_round_is_optimal():
    plan = decide(round_of([], []))
    assert plan.outcome == "optimal"
    assert [level.value for level in plan.levels] == [0, 0]


def test_combinations_are_counted_as_brute_force_lists_them():
    for case in range(200):
        document = draw_document(random.Random(case).randint, "stable")
        problem = parse_problem(document)
        listed = {decider.id: decider for decider in list_deciders(document, "stable")}
        for group in problem.groups:
            if group.joint is None and group.id in listed:
                placed = [picks for picks in listed[group.id].accepted if picks]
                assert count_combinations(group, problem.members[group.id]) == len(placed)
