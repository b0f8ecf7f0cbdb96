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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from solver.stable.parties import Party


MANY = 3_000  # combinations


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
    refused : list of dict of choice -> resource
        Closed combinations that others of higher priority certainly keep out at that resource.
    strict : list of bool
        Whether the party must not block in any plan looked for.
    best, left : list of int
        The best combination still open (-1: none), and how many are.

    """

    parties: list[Party]
    capacity: list[int]
    alive: list[list[bool]]
    entries: list[list[tuple[int, int, int, int]]]
    claims: list[list[tuple[int, int, int, int]]]
    doubtful: list[list[set[int]]]
    refused: list[dict[int, int]]
    strict: list[bool]
    best: list[int]
    left: list[int]

    @property
    def is_wide(self) -> bool:
        """Whether most parties still have a choice, and many of them: where many share a priority little is settled."""
        still_open = [left for left in self.left if left > 1]
        return 2 * len(still_open) > len(self.left) and sum(still_open) > MANY

    def list_alive(self, party: int) -> list[int]:
        """Combinations still open, best first."""
        return [choice for choice, open_ in enumerate(self.alive[party]) if open_]

    def is_harmless(self, party: int, choice: int) -> bool:
        """Whether a closed combination can block in no plan: higher ones fill a resource that it needs.

        A worse combination of the party's own on that resource would not count as in the way: then it is not known.
        """
        resource = self.refused[party].get(choice)
        return resource is not None and not any(
            used == resource
            for worse in range(choice + 1, len(self.alive[party]))
            if self.alive[party][worse]
            for used, _, _ in self.parties[party].claims[worse]
        )

    def close(self, party: int, choice: int) -> None:
        """Rule out a combination that is still open."""
        row = self.alive[party]
        row[choice] = False
        self.left[party] -= 1
        if choice == self.best[party]:
            self.best[party] = row.index(True) if self.left[party] else -1


def open_market(parties: list[Party], capacity: list[int], may_block: Collection[int] = ()) -> Market:
    """The market before anything is settled; nobody but ``may_block`` (party indices) is allowed to block."""
    strict = [party.blocks and index not in may_block for index, party in enumerate(parties)]
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
    refused: list[dict[int, int]] = [{} for _ in parties]
    best = [0 if row else -1 for row in alive]
    left = [len(row) for row in alive]
    return Market(parties, capacity, alive, entries, claims, doubtful, refused, strict, best, left)


def narrow_market(market: Market, may_block: Collection[int]) -> tuple[Market, list[int]]:
    """The same with fewer who may block; what is settled stays so. Also: the resources to look at again."""
    strict = [party.blocks and index not in may_block for index, party in enumerate(market.parties)]
    newly = [index for index, now in enumerate(strict) if now and not market.strict[index]]
    again = {
        resource for index in newly for claims in market.parties[index].claims for resource, _, _ in claims
    }
    copy = replace(
        market,
        alive=[list(each) for each in market.alive],
        doubtful=[[set(each) for each in row] for row in market.doubtful],
        refused=[dict(each) for each in market.refused],
        strict=strict,
        best=list(market.best),
        left=list(market.left),
    )
    return copy, sorted(again)


def settle(market: Market, resources: Iterable[int] | None = None) -> bool:
    """Apply both arguments until nothing changes; False where a party has nothing left: no such plan exists.

    ``resources`` says where to begin; None looks at all of them.
    """
    waiting = dict.fromkeys(range(len(market.capacity)) if resources is None else resources)
    while waiting:
        resource = next(iter(waiting))
        del waiting[resource]
        for party, gone in [*_refuse_lower(market, resource), *_secure(market, resource, waiting)]:
            if not market.alive[party][gone]:
                continue
            market.close(party, gone)
            best = market.best[party]
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
        if not doubtful and market.strict[party]:
            gone += [(party, worse) for worse in range(choice + 1, len(market.alive[party]))]
    return gone


def _refuse_lower(market: Market, resource: int) -> list[tuple[int, int]]:
    """Entries below those who fill the resource in every plan without blocking."""
    entries, claims = market.entries[resource], market.claims[resource]
    capacity = market.capacity[resource]
    sure = _list_fixed(market, resource)  # party -> what it certainly takes here, or somebody above takes it
    above: dict[int, int] = {}  # the same, as far as it has more priority than the entry looked at
    fixed = set(sure)
    filled, filled_above, biggest, at = sum(sure.values()), 0, 0, 0
    gone: list[tuple[int, int]] = []
    for priority, amount, party, choice in entries:
        while at < len(claims) and claims[at][0] > priority:
            _, need, claimant, wanted = claims[at]
            at += 1
            if claimant in fixed:
                if market.alive[claimant][wanted]:
                    above[claimant] = need
                    filled_above += need
            elif _wants_only(market, claimant, wanted, resource):
                sure[claimant] = above[claimant] = need
                filled += need
                filled_above += need
                biggest = max(biggest, need)
        if not market.alive[party][choice] or amount < biggest:
            continue
        if filled - sure.get(party, 0) + amount > capacity:
            gone.append((party, choice))
            if filled_above - above.get(party, 0) + amount > capacity:
                market.refused[party].setdefault(choice, resource)
    return gone


def _list_fixed(market: Market, resource: int) -> dict[int, int]:
    """What parties with only one combination left take of a resource."""
    taken: dict[int, int] = {}
    for _, amount, party, choice in market.entries[resource]:
        if market.left[party] == 1 and market.alive[party][choice]:
            taken[party] = taken.get(party, 0) + amount
    return taken


def _wants_only(market: Market, party: int, choice: int, resource: int) -> bool:
    """Whether this is the party's first wish and only this resource could refuse it."""
    return (
        market.best[party] == choice and market.strict[party] and market.doubtful[party][choice] <= {resource}
    )
