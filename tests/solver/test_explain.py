"""Reasons are true: taking the reason away takes the refusal away; worth and shopping lists are what solving says."""

from __future__ import annotations

import dataclasses

from solver import Excluded, Group, Params, Request, Sum, Worst, solve
from solver.explain import Explainer, explain
from solver.explain.shopping import Increment, shop
from solver.explain.worth import worth
from tests.solver.samples import option, problem

QUICK = Params(time_limit=20)


def reasons(night, plan, request):
    return {row["option"]: row for row in explain(night, plan, request, changes=False)["options"]}


def full_night():
    first = Request("first", [option("o", {"a": 1}, rank=-1)], class_=1)
    second = Request(
        "second",
        [option("o", {"a": 1}, rank=-2)],
        class_=2,
        excluded=[Excluded("x", "s2", {}, {"served": 1}, 0, "too_far", {"metres": 920, "limit_metres": 800})],
    )
    return problem({"a": 1}, [first, second], objective=[Sum({"served": 1}), Sum({"rank": 1})])


def test_full_names_the_resource_and_one_more_unit_places():
    night = full_night()
    plan = solve(night, QUICK)
    row = reasons(night, plan, "second")["o"]
    assert (row["reason"], row["resource"], row["short_by"], row["lowest_class_in"]) == ("full", "a", 1, 1)
    assert row["one_more_is_worth"] == 1
    changes = explain(night, plan, "second")["changes"]
    assert [{k: v for k, v in c.items() if k in ("resource", "more", "allow")} for c in changes] == [
        {"resource": "a", "more": 1},
        {"allow": "x"},
    ]
    assert all(change["levels"][0]["value"] == 2 for change in changes)
    assert reasons(night, plan, "second")["x"]["data"] == {"metres": 920, "limit_metres": 800}


def test_a_sibling_in_the_way_is_named():
    twins = [
        Request("t1", [option("o", {"a": 1})], group="g"),
        Request("t2", [option("o", {"b": 1})], group="g"),
    ]
    night = problem({"a": 1, "b": 0}, twins, [Group("g", all_or_none=True)])
    plan = solve(night, QUICK)
    row = reasons(night, plan, "t1")["o"]
    assert (row["reason"], row["member"]) == ("group", "t2")
    apart = dataclasses.replace(night, groups=[Group("g")])
    assert solve(apart, QUICK).placements == {"t1": "o"}


def test_outweighed_means_that_it_fits_and_is_worse():
    night = problem(
        {"a": 1}, [Request("r", [option("o", {"a": 1}, metres=7)])], objective=[Sum({"metres": -1})]
    )
    plan = solve(night, QUICK)
    assert reasons(night, plan, "r")["o"]["reason"] == "outweighed"


def test_less_preferred_stands_behind_what_was_placed():
    night = problem(
        {},
        [Request("r", [option("o1", {}, rank=1), option("o2", {}, rank=2)])],
        objective=[Sum({"served": 9, "rank": -1})],
    )
    plan = solve(night, QUICK)
    assert [row["reason"] for row in explain(night, plan, "r")["options"]] == ["placed", "less_preferred"]


def test_one_more_unit_is_weighed_by_itself_and_not_as_a_share_of_more():
    night = problem(
        {"a": 0},
        [Request("r", [option("one", {"a": 1}, served=1), option("two", {"a": 2}, served=1)])],
        objective=[Sum({"served": 1})],
    )
    rows = explain(night, solve(night, QUICK), "r")["options"]
    assert [(row["short_by"], row["one_more_is_worth"]) for row in rows] == [(1, 1), (2, 1)]
    alone = problem(
        {"a": 0},
        [Request("r", [option("two", {"a": 2}, served=1)])],
        objective=[Sum({"served": 1})],
    )
    (row,) = explain(alone, solve(alone, QUICK), "r")["options"]
    assert (row["short_by"], row["one_more_is_worth"]) == (2, 0)


def test_what_is_pinned_equal_or_part_of_no_plan_is_not_called_outweighed():
    pinned = problem(
        {},
        [Request("r", [option("better", {}, v=2), option("held", {}, v=1)], held="held", pinned=True)],
        objective=[Sum({"v": 1})],
    )
    assert reasons(pinned, solve(pinned, QUICK), "r")["better"]["reason"] == "pinned"
    equal = problem({}, [Request("r", [option("o", {}, v=0)])], objective=[Sum({"v": 1})])
    assert reasons(equal, solve(equal, QUICK), "r")["o"]["reason"] == "equal"
    never = problem(
        {"a": 0},
        [Request("m", [option("o", {"a": 1})], must=True), Request("r", [option("o", {}, v=1)])],
        objective=[Sum({"v": 1})],
    )
    assert reasons(never, solve(never, QUICK), "r")["o"]["reason"] == "no_plan"


