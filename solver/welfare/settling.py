"""Close the levels that rounding left open: cut, guess how near to its bound the optimum lies, and decide what that leaves.

Where amounts are mixed the relaxation lies far above all whole plans, and nobody is settled; so rows that only whole columns
keep come first (`covers.py`). Reduced-cost fixing leaves less the nearer a plan is to the bound. So first only plans within
a small part of the gap are looked for, then twice that, and so on: each search either finds a better plan or lowers the
bound to its guess. The levels that end the list are looked for together where one search can (`joint.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.welfare.blocks import Block
from solver.welfare.core import Core, CoreAnswer, solve_core, solve_together
from solver.welfare.covers import RowSeparator
from solver.welfare.cutting import cut_down, trim
from solver.welfare.faces import NEAR_ENOUGH, choices, count_open
from solver.welfare.ladder import Ladder
from solver.welfare.neighbourhoods import improve_by_rows
from solver.welfare.proofs import is_closed, prove, weigh
from solver.welfare.relax import Bound, Relaxation, bound, tighten

if TYPE_CHECKING:
    from solver.arrays import Floats
    from solver.welfare.state import Run

BRANCH = 2_500  # units with a choice up to which all of them are decided at once
FEW = 120  # columns that branching decides in a moment
NODES = 2_000
CUT = 800  # columns with a choice above which a level is cut; fewer are decided as quickly
DIRECT = 450  # columns that need no guess
NEARLY, LARGE = 200, 1_200  # columns of the first guess, and of the last that has a chance to end
FIRST_NODES = 60  # of the branching that comes before neighbourhoods where clauses did not end
WIDE = 3_000  # columns that clauses are tried on
GUESS, PROOF = 1.0, 10.0  # deterministic seconds of one guess, and of the last one
TOGETHER = 2.0  # the same of one that joins all levels behind
WHOLE = 20.0  # the same of all that is left where it is too much for guesses
BRANCHING = 0.0  # the other way: what clauses leave open may yield to cuts
BRIEF, ROUNDS = 2.0, 100  # the last guess and the neighbourhoods of a region, one of many


def settle(
    run: Run, relaxation: Relaxation, block: Block, floors: list[tuple[int, int]], prices: list[Floats]
) -> None:
    """Raise plan and lower bounds of a block level by level; each reached value binds the next."""
    kept = list(floors)
    together = True
    for i, level in enumerate(block.levels):
        if not is_closed(run, level):
            run.share_out(len(run.model.levels) - level)
            upto = Block(block.levels[: i + 1], block.weights[: i + 1])
            closing = Closing(run, upto, kept, together)
            closing.close(relaxation, prices[i])
            together = closing.together
            prove(run, relaxation, block, prices)
        kept.append((level, run.values[level]))


@dataclass
class Closing:
    """The last level of ``block`` while it is closed; ``kept``: the floors of all earlier ones.

    ``together``: whether the levels that end the list may be looked for with it; not after such a search did not end.
    ``is_brief``: by short searches only, what they leave open stays open.
    """

    run: Run
    block: Block
    kept: list[tuple[int, int]]
    together: bool
    is_brief: bool = False

    @property
    def level(self) -> int:
        return self.block.levels[-1]

    def is_closed(self) -> bool:
        return is_closed(self.run, self.level)

    def weigh(self) -> int:
        """What the plan at hand weighs on the block."""
        return weigh(self.run, self.block)

    def close(self, relaxation: Relaxation, prices: Floats) -> None:
        """Cut what is wide, and close the level with these cuts."""
        run = self.run
        found = bound(relaxation, self.block.cost(run.model), prices)
        if found is None:  # too large for whole prices: nothing can be left out
            self.decide(relaxation, None, PROOF)
            return
        if count_open(_within(relaxation, found, self.weigh())) > CUT:
            relaxation, found = self.cut(relaxation, found)
        own, run.model = run.model, relaxation.model
        try:
            if self.is_brief:
                self.search_briefly(relaxation, found)
            else:
                self.search_all(relaxation, found)
        finally:
            run.model = own

    def cut(self, relaxation: Relaxation, found: Bound) -> tuple[Relaxation, Bound]:
        """Return a relaxation with the rows that only whole columns keep, and its bound."""
        run = self.run
        value, noted = self.block.cost(run.model), run.prices
        cut = cut_down(
            run,
            Ladder(run, relaxation),
            RowSeparator(relaxation),
            value,
            value.astype(np.float64),
            found.total // found.scale,
            lambda _x, _proven: run.is_late(),
        )
        run.prices = noted  # a block's are weighted
        if cut is None:
            return relaxation, found
        cut = trim(cut, len(run.model.rhs))
        self.lower(cut.found.total // cut.found.scale)
        return cut.relaxation, cut.found

    def search_all(self, relaxation: Relaxation, found: Bound) -> None:
        """Raise the level, or lower its bound, until both meet: guesses, neighbourhoods, and all that is left."""
        run, level = self.run, self.level
        self.guess(relaxation, found)
        if self.is_closed():
            return
        before = run.values[level]
        least = self.weigh()
        trial = _within(relaxation, found, least)
        size = count_open(trial)
        if size <= LARGE:
            self.decide(trial, least, BRANCHING, FIRST_NODES)
        elif size <= WIDE:
            self.decide(trial, least, WHOLE)
        if self.is_closed():
            return
        improve_by_rows(run, relaxation, found, level, self.kept)
        for work in (PROOF, BRANCHING):
            least = self.weigh()
            trial = _within(relaxation, found, least)
            has_chance = work == BRANCHING or (run.values[level] > before and count_open(trial) <= WIDE)
            if not self.is_closed() and has_chance:
                self.decide(trial, least, work)

    def search_briefly(self, relaxation: Relaxation, found: Bound) -> None:
        """Raise the level by guesses and some neighbourhoods."""
        self.guess(relaxation, found)
        if not self.is_closed():
            improve_by_rows(self.run, relaxation, found, self.level, self.kept, ROUNDS)

    def guess(self, relaxation: Relaxation, found: Bound) -> None:
        """Decide what is left within a guessed gap, twice as wide until a better plan is found; then within its own.

        A wider guess that leaves the same is not searched again: what was said of it holds, and what is outside weighs less.
        The last one is, with more work, unless all was said: nothing fits, or nothing better than the plan.
        """
        run, level = self.run, self.level
        top = found.total // found.scale
        guess = top - self.weigh()
        is_wide = count_open(_within(relaxation, found, self.weigh())) > DIRECT
        while is_wide and guess > 0 and count_open(_within(relaxation, found, top - guess)) > NEARLY:
            guess //= 2
        last: Relaxation | None = None
        answer = CoreAnswer(None)
        while not self.is_closed():
            least = max(top - guess, self.weigh())
            is_last = least == self.weigh()
            trial = _within(relaxation, found, least)
            if count_open(trial) > LARGE:
                break
            before = run.values[level]
            is_said = answer.impossible or answer.bounds[:1] == [before]
            if last is None or not _is_same(trial, last) or (is_last and not is_said):
                proof = BRIEF if self.is_brief else PROOF
                answer, last = self.search_guess(trial, proof if is_last else GUESS), trial
            self.conclude(least, answer)
            if is_last:
                break
            guess = max(1, 2 * guess) if run.values[level] == before else top - self.weigh()

    def search_guess(self, trial: Relaxation, work: float) -> CoreAnswer:
        """Look for the level and all behind it together, if these end the list; else, or where that does not end, alone."""
        ahead = self.list_ahead()
        if self.together and len(ahead) > 1 and count_open(trial) > FEW:
            answer = self.search(trial, TOGETHER, ahead=ahead)
            self.together = answer.impossible or (answer.chosen is not None and None not in answer.bounds)
            if self.together:
                return answer
        return self.search(trial, work)

    def list_ahead(self) -> list[int]:
        """The level and those behind it; itself alone where a worst level is among them."""
        levels = self.run.model.levels
        is_mixed = any(each.worst for each in levels[self.level :])
        return [self.level] if is_mixed else list(range(self.level, len(levels)))

    def decide(self, trial: Relaxation, least: int | None, work: float, nodes: int = NODES) -> None:
        """Look for the best plan of ``trial``; what is outside weighs less than ``least`` (None: nothing is)."""
        self.conclude(least, self.search(trial, work, nodes))

    def search(
        self, trial: Relaxation, work: float, nodes: int = NODES, ahead: list[int] | None = None
    ) -> CoreAnswer:
        """Look for the best plan of ``trial`` on the level, or on the levels ``ahead`` from it on, and offer it."""
        run, model, level = self.run, self.run.model, self.level
        open_units = choices(trial)
        if int(open_units.sum()) > BRANCH:
            return CoreAnswer(None)
        settled = np.full(model.units, -1, dtype=np.int64)
        single = np.flatnonzero(trial.active & ~open_units[model.column_unit])
        settled[model.column_unit[single]] = single
        is_last = level + 1 == len(model.levels)  # what another one leaves open loosens the bounds below it
        slack = NEAR_ENOUGH * run.params.gap * abs(run.values[level]) if is_last else 0.0
        work = BRANCHING if count_open(trial) <= FEW else work
        core = Core(open_units, trial, settled, run.chosen, slack=slack, work=work)
        if ahead is None:
            answer = solve_core(run, core, [level], self.kept, nodes)
        else:
            answer = solve_together(run, core, ahead, self.kept)
        if answer.chosen is not None:
            run.offer(answer.chosen)
        return answer

    def conclude(self, least: int | None, answer: CoreAnswer) -> None:
        """Lower the bound to the larger of what a search proved and what is outside of it.

        What it proved of the levels behind holds where all that is outside is worse before these.
        """
        inside = answer.bounds[0] if answer.bounds else None
        if inside is None and not answer.impossible:
            return
        total = None if inside is None else self.weigh_earlier() + self.block.weights[-1] * inside
        proven = [] if total is None else [total]
        proven += [] if least is None else [least - 1]
        if proven:
            self.lower(max(proven))
        if total is None or (least is not None and total < least):
            return
        for behind, each in enumerate(answer.bounds[1:], self.level + 1):
            if each is not None:
                known = self.run.bounds[behind]
                self.run.bounds[behind] = each if known is None else min(known, each)

    def lower(self, total: int) -> None:
        """Lower the level's bound: no plan weighs more than ``total`` on the block."""
        proven = (total - self.weigh_earlier()) // self.block.weights[-1]
        old = self.run.bounds[self.level]
        self.run.bounds[self.level] = proven if old is None else min(proven, old)

    def weigh_earlier(self) -> int:
        return weigh(self.run, Block(self.block.levels[:-1], self.block.weights[:-1]))


def _within(relaxation: Relaxation, found: Bound, least: int) -> Relaxation:
    """Return what plans of at least ``least`` can use."""
    trial = relaxation.copy()
    tighten(trial, found, least)
    return trial


def _is_same(one: Relaxation, two: Relaxation) -> bool:
    """Whether two relaxations of one night, with the same levels kept, leave the same."""
    return bool(
        (one.active == two.active).all() and (one.must == two.must).all() and (one.equal == two.equal).all()
    )
