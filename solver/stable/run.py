"""What the steps of one stable run share: the parties, the limits, the best plan so far. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.params import Progress
from solver.stable.rooms import list_blocking
from solver.stable.search import Answer, Limits, run_search

if TYPE_CHECKING:
    from solver.params import Report
    from solver.problem import Problem
    from solver.stable.levels import Counted
    from solver.stable.model import Model
    from solver.stable.parties import Party

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

    def search(self, model: Model, number: int, work: float = WORK) -> Answer:
        """Search from the best plan so far and keep what is found."""
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
        answer = run_search(model, limits, work, hear)
        self.cut |= answer.cut
        if answer.chosen is not None and self._is_no_worse(answer.chosen):
            self.chosen = answer.chosen
        return answer

    def _is_no_worse(self, chosen: list[int]) -> bool:
        """Fewer blocking combinations first; an equal number is what the levels are improved among."""
        if self.chosen is None:
            return True
        return len(list_blocking(self.parties, self.capacity, chosen)) <= len(self.list_blocking())
