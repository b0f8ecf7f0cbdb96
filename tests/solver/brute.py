"""Brute force for tiny problems: every plan there is, judged by the contract's words. Shares no code with a method."""

from __future__ import annotations

from itertools import product

import numpy as np

from solver.problem import Problem, Sum


def all_plans(problem: Problem, mode: str = "welfare"):
    """Yield every placement (dict) that keeps the rules."""
    choices = [[None, *request.options] for request in problem.requests]
    for picked in product(*choices):
        placed = {r.id: o for r, o in zip(problem.requests, picked, strict=True) if o is not None}
        if keeps_rules(problem, placed):
            yield placed


def keeps_rules(problem, placed) -> bool:  # noqa: PLR0911 - one way out per rule
    for resource in problem.resources:
        if sum(option.uses.get(resource.id, 0) for option in placed.values()) > resource.capacity:
            return False
    for request in problem.requests:
        if request.must and request.id not in placed:
            return False
        if request.pinned and (request.id not in placed or placed[request.id].id != request.held):
            return False
    for group in problem.groups:
        members = [request.id for request in problem.requests if request.group == group.id]
        inside = {member: placed[member] for member in members if member in placed}
        if group.same_site and len({option.site for option in inside.values()}) > 1:
            return False
        if group.all_or_none and inside and len(inside) < len(members):
            return False
        if group.joint is not None and inside:
            got = {member: option.id for member, option in inside.items()}
            if got not in [dict(each) for each in group.joint]:
                return False
    return True


def values(problem: Problem, placed) -> list[int]:
    found = []
    for level in problem.objective:
        if isinstance(level, Sum):
            found.append(
                sum(w * o.terms.get(t, 0) for o in placed.values() for t, w in level.weights.items())
            )
        else:
            found.append(max((o.terms.get(level.term, 0) for o in placed.values()), default=0))
    return found


def key(problem: Problem, reached: list[int]) -> list[int]:
    """Larger is better."""
    return [v if isinstance(level, Sum) else -v for level, v in zip(problem.objective, reached, strict=True)]


def best(problem: Problem) -> list[int] | None:
    """The best values of all levels, None where no plan exists."""
    plans = [values(problem, placed) for placed in all_plans(problem)]
    return max(plans, key=lambda reached: key(problem, reached)) if plans else None


def assert_bounds_hold(problem: Problem, levels) -> None:
    """Fail where a plan that is no worse on every earlier level beats a level's bound."""
    signs = key(problem, [1] * len(levels))
    plans = [values(problem, placed) for placed in all_plans(problem)]
    for level, result in enumerate(levels):
        rivals = [
            each
            for each in plans
            if all(signs[i] * each[i] >= signs[i] * levels[i].value for i in range(level))
        ]
        assert result.bound is not None
        assert signs[level] * result.bound >= max(signs[level] * each[level] for each in rivals)


def list_model_plans(model):
    """All whole plans of a model that keep its rows, each int64[C]."""
    spans = [[-1, *range(model.unit_start[unit], model.unit_start[unit + 1])] for unit in range(model.units)]
    chosen = np.array(list(product(*spans)))
    x = np.zeros((len(chosen), model.columns + 1), dtype=np.int64)  # the last place takes the -1
    x[np.arange(len(chosen))[:, None], chosen] = 1
    used = x[:, :-1] @ model.matrix.toarray().T
    kept = (used <= model.rhs).all(axis=1) & (used[:, model.equal] == model.rhs[model.equal]).all(axis=1)
    return x[kept & (chosen[:, model.unit_must] >= 0).all(axis=1), :-1]
