"""Why not, cutoffs and what-ifs of a stable round are those of stable solving."""

from __future__ import annotations

from solver.cutoffs import find_cutoffs
from solver.explain import explain
from solver.explain.shopping import Increment, shop
from solver.explain.worth import worth
from solver.params import Params
from solver.plan import Plan
from solver.read import parse_problem
from solver.readplan import parse_plan
from solver.stable import solve_stable
from tests.solver.oracle.brute import find_best_stable
from tests.solver.stable.build import child, room, round_of

STABLE = Params("stable", 20)
# "low" on a leaves "high" envious: the most would be served that way, and stability comes first.
RIVALS = round_of(
    [room("a"), room("b", 0)],
    [child("low", ("a", 1)), child("high", ("a", 2), ("b", 2)), child("late", ("a", 0))],
)


def test_changes_are_solved_as_the_round_was():
    problem = parse_problem(RIVALS)
    plan = solve_stable(problem, STABLE)
    (change,) = explain(problem, plan, "low")["changes"]
    assert (change["resource"], change["more"], change["places_on"]) == ("a", 1, "a")
    wider = {**RIVALS, "resources": [room("a", 2), room("b", 0)]}
    assert [level["value"] for level in change["levels"]] == find_best_stable(wider)[1]
    assert explain(problem, plan, "late")["changes"] == []  # one more place goes to "low"


def test_the_last_one_admitted_is_told_where_nothing_is_left():
    problem = parse_problem(RIVALS)
    plan = solve_stable(problem, STABLE)
    assert plan.cutoffs == {"a": 2}
    assert plan.to_json()["x_cutoffs"] == {"a": 2}
    assert parse_plan(plan.to_json()).cutoffs == plan.cutoffs
    row = explain(problem, plan, "low", changes=False)["options"][0]
    assert (row["reason"], row["x_cutoff"]) == ("full", 2)


def test_a_kept_place_sets_no_cutoff_and_room_to_spare_has_none():
    children = [child("holder", ("a", 0), held="a"), child("new", ("a", 7)), child("alone", ("b", 1))]
    problem = parse_problem(round_of([room("a", 2), room("b", 3)], children))
    assert find_cutoffs(problem, {"holder": "a", "new": "a", "alone": "b"}) == {"a": 7}
    assert find_cutoffs(problem, {"holder": "a"}) == {}
    assert Plan("infeasible", "stable").to_json().keys() == Plan("infeasible").to_json().keys()


def test_one_more_place_and_the_shopping_list_keep_stability():
    problem = parse_problem(RIVALS)
    plan = solve_stable(problem, STABLE)
    (row,) = worth(problem, plan, ["a"], STABLE)
    assert (row["gain"], row["served"]) == ([1, -1], ["low"])
    increments = [Increment("a", {"a": 1}), Increment("b", {"b": 1})]
    list_ = shop(problem, plan, increments, 2, STABLE)
    assert (list_["bought"], list_["served"], list_["outcome"]) == (["a"], {"low": "a"}, "optimal")


def test_what_a_family_likes_less_than_what_it_got_is_not_called_outweighed():
    """The second child fits, and one more would be served: the family's own list puts its brother alone first."""
    family = [child("one", ("a", 1), group="g"), child("two", ("a", 1), group="g")]
    joint = [{"one": "a"}, {"one": "a", "two": "a"}]
    problem = parse_problem(round_of([room("a", 2)], family, [{"id": "g", "joint": joint}]))
    plan = solve_stable(problem, STABLE)
    (row,) = explain(problem, plan, "two", changes=False)["options"]
    assert (plan.placements, row["reason"], row["member"]) == ({"one": "a"}, "group", None)


def test_what_changes_no_level_is_equal_in_a_stable_round_too():
    """A pinned brother keeps the family from blocking, so that its sister's place counts for the levels only."""
    family = [
        child("one", ("a", 1), group="g", held="a", pinned=True),
        child("two", ("a", 1), group="g"),
    ]
    problem = parse_problem(round_of([room("a", 2)], family, [{"id": "g"}], [{"sum": {"nothing": 1}}]))
    plan = Plan("feasible", "stable", placements={"one": "a"}, unplaced=["two"])
    assert explain(problem, plan, "two", changes=False)["options"][0]["reason"] == "equal"
    (held,) = explain(problem, Plan("infeasible", "stable"), "one", changes=False)["options"]
    assert held["reason"] == "no_plan"
