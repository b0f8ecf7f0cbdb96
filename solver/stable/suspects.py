"""Where exactly one combination has to block: finds all parties it may belong to, so that nobody else need be asked.

Group testing by halves: a set of parties is cleared at once where no plan exists in which only they may block, once.
Sound whatever the work limit: a set about which nothing was proven stays suspected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.stable.model import Model, build_model
from solver.stable.reduce import narrow_market, open_market, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.stable.limits import Answer, Limits
    from solver.stable.parties import Party

TEST_WORK = 0.2
MOST_TOGETHER = 128


def find_suspects(
    parties: list[Party],
    capacity: list[int],
    seeds: list[int],
    limits: Limits,
    run_test: Callable[[Model, float], Answer],
) -> list[int]:
    """Parties of which one blocks, once, in some plan in which nobody else does; none: one is not enough.

    Parameters
    ----------
    parties, capacity, limits
        The round, and when to end.
    seeds : list of int
        Parties that block a known plan: neighbours are tested together, nearest first.
    run_test : callable
        Searches a model for any plan within some deterministic work.

    """
    suspects: list[int] = []
    everybody = _sort_by_nearness(parties, seeds)
    waiting = [(everybody, open_market(parties, capacity, set(everybody)))]
    while waiting:
        some, wider = waiting.pop()
        market, again = narrow_market(wider, set(some))
        if not settle(market, again if len(some) < len(everybody) else None):
            continue
        if limits.is_over:
            return sorted(suspects + some + [party for rest, _ in waiting for party in rest])
        if len(some) <= MOST_TOGETHER:  # a larger set leaves too much open to be worth a search
            model = build_model(market)
            model.cp.add(sum(model.blocking) <= 1)
            if run_test(model, TEST_WORK).impossible:
                continue
        if len(some) == 1:
            suspects += some
        else:
            waiting += [(some[len(some) // 2 :], market), (some[: len(some) // 2], market)]
    return sorted(suspects)


def _sort_by_nearness(parties: list[Party], seeds: list[int]) -> list[int]:
    """All parties that can block, those who share resources with the seeds first, and so on outward."""
    resources = [sorted({r for claims in party.claims for r, _, _ in claims}) for party in parties]
    users: dict[int, list[int]] = {}
    for index, used in enumerate(resources):
        for resource in used:
            users.setdefault(resource, []).append(index)
    order = list(dict.fromkeys(seeds))
    seen, opened = set(order), set()
    for party in order:  # grows while it runs
        for resource in resources[party]:
            if resource not in opened:
                opened.add(resource)
                new = [other for other in users[resource] if other not in seen]
                seen.update(new)
                order += new
    order += [party for party in range(len(parties)) if party not in seen]
    return [party for party in order if parties[party].blocks]
