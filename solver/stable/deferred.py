"""A first plan by deferred acceptance, extended to families, bundles and ties. It proves nothing but "nobody blocks".

Sorted deferred acceptance for siblings (Ashlagi, Braverman and Hassidim 2014; extended: arXiv 2501.13043): single
children first, families after them. Whoever claims a combination takes it from lower priorities; what a displaced
family leaves behind elsewhere is offered again. Ends with a stable plan, or after a counted number of steps without.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from solver.stable.parties import HIGHEST
from solver.stable.rooms import NOBODY, Rooms

if TYPE_CHECKING:
    from solver.stable.parties import Party

STEPS_PER_PARTY = 60


def run_deferred(parties: list[Party], capacity: list[int], order: list[int]) -> list[int]:
    """Run deferred acceptance in the given order of parties.

    Returns the chosen combination of each party, -1 for nobody: within capacities, but not always stable, and
    not always with everybody placed who must be.
    """
    rooms = Rooms(parties, capacity)
    watchers = _list_watchers(parties, len(capacity))
    _place_guarantees(rooms)
    queue = deque(order)
    waiting = [True] * len(parties)
    for _ in range(STEPS_PER_PARTY * len(parties) + 1000):
        if not queue:  # look at everybody once more: rare chains of families escape the watchers
            queue.extend(party for party in order if _find_move(rooms, party) != NOBODY)
            if not queue:
                break
        index = queue.popleft()
        waiting[index] = False
        for other in _improve(rooms, index, watchers):
            if not waiting[other]:
                waiting[other] = True
                queue.append(other)
    return rooms.chosen


def _place_guarantees(rooms: Rooms) -> None:
    """Held places first, where a party's last combination keeps them: nobody can displace those."""
    for index, party in enumerate(rooms.parties):
        last = len(party.picks) - 1
        if any(priority == HIGHEST for _, _, priority in party.uses[last]) and all(
            rooms.free[resource] >= need for resource, need, _ in party.claims[last]
        ):
            rooms.place(index, last)


def _find_move(rooms: Rooms, index: int) -> int:
    """The best combination that a party can claim and prefers to what it has; -1 where there is none."""
    party, now = rooms.parties[index], rooms.chosen[index]
    if not party.blocks and now != NOBODY:
        return NOBODY
    better = range(len(party.picks) if now == NOBODY else now)
    return next((c for c in better if party.picks[c] and rooms.is_claim(index, c)), NOBODY)


def _improve(rooms: Rooms, index: int, watchers: list[list[int]]) -> list[int]:
    """Move a party to the best combination it can claim; who should look again because of that."""
    choice = _find_move(rooms, index)
    if choice == NOBODY:
        return []
    displaced = rooms.list_displaced(index, choice)
    left = set(rooms.remove(index))
    for other in displaced:
        left.update(rooms.remove(other))
    rooms.place(index, choice)
    again = list(displaced)
    for resource in sorted(left):
        if rooms.free[resource] > 0:
            again += watchers[resource]
    return again


def _list_watchers(parties: list[Party], resources: int) -> list[list[int]]:
    """For each resource the parties that could use it."""
    watchers: list[list[int]] = [[] for _ in range(resources)]
    for index, party in enumerate(parties):
        for resource in {resource for claims in party.claims for resource, _, _ in claims}:
            watchers[resource].append(index)
    return watchers
