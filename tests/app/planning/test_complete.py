"""A plan that was cut short is completed with whoever still fits, in the published order, and says what is proven."""

from __future__ import annotations

from typing import Any

from app.options.facts import Proof
from app.planning.complete import complete
from app.planning.entries import Share, list_entries
from app.planning.problem import Task, build_task
from solver import LevelResult, Plan, check
from tests.app.options.builders import LONG_AGO, make_person
from tests.app.planning.test_gates import make_snapshot, needs


def make_task(count: int, **people: Any) -> Task:
    persons = [make_person(id=i, code=f"P{i}", **(people if i == count else {})) for i in range(1, count + 1)]
    wanted = needs(count, patterns=needs(1)[0].patterns[:1])
    snapshot = make_snapshot(wanted, persons)
    return build_task(snapshot, Share(None, list(list_entries(snapshot))))


def make_plan(task: Task, **given: Any) -> Plan:
    values: dict[str, Any] = {
        "placements": {},
        "unplaced": [request.id for request in task.problem.requests],
        "levels": [LevelResult(0, 10**9) for _ in task.problem.objective],
        "cut_short": True,
    }
    return Plan("feasible", **(values | given))


def test_free_places_go_to_the_first_in_the_published_order() -> None:
    task = make_task(8, proofs=[Proof("severe_disability", None, LONG_AGO, None)])
    assert {resource.capacity for resource in task.problem.resources} <= {1, 5}
    done = complete(task, make_plan(task))
    assert len(done.placements) == 6
    assert "N8" in done.placements  # class 4 comes first, whatever its code
    assert [
        violation for violation in check(task.problem, done) if violation.code != "bound_beyond_value"
    ] == []


def test_bound_is_kept_until_the_first_level_that_changed() -> None:
    task = make_task(2)
    levels = complete(task, make_plan(task)).levels
    changed = next(number for number, level in enumerate(levels) if level.value)
    assert levels[changed].bound == 10**9
    assert all(level.bound is None for level in levels[changed + 1 :])


def test_plan_that_ended_on_its_own_is_left_alone() -> None:
    task = make_task(2)
    plan = make_plan(task, cut_short=False)
    assert complete(task, plan) is plan
