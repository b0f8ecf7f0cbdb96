"""The smallest changes that would place a request, each verified by solving the night with the change."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from solver.decide import solve
from solver.faults import BadInput
from solver.params import Params
from solver.problem import Option, Problem, Worst

if TYPE_CHECKING:
    from solver.explain.why import Board
    from solver.plan import Plan
    from solver.problem import Excluded, Request

TRIALS = 6  # changes tried for one question, and resources weighed: the first ones, as the request prefers
SECONDS = 20.0


def find_changes(
    board: Board, plan: Plan, request: Request, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the single changes that place the request (or place it better), with the levels after solving.

    Writes what one more unit is worth into the rows that are full on one of the first `TRIALS` resources.
    """
    found: list[dict[str, Any]] = []
    trials = _Trials(board.problem, plan)
    full = {(row["resource"], row["short_by"]): None for row in rows if row["reason"] == "full"}
    for resource in list(dict.fromkeys(resource for resource, _ in full))[:TRIALS]:
        gain = trials.find_worth(resource)
        for row in rows:
            if row["reason"] == "full" and row["resource"] == resource:
                row["one_more_is_worth"] = gain
    candidates: list[dict[str, Any]] = [{"resource": resource, "more": short} for resource, short in full]
    candidates += [{"allow": excluded.id} for excluded in request.excluded]
    before = board.chosen.get(request.id)
    for change in candidates[:TRIALS]:
        after = trials.apply(change, request)
        got = None if after is None else after.placements.get(request.id)
        if after is not None and is_better(request, None if before is None else before.id, got):
            found.append({**change, "places_on": got, "levels": after.to_json()["levels"]})
    return found


class _Trials:
    """Solves of one night with single changes, each done once."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        gap = max((level.gap or 0.0 for level in plan.levels), default=0.0)
        self.params = Params(plan.mode, SECONDS, gap)
        self.known: dict[tuple[str, int], Plan | None] = {}

    def apply(self, change: dict[str, Any], request: Request) -> Plan | None:
        """The plan with the change; None where the changed night is none that the contract knows."""
        if "more" in change:
            return self._with_more(change["resource"], change["more"])
        (excluded,) = (each for each in request.excluded if each.id == change["allow"])
        return self._solve(with_allowed(self.problem, request, excluded))

    def find_worth(self, resource: str) -> int | None:
        """What the first level that changes gains by one more unit, from the solve itself, not from a price."""
        after = self._with_more(resource, 1)
        if after is None or not after.levels or not self.plan.levels:
            return None
        return next((gain for gain in list_gains(self.problem, self.plan, after) if gain), 0)

    def _with_more(self, resource: str, more: int) -> Plan | None:
        key = resource, more
        if key not in self.known:
            self.known[key] = self._solve(with_more(self.problem, resource, more))
        return self.known[key]

    def _solve(self, changed: Problem) -> Plan | None:
        try:
            return solve(changed, self.params, self.plan)
        except (BadInput, OverflowError):  # one more option can be one combination, or one number, too many
            return None


def is_better(request: Request, before: str | None, after: str | None) -> bool:
    """Whether a request that had option ``before`` gains by ``after``: any place, or one it prefers."""
    if after is None or after == before:
        return False
    names = [option.id for option in request.options]
    return before is None or (after in names and names.index(after) < names.index(before))


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
