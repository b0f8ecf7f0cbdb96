"""The smallest changes that would place a request, each verified by solving the night with the change."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from solver.decide import solve
from solver.params import Params
from solver.problem import Option, Problem, Worst

if TYPE_CHECKING:
    from solver.explain.why import Board
    from solver.plan import Plan
    from solver.problem import Excluded, Request

TRIALS = 6  # solves for one question; the nearest candidates come first
SECONDS = 20.0


def find_changes(
    board: Board, plan: Plan, request: Request, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the single changes that place the request (or place it better), with the levels after solving."""
    found: list[dict[str, Any]] = []
    gap = max((level.gap or 0.0 for level in plan.levels), default=0.0)
    params = Params(plan.mode, SECONDS, gap)
    candidates: list[tuple[dict[str, Any], Problem]] = []
    reasons = {row["option"]: row for row in rows}
    for option in request.options:
        row = reasons[option.id]
        if row["reason"] == "full":
            change = {"resource": row["resource"], "more": row["short_by"]}
            if all(change != each for each, _ in candidates):
                candidates.append((change, with_more(board.problem, row["resource"], row["short_by"])))
    candidates += [
        ({"allow": excluded.id}, with_allowed(board.problem, request, excluded))
        for excluded in request.excluded
    ]
    before = board.chosen.get(request.id)
    for change, problem in candidates[:TRIALS]:
        after = solve(problem, params, plan)
        if "more" in change:
            note_worth(board.problem, rows, change, plan, after)
        got = after.placements.get(request.id)
        if not is_better(request, None if before is None else before.id, got, change.get("allow")):
            continue
        found.append({**change, "places_on": got, "levels": after.to_json()["levels"]})
    return found


def is_better(request: Request, before: str | None, after: str | None, allowed: str | None) -> bool:
    """Whether a request that had option ``before`` gains by ``after``: any place, the allowed one, or one it prefers."""
    if after is None or after == before:
        return False
    if before is None or after == allowed:
        return True
    names = [option.id for option in request.options]
    return after in names and names.index(after) < names.index(before)


def note_worth(
    problem: Problem, rows: list[dict[str, Any]], change: dict[str, Any], plan: Plan, after: Plan
) -> None:
    """Write what the first level that changes gains per unit, from the solve itself, not from a price."""
    gain = next((each for each in list_gains(problem, plan, after) if each), 0)
    for row in rows:
        if row["reason"] == "full" and row["resource"] == change["resource"]:
            row["one_more_is_worth"] = gain if change["more"] == 1 else gain / change["more"]


def list_gains(problem: Problem, plan: Plan, after: Plan) -> list[int]:
    """By how much each level gets better from one plan to the other; [] where one of them has no levels."""
    return [
        a.value - b.value if isinstance(level, Worst) else b.value - a.value
        for level, a, b in zip(problem.objective, plan.levels, after.levels, strict=False)
    ]


def with_more(problem: Problem, resource: str, more: int) -> Problem:
    """The same night with ``more`` units of a resource."""
    return dataclasses.replace(
        problem,
        resources=[
            dataclasses.replace(each, capacity=each.capacity + more) if each.id == resource else each
            for each in problem.resources
        ],
    )


def with_allowed(problem: Problem, request: Request, excluded: Excluded) -> Problem:
    """The same night with one excluded option allowed, as the request's last."""
    option = Option(excluded.id, excluded.site, excluded.uses, excluded.terms, excluded.priority)
    changed = dataclasses.replace(
        request,
        options=[*request.options, option],
        excluded=[each for each in request.excluded if each.id != excluded.id],
    )
    return dataclasses.replace(
        problem, requests=[changed if each.id == request.id else each for each in problem.requests]
    )
