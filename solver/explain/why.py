"""Why a request got what it got: one true reason per option, from the problem and the plan alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING, Any

from solver.check import placed_options
from solver.cutoffs import find_cutoffs
from solver.problem import Worst

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from solver.plan import Outcome, Plan
    from solver.problem import Group, Option, Problem, Request


@dataclass
class Board:
    """A plan laid out for questions: who is where, what each resource has left, who uses it.

    Built once a night (O(size)); each question then looks at a few resources only.
    """

    problem: Problem
    chosen: dict[str, Option]
    capacity: dict[str, int]
    used: dict[str, int]
    users: dict[str, list[str]]
    by_id: dict[str, Request]
    prices: dict[str, float]
    groups: dict[str, Group]
    outcome: Outcome
    cutoffs: dict[str, int] | None = None  # in stable mode
    lowest: dict[str, Any] = field(default_factory=dict)
    worst: dict[str, list[tuple[int, str]]] = field(
        default_factory=dict
    )  # term -> its two largest values, and whose

    @staticmethod
    def lay_out(problem: Problem, plan: Plan) -> Board:
        """Index a plan."""
        chosen = placed_options(problem, plan.placements)
        used: dict[str, int] = {resource.id: 0 for resource in problem.resources}
        users: dict[str, list[str]] = {resource.id: [] for resource in problem.resources}
        for request, option in chosen.items():
            for resource, amount in option.uses.items():
                if amount:
                    used[resource] += amount
                    users[resource].append(request)
        return Board(
            problem,
            chosen,
            {resource.id: resource.capacity for resource in problem.resources},
            used,
            users,
            {request.id: request for request in problem.requests},
            plan.prices,
            {group.id: group for group in problem.groups},
            plan.outcome,
            find_cutoffs(problem, plan.placements) if plan.mode == "stable" else None,
        )


class Explainer:
    """A plan prepared once for any number of questions; each then takes milliseconds, whatever the night's size.

    Parameters
    ----------
    problem, plan
        The night and its plan; neither may change afterwards.

    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.plan = plan
        self.board = Board.lay_out(problem, plan)

    def ask(self, request: str | Request, *, changes: bool = False) -> dict[str, Any]:
        """Explain one request as ``solver-explanation/1``.

        Parameters
        ----------
        request
            An id of the night (KeyError where there is none), or a new need that is not part of it: its options are
            then judged against the plan as it stands.
        changes
            Also look for the changes that would place it, each verified by solving: seconds, not milliseconds.

        """
        about = self.board.by_id[request] if isinstance(request, str) else request
        document = why(self.board, about)
        if changes:
            from solver.explain.changes import find_changes  # noqa: PLC0415 - it solves, `why` does not

            document["changes"] = find_changes(self.board, self.plan, about, document["options"])
            return document
        for row in document["options"]:
            if row["reason"] == "full":
                row["one_more_is_worth"] = self.plan.prices.get(row["resource"], 0.0)
        return document


def explain(problem: Problem, plan: Plan, request: str, *, changes: bool = True) -> dict[str, Any]:
    """Explain one request as ``solver-explanation/1``; raises KeyError for an unknown one. Many: `Explainer`."""
    return Explainer(problem, plan).ask(request, changes=changes)


def why(board: Board, request: Request) -> dict[str, Any]:
    """Return the reasons for each option of a request, allowed and excluded; ``changes`` stays empty."""
    got = board.chosen.get(request.id)
    rows = []
    behind = False
    for option in request.options:
        if got is not None and option.id == got.id:
            rows.append(_row(option, "placed"))
            behind = True
        else:
            rows.append(_why_not(board, request, option, got, behind=behind))
    for excluded in request.excluded:
        row = _row(excluded, excluded.reason)
        row["data"] = excluded.data
        shortage = find_shortage(board, request, excluded)
        if shortage is not None:
            row["resource"], row["short_by"] = shortage
        rows.append(row)
    return {
        "format": "solver-explanation/1",
        "request": request.id,
        "placed": None if got is None else got.id,
        "options": rows,
        "changes": [],
    }


def _row(option: Option, reason: str) -> dict[str, Any]:
    return {
        "option": option.id,
        "site": option.site,
        "reason": reason,
        "resource": None,
        "short_by": None,
        "one_more_is_worth": None,
        "lowest_class_in": None,
        "member": None,
        "data": None,
    }


def _why_not(
    board: Board, request: Request, option: Option, got: Option | None, *, behind: bool
) -> dict[str, Any]:
    shortage = find_shortage(board, request, option)
    if shortage is not None:
        row = _row(option, "less_preferred" if behind else "full")
        row["resource"], row["short_by"] = shortage
        row["lowest_class_in"] = lowest_class(board, shortage[0])
        if board.cutoffs is not None:
            row["x_cutoff"] = board.cutoffs.get(shortage[0])
        return row
    apart = list_members_apart(board, request, option)
    reason = (
        "less_preferred" if behind else _find_reason(board, request, option, got, is_apart=apart is not None)
    )
    row = _row(option, reason)
    if reason == "group" and apart:
        row["member"] = apart[0]
    return row


