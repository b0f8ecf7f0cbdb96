"""Fixes what every plan without blocking has in common, so that the exact search sees only the rest.

Two arguments, repeated until nothing changes, after the preprocessing of hospital-resident problems with ties
(Delorme, García, Gondzio, Kalcsics, Manlove, Pettersson 2019), extended to amounts, bundles and families:

- *sure*: a combination whose every resource has room whatever the others of at least its priority still may do
  is never refused, so nobody ends below it;
- *impossible*: where those who want a resource first, and could be refused nowhere else, fill it by themselves,
  nobody of lower priority gets in.

Valid only for plans in which nobody blocks. It must not be used to count blocking combinations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.stable.parties import Party


@dataclass(slots=True)
class Market:
    """What is still open: combinations by party, and the same seen from each of R resources.

    Attributes
    ----------
    alive : list of list of bool
        Per party and combination.
    entries : list of R lists of (priority, amount, party, choice), highest priority first
    claims : list of R lists of (lowest priority, need, party, choice), highest first
    doubtful : list of list of set of resources
        Per party and combination: where it might still be refused.

    """

    parties: list[Party]
    capacity: list[int]
    alive: list[list[bool]]
    entries: list[list[tuple[int, int, int, int]]]
    claims: list[list[tuple[int, int, int, int]]]
    doubtful: list[list[set[int]]]

    def list_alive(self, party: int) -> list[int]:
        """Combinations still open, best first."""
        return [choice for choice, open_ in enumerate(self.alive[party]) if open_]

    def find_best(self, party: int) -> int:
        """The best combination still open; -1 where there is none."""
        return next((choice for choice, open_ in enumerate(self.alive[party]) if open_), -1)


def open_market(parties: list[Party], capacity: list[int]) -> Market:
    """The market before anything is settled."""
    entries: list[list[tuple[int, int, int, int]]] = [[] for _ in capacity]
    claims: list[list[tuple[int, int, int, int]]] = [[] for _ in capacity]
    for index, party in enumerate(parties):
        for choice, uses in enumerate(party.uses):
            for resource, amount, priority in uses:
                entries[resource].append((priority, amount, index, choice))
            for resource, need, lowest in party.claims[choice]:
                claims[resource].append((lowest, need, index, choice))
    for lists in (entries, claims):
        for each in lists:
            each.sort(key=lambda entry: -entry[0])
    alive = [[True] * len(party.picks) for party in parties]
    doubtful = [[{r for r, _, _ in claims} for claims in party.claims] for party in parties]
    return Market(parties, capacity, alive, entries, claims, doubtful)


def settle(market: Market) -> bool:
    """Apply both arguments until nothing changes; False where a party has nothing left: no such plan exists."""
    waiting = dict.fromkeys(range(len(market.capacity)))
    while waiting:
        resource = next(iter(waiting))
        del waiting[resource]
        for party, gone in [*_refuse_lower(market, resource), *_secure(market, resource, waiting)]:
            if not market.alive[party][gone]:
                continue
            market.alive[party][gone] = False
            best = market.find_best(party)
            if best < 0:
                return False
            for choice in (gone, best):
                waiting.update((other, None) for other, _, _ in market.parties[party].claims[choice])
    return True


def _secure(market: Market, resource: int, waiting: dict[int, None]) -> list[tuple[int, int]]:
    """What stands behind a claim that nothing can refuse; first marks the claims that this resource cannot."""
    gone: list[tuple[int, int]] = []
    picked: dict[tuple[int, int], int] = {}
    most: dict[int, int] = {}
    total, at = 0, 0
    entries = market.entries[resource]
    for lowest, need, party, choice in market.claims[resource]:
        while at < len(entries) and entries[at][0] >= lowest:
            _, amount, other, taken = entries[at]
            at += 1
            if market.alive[other][taken]:
                now = picked[other, taken] = picked.get((other, taken), 0) + amount
                total += max(0, now - most.get(other, 0))
                most[other] = max(now, most.get(other, 0))
        doubtful = market.doubtful[party][choice]
        if not market.alive[party][choice] or total - most.get(party, 0) + need > market.capacity[resource]:
            continue
        if resource in doubtful:
            doubtful.discard(resource)
            waiting.update(dict.fromkeys(doubtful))
        if not doubtful and market.parties[party].blocks:
            gone += [(party, worse) for worse in range(choice + 1, len(market.alive[party]))]
    return gone


def _refuse_lower(market: Market, resource: int) -> list[tuple[int, int]]:
    """Entries below those who fill the resource in every plan without blocking."""
    entries, claims = market.entries[resource], market.claims[resource]
    sure: dict[int, int] = {}  # party -> what it certainly takes here, or somebody above takes it
    for _, amount, party, choice in entries:
        if market.alive[party][choice] and sum(market.alive[party]) == 1:
            sure[party] = sure.get(party, 0) + amount
    filled, biggest, at = sum(sure.values()), 0, 0
    gone: list[tuple[int, int]] = []
    for priority, amount, party, choice in entries:
        while at < len(claims) and claims[at][0] > priority:
            _, need, claimant, wanted = claims[at]
            at += 1
            if claimant not in sure and _wants_only(market, claimant, wanted, resource):
                sure[claimant] = need
                filled += need
                biggest = max(biggest, need)
        others = filled - sure.get(party, 0)
        if market.alive[party][choice] and amount >= biggest and others + amount > market.capacity[resource]:
            gone.append((party, choice))
    return gone


def _wants_only(market: Market, party: int, choice: int, resource: int) -> bool:
    """Whether this is the party's first wish and only this resource could refuse it."""
    return (
        market.parties[party].blocks
        and market.find_best(party) == choice
        and market.doubtful[party][choice] <= {resource}
    )
