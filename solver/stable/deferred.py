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

STEPS_PER_PARTY = 30
MOST_MOVES = 25
MOST_RESTING = 40
LAST_LOOKS = 4


def run_deferred(parties: list[Party], capacity: list[int], order: list[int]) -> list[int]:
    """Run deferred acceptance in the given order of parties.

    Where families displace each other in a circle, whoever moved most is left where it is: a few then block.
    Returns the chosen combination of each party, -1 for nobody: within capacities, but not always stable, and
    not always with everybody placed who must be.
    """
    rooms = Rooms(parties, capacity)
    watchers = _list_watchers(parties, len(capacity))
    _place_guarantees(rooms)
    moves = [0] * len(parties)
    resting: set[int] = set()
    queue = deque(order)
    looks = 0
    for _ in range(MOST_RESTING):
        if _move_all(rooms, queue, watchers, moves, resting):
            looks += 1  # rare chains of families escape the watchers
            queue.extend(p for p in order if p not in resting and _find_move(rooms, p) != NOBODY)
            if not queue or looks == LAST_LOOKS:
                break
        else:
            resting.add(max(range(len(moves)), key=moves.__getitem__))
            moves = [0] * len(parties)
    _place_forced(rooms)
    return rooms.chosen


def _move_all(
    rooms: Rooms, queue: deque[int], watchers: list[list[int]], moves: list[int], resting: set[int]
) -> bool:
    """Let everybody in the queue move, and whom that concerns; False where it goes on too long."""
    waiting = set(queue)
    for _ in range(STEPS_PER_PARTY * len(moves) + 1000):
        if not queue:
            return True
        index = queue.popleft()
        waiting.discard(index)
        if index in resting:
            continue
        again = _improve(rooms, index, watchers)
        if again is None:
            continue
        moves[index] += 1
        if moves[index] > MOST_MOVES:
            queue.append(index)
            return False
        for other in again:
            if other not in waiting:
                waiting.add(other)
                queue.append(other)
    return False


def _place_forced(rooms: Rooms) -> None:
    """Place those who must be and are not, as far as their priority reaches; others may lose their place."""
    for _ in range(LAST_LOOKS):
        for index, party in enumerate(rooms.parties):
            if rooms.chosen[index] == NOBODY and party.picks[-1]:
                _improve(rooms, index, [[] for _ in rooms.capacity])


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


def _improve(rooms: Rooms, index: int, watchers: list[list[int]]) -> list[int] | None:
    """Move a party to the best combination it can claim; who should look again, None where it stays."""
    choice = _find_move(rooms, index)
    if choice == NOBODY:
        return None
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
