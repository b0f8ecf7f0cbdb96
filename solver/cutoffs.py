"""How far each full resource went: the lowest priority that was let in. Plain Python; decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver.problem import Problem


def find_cutoffs(problem: Problem, placements: Mapping[str, str]) -> dict[str, int]:
    """Return the cutoff of each full resource: the priority of the last one admitted (solver.md, "Why").

    Parameters
    ----------
    problem
        The round.
    placements
        Option id by request id.

    Returns
    -------
    dict[str, int]
        By resource id. A resource is full where not even the smallest amount that any option needs of it is left;
        who keeps a held option came in by that and not by priority, so they set no cutoff.

    """
    used = {resource.id: 0 for resource in problem.resources}
    smallest: dict[str, int] = {}
    lowest: dict[str, int] = {}
    for request in problem.requests:
        got = placements.get(request.id)
        for option in request.options:
            for name, amount in option.uses.items():
                if not amount:
                    continue
                smallest[name] = min(smallest.get(name, amount), amount)
                if option.id == got:
                    used[name] += amount
                    if option.id != request.held:
                        lowest[name] = min(lowest.get(name, option.priority), option.priority)
    return {
        resource.id: lowest[resource.id]
        for resource in problem.resources
        if resource.id in lowest and resource.capacity - used[resource.id] < smallest[resource.id]
    }
