"""Solves drawn documents and compares with a judge, by default brute force; every difference is a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.check import check
from solver.params import Params
from solver.read import parse_problem
from tests.solver.oracle.brute import find_best, list_values
from tests.solver.oracle.deciders import find_option
from tests.solver.oracle.envy import list_blocking

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.plan import Plan
    from solver.problem import Problem
    from tests.solver.oracle.deciders import Document

    Solve = Callable[[Problem, Params], Plan]
    Judge = Callable[[Document, str], tuple[int | None, list[int]] | None]


def get_solve(mode: str) -> Solve:
    """What the mode's method is called; imported late, for one mode must be testable without the other."""
    if mode == "stable":
        from solver.stable import solve_stable

        return solve_stable
    from solver import solve

    return solve


def list_differences(
    document: Document, mode: str, solve: Solve | None = None, judge: Judge = find_best
) -> list[str]:
    """Everything in which the solver's plan for a document is not what the judge calls the best."""
    problem = parse_problem(document)
    plan = (solve or get_solve(mode))(problem, Params(mode=mode))
    found = [f"check: {violation}" for violation in check(problem, plan)]
    best = judge(document, mode)
    if best is None:
        if plan.outcome != "infeasible":
            found.append(f"no plan exists, outcome {plan.outcome}")
        elif not plan.conflict:
            found.append("infeasible without a conflict")
        return found
    blocking, expected = best
    if plan.outcome != "optimal":
        return [*found, f"outcome {plan.outcome}, the best values are {expected} with {blocking} blocking"]
    if [level.value for level in plan.levels] != expected:
        found.append(f"levels {plan.levels}, the best are {expected}")
    chosen = {
        request["id"]: find_option(request, plan.placements[request["id"]])
        for request in document["requests"]
        if request["id"] in plan.placements
    }
    if list_values(document, chosen) != [level.value for level in plan.levels]:
        found.append("the placements do not give the reported values")
    if mode == "stable":
        true = sorted((of, sorted(picks.items())) for of, picks in list_blocking(document, plan.placements))
        told = sorted((each.of, sorted(each.combination.items())) for each in plan.blocking)
        if true != told:
            found.append(f"blocking {told}, by definition {true}")
        if plan.blocking_bound != blocking or len(told) != blocking:
            found.append(f"{len(told)} block, bound {plan.blocking_bound}, fewest {blocking}")
    return found