def _find_reason(
    board: Board, request: Request, option: Option, got: Option | None, *, is_apart: bool
) -> str:
    """Why not an option for which there is room, and which the request likes better than what it has."""
    if board.outcome not in ("optimal", "feasible"):
        return "no_plan"
    if request.pinned and option.id != request.held:
        return "pinned"
    is_stable = board.cutoffs is not None
    if is_apart or (is_stable and _is_behind(board, request, option)):
        return "group"
    reason = _weigh(board, request, option, got)
    # Where an optimal stable plan's levels would gain, more combinations would block.
    return "outweighed" if reason == "fits" and is_stable and board.outcome == "optimal" else reason


def _is_behind(board: Board, request: Request, option: Option) -> bool:
    """Whether the request's group lists its combination with ``option`` behind the one it got: a family's wish."""
    group = None if request.group is None else board.groups[request.group]
    if group is None or group.joint is None:
        return False
    members = (member.id for member in board.problem.members[group.id])
    present = {name: board.chosen[name].id for name in members if name in board.chosen}
    wanted = {**present, request.id: option.id}
    order = [dict(accepted) for accepted in group.joint]
    return wanted in order and present in order and order.index(present) < order.index(wanted)


def _weigh(board: Board, request: Request, option: Option, got: Option | None) -> str:
    """Compare the levels with and without ``option`` in the place of what the request has."""
    for level in board.problem.objective:
        if isinstance(level, Worst):
            others = next((value for value, who in _two_worst(board, level.term) if who != request.id), 0)
            change = max(others, 0 if got is None else got.terms.get(level.term, 0))
            change -= max(others, option.terms.get(level.term, 0))
        else:
            change = sum(
                weight * (option.terms.get(term, 0) - (0 if got is None else got.terms.get(term, 0)))
                for term, weight in level.weights.items()
            )
        if change:
            return "outweighed" if change < 0 else "fits"
    return "equal"


def _two_worst(board: Board, term: str) -> list[tuple[int, str]]:
    """The two largest values of a term among those placed, and whose they are."""
    if term not in board.worst:
        values = ((option.terms.get(term, 0), who) for who, option in board.chosen.items())
        board.worst[term] = nlargest(2, values)
    return board.worst[term]


def find_shortage(board: Board, request: Request, option: Option) -> tuple[str, int] | None:
    """Return the resource that exceeds its capacity most when ``option`` replaces what the request has."""
    present: Mapping[str, int] = board.chosen[request.id].uses if request.id in board.chosen else {}
    worst: tuple[str, int] | None = None
    for resource, amount in option.uses.items():
        over = board.used[resource] - present.get(resource, 0) + amount - board.capacity[resource]
        if amount and over > 0 and (worst is None or over > worst[1]):
            worst = resource, over
    return worst


def lowest_class(board: Board, resource: str) -> Any:
    """Return the lowest class that uses a resource: 1 is above 2; texts compare as texts; None without classes."""
    if resource not in board.lowest:
        labels = [board.by_id[user].class_ for user in board.users[resource]]
        known = [label for label in labels if label is not None]
        board.lowest[resource] = max(known, key=lambda label: (isinstance(label, str), label), default=None)
    return board.lowest[resource]


def list_members_apart(board: Board, request: Request, option: Option) -> list[str] | None:
    """Group members whose place (or lack of one) does not go with ``option``; None where nothing in the group is against it.

    No member at all where the group accepts no combination with it.
    """
    if request.group is None:
        return None
    group = board.groups[request.group]
    others = [member for member in board.problem.members[group.id] if member.id != request.id]
    placed = {member.id: board.chosen[member.id] for member in others if member.id in board.chosen}
    if group.same_site:
        for name, place in placed.items():
            if place.site != option.site:
                return [name]
    if group.all_or_none:
        for other in others:
            if other.id not in placed:
                return [other.id]
    if group.joint is not None:
        combination = {**{name: place.id for name, place in placed.items()}, request.id: option.id}
        return _list_out_of_line(group.joint, combination, request.id, [other.id for other in others])
    return None


def _list_out_of_line(
    joint: Sequence[Mapping[str, str]], wanted: Mapping[str, str], request: str, others: list[str]
) -> list[str] | None:
    """Members who have something else in the nearest accepted combination; None where this one is accepted."""
    near = [accepted for accepted in joint if accepted.get(request) == wanted[request]]
    apart = [[name for name in others if accepted.get(name) != wanted.get(name)] for accepted in near]
    return min(apart, key=len, default=[]) if all(apart) else None
