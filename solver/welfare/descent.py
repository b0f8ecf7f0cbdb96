"""All parts of a night, level by level: what one part leaves open is room that the others may have to give.

A plan no worse in sum on a level reaches in each part at least the sum less the other parts' bounds. Each part keeps
exactly that, so the parts' bounds add up to a bound of the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.greedy import fill, score_columns
from solver.welfare.narrow import divide
from solver.welfare.parts import Part, cut
from solver.welfare.stairs import Stairs
from solver.welfare.state import OutOfTime, Run

if TYPE_CHECKING:
    from solver.params import Progress


def go_down(run: Run) -> None:
    """Plan and prove all levels; ``run.chosen`` is a plan already. Raises `OutOfTime` with what it has."""
    descent = _Descent(run)
    try:
        for level, each in enumerate(run.model.levels):
            if each.worst:
                descent.close_worst(level)
            else:
                descent.close_sum(level)
            descent.gather()
            run.tell("proved", level, (level + 1) / len(run.model.levels))
    except OutOfTime:
        descent.gather()
        raise


class _Descent:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.bounds: list[int] = []
        self.parts: list[tuple[Part, Stairs]] = []
        assert run.chosen is not None
        self.score = score_columns(run.model)
        for part in cut(divide(run.model)):
            inner = Run(part.model, run.params, self._tell, run.stop, None, run.began)
            inner.offer(part.narrow(run.chosen))
            self.parts.append((part, Stairs(inner)))

    def _tell(self, progress: Progress) -> None:
        self.run.tell(progress.step, progress.level - 1)

    def close_sum(self, level: int) -> None:
        """Close a sum level part by part."""
        for _, stairs in self.parts:
            stairs.close_sum(level)
        gaps = [stairs.bounds[level] - stairs.run.values[level] for _, stairs in self.parts]
        for gap, (_, stairs) in zip(gaps, self.parts, strict=True):
            stairs.keep_sum(level, stairs.run.values[level] - (sum(gaps) - gap))
        self.run.late |= any(stairs.run.late for _, stairs in self.parts)
        self.bounds.append(sum(stairs.bounds[level] for _, stairs in self.parts))

    def close_worst(self, level: int) -> None:
        """Find the lowest worst value of all parts; no part need be better than the worst of them."""
        lowest = max((stairs.lowest(level) for _, stairs in self.parts), default=0)
        for _, stairs in self.parts:
            stairs.reach(level, lowest)
        reached = max((stairs.run.values[level] for _, stairs in self.parts), default=0)
        for _, stairs in self.parts:
            stairs.bounds.append(lowest)
            stairs.keep_worst(level, reached)
        self.bounds.append(lowest)

    def gather(self) -> None:
        """Offer the parts' plans as one, with their prices."""
        run = self.run
        assert run.chosen is not None
        whole = run.chosen.copy()
        prices = np.zeros(len(run.model.rhs))  # the parts' rows beyond these are implied ones
        for part, stairs in self.parts:
            assert stairs.run.chosen is not None
            part.widen(stairs.run.chosen, whole)
            inside = part.model.row_resource >= 0
            if len(stairs.run.prices):
                prices[part.rows[inside]] = stairs.run.prices
        keep, run.keep = run.keep, None  # handed over below, with a bound on every level
        filled = fill(run.model, self.score, whole)  # whom the levels so far did not ask for
        if not (run.offer(filled) or run.offer(whole)):
            filled = run.chosen
        for part, stairs in self.parts:
            stairs.run.offer(part.narrow(filled))
        run.prices = prices[run.model.row_resource >= 0]
        self.bound_rest()
        run.keep = keep
        if keep is not None:
            keep(run)

    def bound_rest(self) -> None:
        """Give every level that time cut off the bound that costs nothing."""
        run = self.run
        done = len(self.bounds)
        run.bounds[:done] = self.bounds
        for level in range(done, len(run.model.levels)):
            if run.model.levels[level].worst:
                run.bounds[level] = 0
                continue
            total: int | None = 0
            for _, stairs in self.parts:
                if len(stairs.bounds) > level:
                    more: int | None = stairs.bounds[level]
                else:
                    found = stairs.free_bound(level)
                    more = None if found is None else found.total // found.scale
                total = None if total is None or more is None else total + more
            run.bounds[level] = total
