"""What the steps of one stable run share: the parties, the limits, the best plan so far. It decides nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from solver.params import Progress
from solver.stable.rooms import list_blocking

if TYPE_CHECKING:
    from solver.params import Report
    from solver.problem import Problem
    from solver.stable.levels import Counted
    from solver.stable.limits import Answer, Limits
    from solver.stable.model import Model
    from solver.stable.parties import Party
    from solver.stable.programme import Programme
    from solver.stable.reduce import Market

MOST_PLANS = 20_000
SHARE = 0.5  # of the time left that the linear programme may take before CP-SAT goes on
WORK = 20.0  # CP-SAT's deterministic units for one search: 6 to 30 seconds of a small machine


@dataclass(slots=True)
class Run:
    """What the steps share: the problem as parties, the limits, and the best plan so far."""

    problem: Problem
    parties: list[Party]
    capacity: list[int]
    levels: list[Counted]
    limits: Limits
    progress: Report | None
    chosen: list[int] | None = None
    blocking_bound: int = 0
    infeasible: bool = False
    cut: bool = False

    def list_blocking(self) -> list[tuple[int, int]]:
        """Who blocks the best plan so far."""
        assert self.chosen is not None
        return list_blocking(self.parties, self.capacity, self.chosen)

    def search(self, model: Model, number: int, work: float = WORK, *, by_core: bool = False) -> Answer:
        """Search from the best plan so far and keep what is found."""
        from solver.stable.search import run_search  # noqa: PLC0415 - loads CP-SAT, which most rounds never need

        model.clear_hints()
        if self.chosen is not None:
            for (party, choice), literal in model.chosen.items():
                model.cp.add_hint(literal, self.chosen[party] == choice)

        def hear(value: float, bound: float) -> None:
            if self.progress is not None:
                gap = abs(value - bound) / max(1.0, abs(value))
                self.progress(
                    Progress("stable", number, None, None, gap, min(0.99, number / (1 + len(self.levels))))
                )

        limits = self.limits if number else replace(self.limits, gap=0.0)  # blocking is counted exactly
        answer = run_search(
            model, limits, work, hear, by_core=by_core or (number > 0 and bool(model.blocking))
        )
        self.cut |= answer.cut
        if (
            answer.chosen is not None
            and self._is_no_worse(answer.chosen)
            and (number == 0 or self._compare(answer.chosen, number) >= 0)
        ):
            self.chosen = answer.chosen
        return answer

    def raise_level(self, programme: Programme, number: int, bound: int) -> int:
        """Raise level ``number`` (from 1) by the linear programme from the best plan so far; return a proven bound."""
        assert self.chosen is not None
        limits = self.limits
        began = time.monotonic()
        seconds = (limits.deadline - began) * SHARE
        chosen, proven, is_decided = programme.raise_level(
            self.levels[number - 1], self.chosen, limits.seed, seconds
        )
        self.cut |= not is_decided and time.monotonic() - began >= seconds
        if chosen is not None and self._is_no_worse(chosen) and self._compare(chosen, number) >= 0:
            self.chosen = chosen
        return bound if proven is None else proven

    def try_all(self, market: Market) -> bool:
        """Look at every plan of a small market, in whole numbers of any size; False where there are too many."""
        choices = [market.list_alive(party) for party in range(len(self.parties))]
        if prod(map(len, choices)) > MOST_PLANS:
            return False
        for plan in product(*choices):
            chosen = list(plan)
            if (
                self._compare(chosen, len(self.levels)) > 0
                and self._fits(chosen)
                and self._is_no_worse(chosen)
            ):
                self.chosen = chosen
        return True

    def _fits(self, chosen: list[int]) -> bool:
        left = list(self.capacity)
        for party, choice in zip(self.parties, chosen, strict=True):
            for resource, amount, _ in party.uses[choice]:
                left[resource] -= amount
        return min(left, default=0) >= 0

    def _compare(self, chosen: list[int], until: int) -> int:
        """1 where a plan is better than the present one on the first ``until`` levels, -1 where worse, 0 equal."""
        assert self.chosen is not None
        for level in self.levels[:until]:
            new, old = level.get_value(chosen), level.get_value(self.chosen)
            if new != old:
                return 1 if level.is_better(new, old) else -1
        return 0

    def _is_no_worse(self, chosen: list[int]) -> bool:
        """Fewer blocking combinations first; an equal number is what the levels are improved among."""
        if self.chosen is None:
            return True
        return len(list_blocking(self.parties, self.capacity, chosen)) <= len(self.list_blocking())
