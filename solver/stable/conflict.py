"""Why no stable plan exists at all: who cannot be placed together, by name and resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from solver.problem import Problem
    from solver.stable.limits import Limits
    from solver.stable.parties import Party

SHOWN = 5
WORK = 5.0


def explain_conflict(
    problem: Problem, parties: list[Party], capacity: list[int], limits: Limits
) -> list[str]:
    """One sentence per party that has no way at all, else one on parties that cannot all be kept together."""
    alone = [party for party in parties if not party.picks]
    if alone:
        return [_say_alone(problem, party) for party in alone]
    core = _find_core(parties, capacity, limits)
    names = [_name(problem, party) for party in core]
    used = sorted({resource for party in core for claims in party.claims for resource, _, _ in claims})
    places = [f"{problem.resources[r].id!r} ({problem.resources[r].capacity})" for r in used]
    who, where = _join(names), _join(places)
    return [f"{who} must be placed or keep what they hold, and cannot all: {where} are too small"]


def _say_alone(problem: Problem, party: Party) -> str:
    arrays = problem.arrays
    used = sorted(
        {
            int(resource)
            for member in party.members
            for option in range(int(arrays.request_start[member]), int(arrays.request_start[member + 1]))
            for resource in arrays.use_resource[arrays.use_start[option] : arrays.use_start[option + 1]]
        }
    )
    if not used:
        return (
            f"{_name(problem, party)} must be placed or keep a held place, and no option it has allows that"
        )
    places = _join([f"{problem.resources[r].id!r} ({problem.resources[r].capacity})" for r in used])
    return f"{_name(problem, party)} must be placed or keep a held place, and no combination it accepts fits: {places}"


def _find_core(parties: list[Party], capacity: list[int], limits: Limits) -> list[Party]:
    """A set of parties that must be placed and do not fit together; small, for one at a time is tried without."""
    core = [party for party in parties if party.picks[-1]]
    step = max(1, len(core) // 2)
    while step and not limits.is_over:
        at = 0
        while at < len(core):
            fewer = core[:at] + core[at + step :]
            if fewer and not _fits(fewer, capacity):
                core = fewer
            else:
                at += step
        step //= 2
    return core


def _fits(parties: list[Party], capacity: list[int]) -> bool:
    """Whether these parties can all be placed; "perhaps" counts as yes."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - a second to load, and most rounds never need it

    cp = cp_model.CpModel()
    rows: list[list[tuple[cp_model.IntVar, int]]] = [[] for _ in capacity]
    for party in parties:
        literals = [cp.new_bool_var("") for _ in party.picks]
        cp.add_exactly_one(literals)
        for literal, uses in zip(literals, party.uses, strict=True):
            for resource, amount, _ in uses:
                rows[resource].append((literal, amount))
    for row, room in zip(rows, capacity, strict=True):
        if row:
            cp.add(cp_model.LinearExpr.weighted_sum(*map(list, zip(*row, strict=True))) <= room)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = WORK
    return bool(solver.solve(cp) != cp_model.INFEASIBLE)


def _name(problem: Problem, party: Party) -> str:
    """A group by its members, so that a person can look them up."""
    names = [repr(problem.requests[member].id) for member in party.members]
    return names[0] if len(names) == 1 else f"group {party.name!r} ({', '.join(names)})"


def _join(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
