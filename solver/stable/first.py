"""The plan to start from: deferred acceptance in a few orders, or yesterday's plan, whichever blocks least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.stable.deferred import run_deferred
from solver.stable.rooms import NOBODY, list_blocking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.plan import Plan
    from solver.problem import Problem
    from solver.stable.levels import Counted
    from solver.stable.parties import Party

SOME = 3  # orders tried before the exact search takes over


def find_start(
    parties: list[Party], capacity: list[int], levels: list[Counted], start: Plan | None, problem: Problem
) -> list[int] | None:
    """The choice of each party in the best plan at hand, or None where none keeps all rules."""
    best: tuple[tuple[int, ...], list[int]] | None = None
    for chosen in _list_candidates(parties, capacity, start, problem):
        complete = _complete(parties, chosen)
        if complete is None:
            continue
        blocking = len(list_blocking(parties, capacity, complete))
        values = [level.get_value(complete) * (1 if level.worst else -1) for level in levels]
        key = (blocking, *values)
        if best is None or key < best[0]:
            best = (key, complete)
        if blocking == 0 and start is None:
            break
    return None if best is None else best[1]


def _list_candidates(
    parties: list[Party], capacity: list[int], start: Plan | None, problem: Problem
) -> Iterator[list[int]]:
    if start is not None:
        chosen = _read_start(parties, capacity, start, problem)
        if chosen is not None:
            yield chosen
    singles = [index for index, party in enumerate(parties) if len(party.members) == 1]
    families = [index for index, party in enumerate(parties) if len(party.members) > 1]
    yield run_deferred(parties, capacity, singles + families)
    for turn in range(1, SOME):
        shift = turn * len(families) // SOME
        yield run_deferred(
            parties, capacity, families[shift:] + families[:shift] + singles[:: 1 - 2 * (turn % 2)]
        )


def _complete(parties: list[Party], chosen: list[int]) -> list[int] | None:
    """Write "nobody" as its combination; None where somebody must be placed and is not."""
    complete = []
    for party, choice in zip(parties, chosen, strict=True):
        last = len(party.picks) - 1
        if choice == NOBODY and party.picks[last]:
            return None
        complete.append(last if choice == NOBODY else choice)
    return complete


def _read_start(parties: list[Party], capacity: list[int], start: Plan, problem: Problem) -> list[int] | None:
    """Yesterday's choice of each party, where today's rules and capacities still allow all of them."""
    arrays = problem.arrays
    taken: dict[int, int] = {}
    for number, request in enumerate(problem.requests):
        for position, option in enumerate(request.options):
            if option.id == start.placements.get(request.id):
                taken[number] = int(arrays.request_start[number]) + position
    left = list(capacity)
    chosen = []
    for party in parties:
        picks = tuple(sorted(taken[member] for member in party.members if member in taken))
        if picks not in party.picks:
            return None
        choice = party.picks.index(picks)
        for resource, amount, _ in party.uses[choice]:
            left[resource] -= amount
        chosen.append(choice)
    return chosen if min(left, default=0) >= 0 else None
