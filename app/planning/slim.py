"""Leaves out of a problem what cannot limit anybody: the decision is the same, the problem half as large. Pure.

A resource is idle if all who could use it fit at once, or if another with the same users has no more capacity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from solver import Option, Problem, Request, Resource


def drop_idle(problem: Problem) -> Problem:
    """Return the problem without its idle resources; what a full one is called stays true."""
    kept = {resource.id for resource in _find_busy(problem)}
    requests = [
        replace(
            request,
            options=[
                replace(each, uses={name: amount for name, amount in each.uses.items() if name in kept})
                for each in request.options
            ],
        )
        for request in problem.requests
    ]
    return Problem(
        [each for each in problem.resources if each.id in kept], problem.groups, requests, problem.objective
    )


def _find_busy(problem: Problem) -> Iterable[Resource]:
    most: Counter[str] = Counter()
    users: dict[str, int] = defaultdict(int)
    number = 0
    for request in problem.requests:
        largest: dict[str, int] = {}
        for option in _list_possible(request):
            number += 1
            for name, amount in option.uses.items():
                largest[name] = max(largest.get(name, 0), amount)
                # A running hash of who uses how much stands for the list: the lists were half of the memory.
                users[name] = hash((users[name], number, amount))
        most.update(largest)
    tightest: dict[tuple[int, int], Resource] = {}
    for resource in problem.resources:  # by id: of equals the first stays
        if most[resource.id] <= resource.capacity:
            continue
        key = (users[resource.id], most[resource.id])
        if key not in tightest or resource.capacity < tightest[key].capacity:
            tightest[key] = resource
    return tightest.values()


def _list_possible(request: Request) -> Iterable[Option]:
    """Give the options that may be taken: of a pinned request only the held one."""
    return (each for each in request.options if not request.pinned or each.id == request.held)