def test_worse_by_the_worst_value_is_outweighed():
    night = problem({}, [Request("r", [option("o", {}, v=1, m=5)])], objective=[Worst("m"), Sum({"v": 1})])
    assert reasons(night, solve(night, QUICK), "r")["o"]["reason"] == "outweighed"


def test_nobody_is_named_where_no_member_could_help():
    night = problem(
        {},
        [Request("r", [option("o", {}, v=1)], group="g")],
        [Group("g", joint=[])],
        objective=[Sum({"v": 1})],
    )
    row = reasons(night, solve(night, QUICK), "r")["o"]
    assert (row["reason"], row["member"]) == ("group", None)


def test_a_change_that_leaves_the_contract_is_not_offered():
    excluded = Excluded("x", "s", {}, {"v": 2**53}, 0, "too_far", {})
    night = problem({}, [Request("r", [], excluded=[excluded])], objective=[Sum({"v": 2**53})])
    assert explain(night, solve(night, QUICK), "r")["changes"] == []


BUNDLE = problem(
    {"mon": 0, "wed": 0, "tue": 0},
    [
        Request("long", [option("o", {"mon": 1, "wed": 1}, days=2)]),
        Request("short", [option("o", {"tue": 1}, days=1)]),
    ],
    objective=[Sum({"days": 1})],
)


def test_one_monday_alone_is_worth_nothing_but_the_pair_is_bought():
    plan = solve(BUNDLE, QUICK)
    found = worth(BUNDLE, plan, ["mon", "tue"], QUICK)
    assert [row["gain"] for row in found] == [[0], [1]]
    increments = [Increment(name, {name: 1}) for name in ("mon", "wed", "tue")]
    two = shop(BUNDLE, plan, increments, 2, QUICK)
    assert (two["bought"], two["served"], two["gain"]) == (["mon", "wed"], {"long": "o"}, [2])
    one = shop(BUNDLE, plan, increments, 1, QUICK)
    assert (one["bought"], one["served"]) == (["tue"], {"short": "o"})


def test_without_an_answer_nothing_is_proven():
    plan = solve(BUNDLE, QUICK)
    (row,) = worth(BUNDLE, dataclasses.replace(plan, levels=[]), ["tue"], QUICK)
    assert (row["gain"], row["proven"]) == ([], False)


def test_a_worst_value_that_falls_is_a_gain():
    night = problem(
        {"near": 0, "far": 1},
        [Request("r", [option("o1", {"near": 1}, metres=5), option("o2", {"far": 1}, metres=9)], must=True)],
        objective=[Worst("metres")],
    )
    (row,) = worth(night, solve(night, QUICK), ["near"], QUICK)
    assert (row["gain"], row["proven"]) == ([4], True)
    got = shop(night, solve(night, QUICK), [Increment("near", {"near": 1})], 1, QUICK)
    assert got["gain"] == [4]


def test_one_layout_answers_many_questions_and_a_need_that_is_not_in_the_night():
    night = full_night()
    explainer = Explainer(night, solve(night, QUICK))
    for request in ("first", "second"):
        assert explainer.ask(request)["options"] == list(reasons(night, explainer.plan, request).values())
    new = Request("new", [option("o", {"a": 1}), option("free", {})])
    told = explainer.ask(new)
    assert told["placed"] is None
    assert [row["reason"] for row in told["options"]] == ["full", "fits"]


def test_a_group_names_the_member_that_would_have_to_move():
    """Of the accepted combinations with this option, the nearest one tells who is out of line."""
    members = [
        Request(name, [option("a", {}), option("b", {})], group="g") for name in ("one", "two", "three")
    ]
    joint = [{"one": "a", "two": "a", "three": "a"}, {"one": "b", "two": "a", "three": "b"}]
    night = problem({}, members, [Group("g", joint=joint)])
    row = reasons(night, solve(night, QUICK), "one")["b"]
    assert (row["reason"], row["member"]) == ("less_preferred", None)
    night = problem({}, members, [Group("g", joint=joint[::-1])], [Sum({"first": 1})])
    members[1] = dataclasses.replace(members[1], must=True)
    plan = dataclasses.replace(solve(night, QUICK), placements={"one": "b", "two": "a", "three": "b"})
    row = reasons(night, plan, "one")["a"]
    assert (row["reason"], row["member"]) == ("group", "three")
