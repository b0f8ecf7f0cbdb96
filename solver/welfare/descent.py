"""All parts of a night, level by level: what one part leaves open is room that the others may have to give.

A plan no worse in sum on a level reaches in each part at least the sum less the other parts' bounds. Each part keeps
exactly that, so the parts' bounds add up to a bound of the whole.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.greedy import fill, score_columns
from solver.welfare.implied import imply
from solver.welfare.parts import Part, cut
from solver.welfare.stairs import Stairs
from solver.welfare.state import OutOfTime, Run

if TYPE_CHECKING:
    from solver.arrays import Ints
    from solver.params import Progress

ROOM = 1.5  # times what the first bounds took is kept for the last ones


def go_down(run: Run) -> None:
    """Plan and prove all levels. Raises `OutOfTime` with what it has."""
    descent = _Descent(run)
    levels = run.model.levels
    level = 0
    try:
        while level < len(levels):
            descent.share_out(len(levels) - level)
            if levels[level].worst:
                descent.close_worst(level)
            else:
                descent.close_sum(level)
            descent.gather()
            run.tell("proved", level, (level + 1) / len(levels))
            level = len(descent.reached)
    except OutOfTime:
        descent.gather()
        raise


class _Descent:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.bounds: list[int | None] = []
        self.reached: list[int] = []  # what the plan had on each level when it was closed
        self.parts: list[tuple[Part, Stairs]] = []
        self.score = score_columns(run.model)
        model = imply(run.model)
        for part in cut(model):
            inner = Run(part.model, run.params, self._tell, run.stop, None, run.began)
            if run.chosen is not None:
                inner.offer(part.narrow(run.chosen))
            if run.start_prices is not None:
                known = np.append(run.start_prices, np.zeros(len(model.rhs) - len(run.start_prices)))
                inner.start_prices = known[part.rows]  # implied rows have none
            self.parts.append((part, Stairs(inner)))

    def _tell(self, progress: Progress) -> None:
        """Report what the parts' plans have side by side: the whole plan knows it when they are gathered."""
        level, reached, proven = progress.level - 1, None, None
        if level >= 0 and all(stairs.run.chosen is not None for _, stairs in self.parts):
            worst, known = self.run.model.levels[level].worst, self.run.bounds[level]
            reached = (max if worst else sum)([stairs.run.values[level] for _, stairs in self.parts])
            proven = self._bound(level)
            if known is not None and proven is not None:
                proven = max(known, proven) if worst else min(known, proven)
        self.run.tell(progress.step, level, reached=reached, proven=proven)

    def share_out(self, levels: int) -> None:
        """Give the level that begins its share of the time."""
        for _, stairs in self.parts:
            stairs.run.share_out(levels)

    def close_sum(self, level: int) -> None:
        """Close a sum level part by part."""
        began = time.monotonic()
        for _, stairs in self.parts:
            stairs.close_sum(level)
            if level == 0 and len(self.parts) > 1:
                self.gather()
        if level == 0:
            relaxing = sum(stairs.seconds for _, stairs in self.parts)
            for _, stairs in self.parts:
                stairs.run.reserve = min(ROOM * relaxing, time.monotonic() - began)
        gaps = [self._gap(stairs, level) for _, stairs in self.parts]
        open_ = any(gap is None for gap in gaps)
        for gap, (_, stairs) in zip(gaps, self.parts, strict=True):
            others = sum(each or 0 for each in gaps) - (gap or 0)
            stairs.keep_sum(level, None if open_ else stairs.run.values[level] - others)
        self._note(level)

    def _gap(self, stairs: Stairs, level: int) -> int | None:
        proven = stairs.bounds[level]
        return None if proven is None else proven - stairs.run.values[level]

    def _note(self, level: int) -> None:
        self.run.late |= any(stairs.run.late for _, stairs in self.parts)
        known = [stairs.bounds[level] for _, stairs in self.parts]
        proven = None if None in known else sum(each for each in known if each is not None)
        self._close(level, sum(stairs.run.values[level] for _, stairs in self.parts), proven)

    def _close(self, level: int, reached: int, proven: int | None) -> None:
        self.bounds[level:] = [proven]  # one of the same level where it was begun again
        self.reached.append(reached)

    def close_worst(self, level: int) -> None:
        """Find the lowest worst value of all parts; no part need be better than the worst of them."""
        lowest = max((stairs.lowest(level) for _, stairs in self.parts), default=0)
        proven = max((stairs.reach(level, lowest) for _, stairs in self.parts), default=0)
        reached = max((stairs.run.values[level] for _, stairs in self.parts), default=0)
        for _, stairs in self.parts:
            stairs.bounds.append(min(proven, reached))
            stairs.keep_worst(level, reached)
        self.run.late |= any(stairs.run.late for _, stairs in self.parts)
        self._close(level, reached, min(proven, reached))

    def gather(self) -> None:
        """Offer the parts' plans as one, with their prices."""
        run = self.run
        nobody = np.full(run.model.units, -1, dtype=np.int64)
        whole = nobody if run.chosen is None else run.chosen.copy()
        prices = np.zeros(len(run.model.rhs))  # the parts' rows beyond these are implied ones
        for part, stairs in self.parts:
            if stairs.run.chosen is None:
                return
            part.widen(stairs.run.chosen, whole)
            inside = part.model.row_resource >= 0
            if len(stairs.run.prices):
                prices[part.rows[inside]] = stairs.run.prices
        keep, run.keep = run.keep, None  # handed over below, with a bound on every level
        self._offer_filled(whole)
        waiting = [(part, stairs.run.waiting) for part, stairs in self.parts]
        if any(plan is not None for _, plan in waiting):
            for part, plan in waiting:
                if plan is not None:
                    part.widen(plan, whole)
            self._offer_filled(whole)
        assert run.chosen is not None
        self._reopen()
        for part, stairs in self.parts:
            stairs.run.offer(part.narrow(run.chosen))
        run.prices = prices[run.model.row_resource >= 0]
        run.keep = keep
        self.bound_rest()
        if keep is not None:
            keep(run)

    def _offer_filled(self, whole: Ints) -> None:
        """Offer a plan, and it with those whom the levels so far did not ask for."""
        self.run.offer(whole)
        self.run.offer(fill(self.run.model, self.score, whole))

    def _reopen(self) -> None:
        """Go back to the first level on which the plan has become better, where that cost something closed after it."""
        values = self.run.values
        fallen = [
            value > reached if each.worst else value < reached
            for each, value, reached in zip(self.run.model.levels, values, self.reached, strict=False)
        ]
        if any(fallen):
            pairs = zip(values, self.reached, strict=False)
            level = next(i for i, (value, reached) in enumerate(pairs) if value != reached)
            del self.reached[level:], self.bounds[level + 1 :]
            for _, stairs in self.parts:
                stairs.reopen(level)

    def bound_rest(self) -> None:
        """Give every level that time cut off the bound that costs nothing."""
        run = self.run
        done = len(self.bounds)
        run.bounds[:done] = self.bounds
        for level in range(done, len(run.model.levels)):
            run.bounds[level] = self._bound(level)

    def _bound(self, level: int) -> int | None:
        """What is proven of a level by now: by each part that has begun it, and by the others for nothing."""
        if self.run.model.levels[level].worst:
            return 0
        total = 0
        for _, stairs in self.parts:
            more = stairs.bounds[level] if len(stairs.bounds) > level else stairs.free_bound(level)
            if more is None:
                return None
            total += more
        return total
