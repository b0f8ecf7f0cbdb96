"""One part of a night: down all levels by relaxations, up again to the deepest face that holds a whole plan.

A dive assumes that every level reaches its bound and leaves only what can; its last corner is whole but for a few units.
From the bottom up, the first face with a whole plan near that corner gives a plan that is best on many levels at once.
Where a level's face is proven empty its bound falls; what a level really reaches binds the next dive.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.engines import KeptBasis, choose_engine, find_corner_near_plan
from solver.welfare.faces import SMALL, Corner, count_open, search_face
from solver.welfare.ladder import Start
from solver.welfare.relax import Bound, LevelRow, Relaxation, bound_freely, tighten
from solver.welfare.rounding import CROWD, ROUNDING, Trail, round_levels
from solver.welfare.searches import search
from solver.welfare.state import NothingFound, level_values, picked
from solver.welfare.warm import relax_near

if TYPE_CHECKING:
    from solver.arrays import Floats, Ints
    from solver.welfare.cutting import Cut
    from solver.welfare.state import Run

LEAP = 3  # part of the way up that is passed over where a face gave no answer
HEAVY = 6  # faces that gave no answer before the climb ends
FRACTIONS = 200  # units with a fraction beyond which another corner is asked for
FAR = 0.01  # part of a target by which a rounding may miss it before another corner is asked for
ROUGH = 0.04  # the same of one by clauses before branching is the better one
TIGHT = 1e-3  # of the value: by how much x and prices of a relaxation may differ
CROWD_ALONE = 40  # such units on the only level: it came this far because its steps are coarse, and branching runs along them
SPARSE = 2.5  # rows for each unit with a fraction that no crowd is


@dataclass
class Step:
    """One level of a dive: the relaxation before it, the value aimed at, and what proves that nothing is better.

    ``target`` None: nothing is known; ``grain``: what every value is a multiple of; ``tight``: whether the relaxation really
    reaches what is proven; ``empty``: no plan reaches the target.
    """

    before: Relaxation
    target: int | None
    found: Bound | None
    grain: int = 1
    tight: bool = True
    empty: bool = False


class Stairs:
    """A part's plan (``run.chosen``) and ``bounds``: one per level done, for all plans no worse on the earlier ones."""

    def __init__(self, run: Run) -> None:
        model = run.model
        self.run = run
        self.root = Relaxation.whole(model)
        self.engine = choose_engine(run, self.root)
        self.steps: list[Step] = []
        self.kept = self.root  # after the last level done
        self.trail = Trail.start(model.columns)
        self.corner: Corner | None = None
        self.x: Floats | None = None  # the corner as it came
        self.is_cut = False  # whether corners come from cutting
        self.is_crowded = (
            False  # whether the first corner had so many fractions that plans are found place by place
        )
        self.bounds: list[int | None] = []
        self.worsts: dict[int, Ints] = {}  # a closed worst level's values, before those up to it became 0
        self.attempt = -1
        self.mended = (-1, 0)  # level and value that mending ended with
        self.attempted = (-1, 0, 0)  # level, value and bound between which attaining more was tried last
        self.seconds = 0.0  # that the last dive's relaxations took
        self.relaxing = 0.0  # that the first one's took

    def is_closed(self, level: int) -> bool:
        """Whether nothing is left to prove within the wanted gap."""
        reached, proven = self.run.values[level], self.bounds[level]
        return proven is not None and abs(proven - reached) <= self.run.params.gap * max(1, abs(reached))

    def free_bound(self, level: int) -> int:
        """Return the bound without prices: every unit takes what is best for it."""
        return bound_freely(self.kept, self.run.model.levels[level].value)

    def close_sum(self, level: int) -> None:
        """Bound a level and raise the plan towards the bound."""
        step = self._step(level)
        self.bounds.append(step.target)
        if step.empty and step.target is not None:
            self.bounds[level] = step.target - step.grain
        search(self, level)
        if level == 0 and self.run.start_prices is not None and not self.is_closed(level):
            self.run.start_prices = None  # yesterday was too different
            self.steps.clear()
            self.bounds.clear()
            self.trail.forget(0)
            self.close_sum(level)

    def lower_bound(self, level: int, proven: int) -> None:
        """Lower a sum level's bound to ``proven``, in what its values are multiples of; never below the plan."""
        known, grain = self.bounds[level], self.steps[level].grain
        assert known is not None
        self.bounds[level] = max(self.run.values[level], min(known, proven // grain * grain))

    def adopt(self, level: int, cut: Cut) -> None:
        """Go on with a night that has cuts: its programme and its corner, from ``level`` on."""
        run, step = self.run, self.steps[level]
        run.model = cut.relaxation.model
        assert isinstance(self.engine, KeptBasis)
        inside = self.engine.ladder.inside | (cut.x > 0)
        self.engine = KeptBasis(run, cut.relaxation, Start(cut.x, inside, cut.basis))
        self.kept = step.before = cut.relaxation
        self.x, self.corner, self.is_cut = cut.x, Corner.of(run, cut.x), True
        step.found = cut.found
        assert step.target is not None
        step.target = min(step.target, cut.found.total // cut.found.scale // step.grain * step.grain)
        self.lower_bound(level, step.target)
        del self.steps[level + 1 :]
        self.trail.forget(level + 1)

    def keep_sum(self, level: int, least: int | None) -> None:
        """Leave only what reaches ``least`` on a sum level (None: everything, nothing is known)."""
        step = self.steps[level]
        if least is not None:
            self.run.floors[level] = least
        if least is None:
            self.kept = step.before
            del self.steps[level + 1 :]
            return
        if least == step.target and len(self.steps) > level + 1:
            self.kept = self.steps[level + 1].before
            return
        self.kept = self.face(step, level, least)
        del self.steps[level + 1 :]
        self.trail.forget(level + 1)

    def lowest(self, level: int) -> int:
        """Return what no plan can stay below on a worst level."""
        target = self._step(level).target
        return 0 if target is None else target

    def reach(self, level: int, least: int) -> int:
        """Lower the plan's worst value towards ``least``; return what is proven to be lowest."""
        run = self.run
        value = run.model.levels[level].value
        before = self.steps[level].before
        assert run.chosen is not None
        # Where every level was proven by the plan at hand, no relaxation was solved: then the plan is the corner.
        corner = self.corner or Corner.of(run, picked(run.model, run.chosen).astype(np.float64))
        proven, open_ = least, False
        some = np.unique(value[before.active & (value > least) & (value < run.values[level])])
        for threshold in [least, *some.tolist()]:
            if run.values[level] <= threshold:
                break
            if run.is_late():
                return proven
            face = before.copy()
            face.active &= value <= threshold
            sums = [i for i in range(level + 1, len(run.model.levels)) if not run.model.levels[i].worst]
            verdict = search_face(run, face, corner, sums[0] if sums else 0, None, 0)
            open_ |= verdict == "unknown"
            if verdict == "empty" and not open_:
                higher = some[some > threshold]
                proven = int(higher[0]) if len(higher) else run.values[level]
        return proven

    def keep_worst(self, level: int, most: int) -> None:
        """Leave only columns up to ``most`` on a worst level; below it no part need be better than another."""
        run = self.run
        step = self.steps[level]
        value = run.model.levels[level].value
        if step.target == most and len(self.steps) > level + 1:
            self.kept = self.steps[level + 1].before
        else:
            self.kept = step.before.copy()
            self.kept.active &= value <= most
            del self.steps[level + 1 :]
            self.trail.forget(level + 1)
        self.worsts[level] = value.copy()
        value[value <= most] = 0  # the part's own copy
        run.floors[level] = most
        assert run.chosen is not None
        run.values = level_values(run.model, run.chosen)

    def reopen(self, level: int) -> None:
        """Begin again with ``level``: a plan was found that is better there and keeps less of what was closed after it."""
        run, before = self.run, self.steps[level].before
        for closed in [each for each in run.floors if each >= level]:
            del run.floors[closed]
            if closed in self.worsts:
                run.model.levels[closed].value[:] = self.worsts.pop(closed)
        if run.model is not before.model:  # cuts that came later hold for what was closed only
            run.model = before.model
            self.engine = choose_engine(run, before)
            self.is_cut = len(before.equal) > len(self.root.equal)
        self.kept = before
        del self.steps[level + 1 :], self.bounds[level:]
        self.trail.forget(level + 1)
        if run.chosen is not None:
            run.values = level_values(run.model, run.chosen)
        waiting, run.waiting = run.waiting, None
        if waiting is not None:
            run.offer(waiting)

    def _step(self, level: int) -> Step:
        """Return the step of ``level``; dive first where there is none.

        All the way where that corner will be searched around: not in small faces, nor where cutting makes corners of its own.
        """
        if len(self.steps) <= level:
            small = level > 0 and count_open(self.kept) <= SMALL
            brief = self.run.is_late() or small or self.is_cut
            self.dive(level + 1 if brief else len(self.run.model.levels))
        if self.run.chosen is None:
            raise NothingFound  # none that places all who must be placed
        return self.steps[level]

    def face(self, step: Step, level: int, least: int) -> Relaxation:
        """Return what reaches ``least`` on ``level``."""
        after = step.before.copy()
        value = self.run.model.levels[level].value
        if self.run.model.levels[level].worst:
            after.active &= value <= least
        elif step.found is None or not tighten(after, step.found, least):
            after.level_rows.append(LevelRow(level, value, least))
        return after

    def dive(self, until: int) -> None:
        """Relax level after level, each within what the earlier ones leave; then look for whole plans."""
        run, model = self.run, self.run.model
        began = time.monotonic()
        first = len(self.steps)
        relaxation = self.kept
        x: Floats | None = None
        for level in range(first, until):
            before, each = relaxation, model.levels[level]
            run.tell("relaxation", level)
            if each.worst:
                step = Step(before, self.engine.lowest(before, level), None)
            else:
                solved, found = self._relax(before, level)
                x = x if solved is None else solved
                step = Step(
                    before, None, found, _grain(before, each.value), _is_tight(solved, found, each.value)
                )
                if found is not None:
                    step.target = found.total // found.scale // step.grain * step.grain
            self.steps.append(step)
            if step.target is None:  # too large for whole prices: nothing is proven, nothing removed
                relaxation = before
                continue
            relaxation = self.face(step, level, step.target)
            self._note(level, step, relaxation)
        self.seconds = time.monotonic() - began
        self.relaxing = self.relaxing or self.seconds
        run.until += self.seconds  # the reserve pays for bounds, a level's share for searches
        if until < len(model.levels):
            return
        x = self._last(x, relaxation)
        if x is not None:
            self._stand_at(x, first)
            # Once there are cuts, each level's own searches begin around a corner that is nearly whole.
            if first == 0 or not isinstance(self.engine, KeptBasis):
                self._climb(x, first, relaxation)

    def _relax(self, before: Relaxation, level: int) -> tuple[Floats | None, Bound | None]:
        """Relax one level; the first by what an earlier night's prices leave, if there are any."""
        value, prices = self.run.model.levels[level].value, self.run.start_prices
        if prices is not None and level == 0:
            near = relax_near(self.run, before, value, prices)
            if near is not None:
                return near
        return self.engine.relax(before, value, self._reached(level))

    def _last(self, x: Floats | None, last: Relaxation) -> Floats | None:
        """x, or another corner of the last relaxation where there is none or x lies between many."""
        run = self.run
        crowd = max(FRACTIONS, run.model.units // FRACTIONS)
        if x is not None and int(Corner.of(run, x, 0.01).loose.sum()) <= crowd:
            return x
        if self.run.model.is_one_level:  # below other levels the plan is not on the last face
            near = find_corner_near_plan(run, self.steps[0].before, run.model.levels[0].value)
            if near is not None:
                return near
        other = self.engine.shake(last)
        return x if other is None else other

    def _stand_at(self, x: Floats, first: int) -> None:
        self.x, self.corner = x, Corner.of(self.run, x)
        if first == 0:
            loose = int(self.corner.loose.sum())
            most = (
                CROWD_ALONE if self.run.model.is_one_level else max(CROWD, len(self.run.model.rhs) / SPARSE)
            )
            self.is_crowded = loose > most

    def _come_up(self, first: int) -> Floats | None:
        """Forget what was dived below the last tight level; return x of a corner that is best there, None where all were tight."""
        wrong = next((i for i in range(first + 1, len(self.steps)) if not self.steps[i].tight), None)
        if wrong is None:
            return None
        del self.steps[wrong:]
        self.trail.forget(wrong)
        sums = [i for i in range(wrong) if not self.run.model.levels[i].worst]
        level = max(sums, default=0)
        value = self.run.model.levels[level].value if sums else None
        return self.engine.shake(self.steps[level].before, value)

    def _reached(self, level: int) -> int | None:
        """The plan's value on ``level`` where it meets all earlier targets: a bound as high ends its relaxation."""
        if self.run.chosen is None:
            return None
        if any(self.run.values[i] != step.target for i, step in enumerate(self.steps)):
            return None
        return self.run.values[level]

    def _note(self, level: int, step: Step, after: Relaxation) -> None:
        loss = np.zeros(self.run.model.columns)
        if step.found is not None:
            best = np.repeat(step.found.unit, np.diff(self.run.model.unit_start))
            loss = (best - step.found.reduced) / step.found.scale
        self.trail.note(level, step.before.active & ~after.active, loss)

    def _climb(self, x: Floats, first: int, bottom: Relaxation) -> None:
        """Find a plan that keeps as many targets as possible: near the corner, then face by face from the bottom."""
        run = self.run
        self._round(x)
        # Perhaps because the relaxations below a level that was not tight led elsewhere.
        if self._is_far(FAR):
            above = self._come_up(first)
            if above is not None:
                bottom = self.steps[-1].before
                self._stand_at(above, first)
                self._round(above)
        if run.chosen is None or self.corner is None or self.is_crowded:
            return
        faces = [step.before for step in self.steps[1:]] + [bottom]
        heavy, level = 0, len(faces) - 1
        while level >= first and self._missed() <= level and heavy < HEAVY and not run.is_late():
            below = min(level + 1, len(faces) - 1)
            cap = None if run.model.levels[below].worst else self.steps[below].target
            verdict = search_face(run, faces[level], self.corner, below, cap, 0)
            self.steps[level].empty |= verdict == "empty" and not run.model.levels[level].worst
            heavy += verdict == "unknown"
            level -= max(1, (level - first) // LEAP) if verdict == "unknown" else 1

    def _round(self, x: Floats) -> None:
        """Round a corner: by clauses where it is crowded, and where that leads far away by branching, however slow."""
        deeper = len(self.run.model.levels) - len(self.steps)
        targets = [*(step.target for step in self.steps), *[None] * deeper]
        round_levels(self.run, self.trail, x, targets, self._worth(), ROUNDING if self.is_crowded else 0.0)
        if self.is_crowded and self._is_far(ROUGH):
            self.is_crowded = False
            round_levels(self.run, self.trail, x, targets, self._worth(), 0.0)

    def _is_far(self, part: float) -> bool:
        """Whether rounding left the first level that it missed this part of its target away from it."""
        missed = len(self.steps) if self.run.chosen is None else self._missed()
        if missed == len(self.steps):
            return self.run.chosen is None
        reached, target = self.run.values[missed], self.steps[missed].target
        return target is not None and abs(target - reached) > part * max(1, abs(target))

    def _missed(self) -> int:
        """The first level that is not at its target within the wanted gap."""
        for level, step in enumerate(self.steps):
            reached = self.run.values[level]
            if step.target is None or abs(step.target - reached) > self.run.params.gap * max(1, abs(reached)):
                return level
        return len(self.steps)

    def _worth(self) -> Floats:
        """float64[C]: a column's value on the first sum level after prices, plus a hundredth of the value itself."""
        for level, step in enumerate(self.steps):
            if step.found is not None and not self.run.model.levels[level].worst:
                value = self.run.model.levels[level].value
                worth: Floats = step.found.reduced / step.found.scale + 0.01 * value
                return worth
        return np.ones(self.run.model.columns)


def _is_tight(x: Floats | None, found: Bound | None, value: Ints) -> bool:
    """Whether a relaxation's x (None: it was not needed) is worth what its prices prove."""
    if x is None or found is None:
        return True
    proven = found.total / found.scale
    return abs(proven - float(value @ x)) <= TIGHT * max(1.0, abs(proven))


def _grain(before: Relaxation, value: Ints) -> int:
    """What all values on a level are multiples of."""
    return max(1, int(np.gcd.reduce(value[before.active]))) if before.active.any() else 1
