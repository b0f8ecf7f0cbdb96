"""Raises a level around the best plan: most parties stay where they are, some neighbours are decided anew, in turn.

Where many children share a priority the whole programme stays open for long; what one site and its neighbours could
do better is found at once. It proves nothing; work is counted in tries.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from solver.stable.levels import keep_level, set_goal
from solver.stable.model import build_model
from solver.stable.reduce import narrow_market, settle

if TYPE_CHECKING:
    from solver.stable.reduce import Market
    from solver.stable.run import Run
    from solver.stable.space import Space

TOGETHER = 90  # parties decided anew at once
VAIN = 25  # tries without a gain, one after another, that end the search
MOST = 400
WORK = 0.1  # CP-SAT's deterministic units for one try


def improve_nearby(run: Run, space: Space, number: int, bound: int) -> None:
    """Raise level ``number`` (from 1) of the run's plan until tries are in vain or ``bound`` is met; no more block than before.

    The clock ends it after half of the time that is left, and the run then counts as cut.
    """
    assert run.chosen is not None
    level, market = run.levels[number - 1], space.market
    half = run.limits.for_half()
    draw = random.Random(run.limits.seed)  # noqa: S311 - it steers the search, and decides no draw
    neighbours = _Neighbours(market)
    vain = 0
    for _ in range(MOST):
        before = level.get_value(run.chosen)
        if before == bound or vain == VAIN:
            return
        if half.is_over:
            run.cut = True
            return
        short = [p for p in neighbours.open if not _has_best(run, market, p, number)]
        if not short:
            return
        _decide_anew(run, space, number, neighbours.list_around(draw.choice(short), draw))
        vain = 0 if level.get_value(run.chosen) != before else vain + 1


def _has_best(run: Run, market: Market, party: int, number: int) -> bool:
    """Whether nothing open to a party is worth more on the level than what it has."""
    assert run.chosen is not None
    level = run.levels[number - 1]
    now = level.worth[party][run.chosen[party]]
    return not any(level.is_better(level.worth[party][choice], now) for choice in market.list_alive(party))


def _decide_anew(run: Run, space: Space, number: int, some: set[int]) -> None:
    """The best for these parties while all others keep what they have."""
    assert run.chosen is not None
    market, _ = narrow_market(
        space.market, {party for party, strict in enumerate(space.market.strict) if not strict}
    )
    touched: set[int] = set()
    for party, choice in enumerate(run.chosen):
        if party not in some and market.left[party] > 1:
            for other in market.list_alive(party):
                if other != choice:
                    market.close(party, other)
                    touched.update(resource for resource, _, _ in market.parties[party].claims[other])
    if not settle(market, sorted(touched)):
        return
    model = build_model(market)
    if model.blocking:
        model.cp.add(sum(model.blocking) <= len(run.list_blocking()))
    kept = [keep_level(model, level, value) for level, value in space.kept]
    if model.chosen and all(kept) and set_goal(model, run.levels[number - 1]):
        run.search(model, number, WORK)


class _Neighbours:
    """Who competes with whom: parties with more than one combination left, by the resources these use."""

    def __init__(self, market: Market) -> None:
        self.open = [party for party, left in enumerate(market.left) if left > 1]
        self.resources: dict[int, list[int]] = {}
        self.users: dict[int, list[int]] = {}
        for party in self.open:
            claims = market.parties[party].claims
            used = sorted(
                {resource for choice in market.list_alive(party) for resource, _, _ in claims[choice]}
            )
            self.resources[party] = used
            for resource in used:
                self.users.setdefault(resource, []).append(party)

    def list_around(self, party: int, draw: random.Random) -> set[int]:
        """At most `TOGETHER` parties around one, nearest first; among equally near ones a draw decides."""
        found, waiting = {party}, [party]
        for at in waiting:  # grows while it runs
            resources = list(self.resources[at])
            draw.shuffle(resources)
            for resource in resources:
                new = [other for other in self.users[resource] if other not in found]
                draw.shuffle(new)
                new = new[: TOGETHER - len(found)]
                found.update(new)
                waiting += new
            if len(found) >= TOGETHER:
                break
        return found
