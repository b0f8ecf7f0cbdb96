"""Who is where: the running state of a stable round, and who blocks it. It decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.stable.parties import Party

NOBODY = -1


class Rooms:
    """Who is where: the running state of deferred acceptance over R resources and P parties."""

    def __init__(self, parties: list[Party], capacity: list[int]) -> None:
        self.parties = parties
        self.capacity = capacity
        self.users: list[dict[int, list[tuple[int, int]]]] = [{} for _ in capacity]
        self.free = list(capacity)
        self.chosen = [NOBODY] * len(parties)

    def place(self, party: int, choice: int) -> None:
        """Put a party on its combination ``choice``; the room must be there."""
        self.chosen[party] = choice
        for resource, amount, priority in self.parties[party].uses[choice]:
            self.users[resource].setdefault(party, []).append((priority, amount))
            self.free[resource] -= amount

    def remove(self, party: int) -> list[int]:
        """Take a party out; the resources that it leaves."""
        choice = self.chosen[party]
        if choice == NOBODY:
            return []
        left = []
        for resource, amount, _ in self.parties[party].uses[choice]:
            self.users[resource].pop(party, None)
            self.free[resource] += amount
            left.append(resource)
        self.chosen[party] = NOBODY
        return left

    def is_claim(self, party: int, choice: int) -> bool:
        """Whether the combination blocks once preferred: ties are in the way, the party's own places are not."""
        for resource, need, lowest in self.parties[party].claims[choice]:
            room = self.free[resource]
            for other, entries in self.users[resource].items():
                for priority, amount in entries:
                    if other == party or priority < lowest:
                        room += amount
            if room < need:
                return False
        return True

    def list_displaced(self, party: int, choice: int) -> list[int]:
        """Who has to leave for a claim, lowest priority first, no more than needed at each resource."""
        leaving: list[int] = []
        for resource, need, lowest in self.parties[party].claims[choice]:
            room = self.free[resource]
            lower = []
            for other, entries in self.users[resource].items():
                amount = sum(amount for _, amount in entries)
                if other == party or other in leaving:
                    room += amount
                elif (least := min(entries)[0]) < lowest:
                    lower.append((least, other, amount))
            lower.sort()
            for _, other, amount in lower:
                if room >= need:
                    break
                leaving.append(other)
                room += amount
        return leaving

    def list_claims(self, party: int) -> list[int]:
        """Combinations with which the party blocks, best first."""
        facts, now = self.parties[party], self.chosen[party]
        if not facts.blocks:
            return []
        better = range(len(facts.picks) if now == NOBODY else now)
        return [choice for choice in better if facts.picks[choice] and self.is_claim(party, choice)]


def list_blocking(parties: list[Party], capacity: list[int], chosen: list[int]) -> list[tuple[int, int]]:
    """Every blocking (party, choice) of a plan that keeps the capacities; ``chosen`` is -1 for nobody."""
    rooms = Rooms(parties, capacity)
    for party, choice in enumerate(chosen):
        if choice != NOBODY:
            rooms.place(party, choice)
    return [(party, choice) for party in range(len(parties)) for choice in rooms.list_claims(party)]
