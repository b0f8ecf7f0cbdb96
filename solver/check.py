"""The independent judge of a plan: it recomputes everything from the problem and shares nothing with the methods.

Plain Python on purpose, and it imports neither arrays nor a solving library: this file is the specification in code.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.cutoffs import find_cutoffs
from solver.envy import blocking_pairs, guarantee_violations
from solver.problem import Sum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from solver.plan import LevelResult, Plan
    from solver.problem import Group, Level, Option, Problem, Request

SHOWN = 5
ROUNDED, LEAST_GAP = 0.01, 1e-9  # part of a gap, and gap, by which one that is told may be rounded


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a plan breaks: a code for programs, a sentence for people."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """List everything that is wrong with a plan.

    Parameters
    ----------
    problem : Problem
        What was to be solved.
    plan : Plan
        What is claimed about it, by whatever method.

    Returns
    -------
    list of Violation
        Empty where the plan is what it says it is; nothing is raised for a wrong plan.

    """
    found = list(_references(problem, plan))
    if plan.outcome in ("infeasible", "no_answer"):
        return found + list(_nothing(plan))
    chosen = placed_options(problem, plan.placements)
    found += _capacities(problem, chosen)
    found += _promises(problem, chosen)
    for group in problem.groups:
        found += _group(group, problem.members[group.id], chosen)
    found += _levels(problem, plan, chosen)
    if plan.mode == "stable":
        found += [
            Violation("guarantee_broken", text) for text in guarantee_violations(problem, plan.placements)
        ]
        found += _blocking(problem, plan)
        found += _cutoffs(problem, plan)
    return found


def placed_options(problem: Problem, placements: Mapping[str, str]) -> dict[str, Option]:
    """Return the options that requests got.

    Parameters
    ----------
    problem
        The problem whose requests and options are named.
    placements
        Option id by request id.

    Returns
    -------
    dict[str, Option]
        The option by request id; unknown ids are left out.

    """
    chosen = {}
    for request in problem.requests:
        wanted = placements.get(request.id)
        for option in request.options:
            if option.id == wanted:
                chosen[request.id] = option
    return chosen


def level_value(level: Level, chosen: Mapping[str, Option]) -> int:
    """Return what a level reaches with these placements.

    Parameters
    ----------
    level
        The level: a weighted sum of terms, or the worst value of one.
    chosen
        The option that each placed request got, by request id.

    Returns
    -------
    int
        The weighted sum, or the largest value of the term; 0 when nobody is placed.

    """
    if isinstance(level, Sum):
        return sum(
            weight * option.terms[term]
            for option in chosen.values()
            for term, weight in level.weights.items()
            if term in option.terms
        )
    return max((option.terms.get(level.term, 0) for option in chosen.values()), default=0)


def _references(problem: Problem, plan: Plan) -> Iterator[Violation]:
    known = {request.id: {option.id for option in request.options} for request in problem.requests}
    for request, option in plan.placements.items():
        if request not in known:
            yield Violation("unknown_request", f"the plan places {request!r}, which is no request")
        elif option not in known[request]:
            yield Violation(
                "unknown_option", f"{request!r} is placed on {option!r}, which is not among its options"
            )
    unplaced = set(plan.unplaced)
    if len(unplaced) < len(plan.unplaced):
        yield Violation("listed_twice", "a request stands twice in 'unplaced'")
    for request in plan.unplaced:
        if request not in known:
            yield Violation("unknown_request", f"'unplaced' lists {request!r}, which is no request")
        elif request in plan.placements:
            yield Violation("both", f"{request!r} is placed and listed as unplaced")
    for request in known:
        if request not in plan.placements and request not in unplaced:
            yield Violation("left_out", f"{request!r} is neither placed nor listed as unplaced")


def _nothing(plan: Plan) -> Iterator[Violation]:
    if plan.placements:
        yield Violation(
            "placed_without_answer", f"outcome {plan.outcome!r} places {len(plan.placements)} requests"
        )
    if plan.levels:
        yield Violation("levels_without_answer", f"outcome {plan.outcome!r} reports levels")


def _capacities(problem: Problem, chosen: Mapping[str, Option]) -> Iterator[Violation]:
    used: dict[str, int] = defaultdict(int)
    users: dict[str, list[str]] = defaultdict(list)
    for request, option in chosen.items():
        for name, amount in option.uses.items():
            used[name] += amount
            users[name].append(request)
    for resource in problem.resources:
        if used[resource.id] > resource.capacity:
            names = ", ".join(users[resource.id][:SHOWN])
            more = "" if len(users[resource.id]) <= SHOWN else f" and {len(users[resource.id]) - SHOWN} more"
            yield Violation(
                "over_capacity",
                f"{resource.id!r} has {resource.capacity}, the plan uses {used[resource.id]} ({names}{more})",
            )


def _promises(problem: Problem, chosen: Mapping[str, Option]) -> Iterator[Violation]:
    for request in problem.requests:
        got = chosen.get(request.id)
        if request.pinned and (got is None or got.id != request.held):
            where = "is unplaced" if got is None else f"is on {got.id!r}"
            yield Violation("pin_broken", f"{request.id!r} is pinned to {request.held!r} and {where}")
        if request.must and got is None:
            yield Violation("must_unplaced", f"{request.id!r} must be placed and is not")


def _group(group: Group, members: list[Request], chosen: Mapping[str, Option]) -> Iterator[Violation]:
    got = {member.id: chosen[member.id] for member in members if member.id in chosen}
    if group.same_site and len({option.site for option in got.values()}) > 1:
        places = ", ".join(f"{member} at {option.site}" for member, option in got.items())
        yield Violation("group_split", f"group {group.id!r} must share a site: {places}")
    if group.all_or_none and 0 < len(got) < len(members):
        missing = ", ".join(member.id for member in members if member.id not in got)
        yield Violation("group_incomplete", f"group {group.id!r} is all or none, without {missing}")
    if group.joint is not None and got:
        combination = {member: option.id for member, option in got.items()}
        if not any(dict(accepted) == combination for accepted in group.joint):
            yield Violation("not_joint", f"group {group.id!r} does not accept {combination}")


def _levels(problem: Problem, plan: Plan, chosen: Mapping[str, Option]) -> Iterator[Violation]:
    if len(plan.levels) != len(problem.objective):
        yield Violation(
            "levels_count", f"{len(plan.levels)} levels for an objective of {len(problem.objective)}"
        )
        return
    for number, (level, reported) in enumerate(zip(problem.objective, plan.levels, strict=True), 1):
        value = level_value(level, chosen)
        if value != reported.value:
            yield Violation(
                "level_value", f"level {number} reports {reported.value}, the placements give {value}"
            )
        bound = reported.bound
        if not _is_gap(reported):
            yield Violation(
                "gap_untrue",
                f"level {number} reports a gap of {reported.told_gap}, value and bound give {reported.gap}",
            )
        if bound is None:
            if plan.outcome == "optimal":
                yield Violation("not_proven", f"outcome optimal, but level {number} has no bound")
        elif (bound < reported.value) if isinstance(level, Sum) else (bound > reported.value):
            yield Violation(
                "bound_beyond_value", f"level {number}: bound {bound} contradicts value {reported.value}"
            )
        elif plan.outcome == "optimal" and bound != reported.value:
            yield Violation(
                "not_proven", f"outcome optimal, but level {number} has value {value}, bound {bound}"
            )


def _is_gap(reported: LevelResult) -> bool:
    """Whether the gap that a plan tells, if it does, is the one that its value and bound give, give or take rounding."""
    told, true = reported.told_gap, reported.gap
    if told is None:
        return True
    return true is not None and abs(told - true) <= max(ROUNDED * true, LEAST_GAP)


def _blocking(problem: Problem, plan: Plan) -> Iterator[Violation]:
    true = {(of, tuple(sorted(c.items()))) for of, c in blocking_pairs(problem, plan.placements)}
    reported = [(each.of, tuple(sorted(each.combination.items()))) for each in plan.blocking]
    for of, combination in sorted(true - set(reported)):
        yield Violation(
            "blocking_missing", f"{of!r} blocks with {dict(combination)}, which the plan does not report"
        )
    for of, combination in sorted(set(reported) - true):
        yield Violation(
            "blocking_untrue", f"the plan reports {of!r} with {dict(combination)}, which does not block"
        )
    if len(set(reported)) < len(reported):
        yield Violation("blocking_twice", "a blocking combination is reported twice")
    if plan.blocking_bound is None:
        if plan.outcome == "optimal":
            yield Violation(
                "not_proven", "outcome optimal, but the fewest blocking combinations are not proven"
            )
    elif plan.blocking_bound > len(true):
        yield Violation("bound_beyond_value", f"blocking_bound {plan.blocking_bound}, but {len(true)} block")
    elif plan.outcome == "optimal" and plan.blocking_bound != len(true):
        yield Violation(
            "not_proven", f"outcome optimal, but {len(true)} block and {plan.blocking_bound} is proven"
        )


def _cutoffs(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Families read cutoffs: where a plan tells any, they are recomputed."""
    true = find_cutoffs(problem, plan.placements)
    for name in sorted(true.keys() | plan.cutoffs.keys()) if plan.cutoffs else ():
        if plan.cutoffs.get(name) != true.get(name):
            yield Violation(
                "cutoff_untrue",
                f"the plan reports {plan.cutoffs.get(name)} as cutoff of {name!r}, it is {true.get(name)}",
            )
