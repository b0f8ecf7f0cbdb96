"""A round in which nobody may block, as a linear programme over what is still open; its relaxation is nearly whole.

One row per claim, after Baiou and Balinski (2000) with room for ties and amounts: a party that has neither this combination
nor a better one is compensated by others of at least its priority who fill the resource:
``W x (this or better) + what such others use >= W``, W being what they have to use. Where a combination needs several
resources, one helper column per resource says "full". It builds; `solver.welfare.integers` solves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from solver.welfare.integers import ENDLESS, EXACT_IN_DOUBLES, NONE, SIDES, Whole, solve_whole

if TYPE_CHECKING:
    from solver.stable.levels import Counted
    from solver.stable.reduce import Market
    from solver.welfare.integers import WholeAnswer

LARGEST_COST = 1e10
MOST_ENTRIES = 500_000  # beyond, presolving alone takes many seconds, and no limit ends it
NODES = 3_000  # branches of one level; counted, so that a plan is the same on any machine


@dataclass(slots=True)
class Programme:
    """Binary columns and whole-number rows.

    Attributes
    ----------
    columns : dict of (party, choice) -> column
        Only of parties with more than one open combination.
    fixed : dict of party -> choice
    size : int
        Columns with the helpers.

    """

    market: Market
    columns: dict[tuple[int, int], int] = field(default_factory=dict)
    fixed: dict[int, int] = field(default_factory=dict)
    size: int = 0
    helpers: dict[int, tuple[list[tuple[int, int]], int]] = field(default_factory=dict)
    rows: list[list[tuple[int, int]]] = field(default_factory=list)
    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)

    def add_row(self, entries: list[tuple[int, int]], lower: int, upper: int) -> None:
        """Add ``lower <= sum of amount x column <= upper``."""
        self.rows.append(entries)
        self.lower.append(lower)
        self.upper.append(upper)

    def keep_level(self, level: Counted, value: int) -> None:
        """Bind a level at ``value`` from now on."""
        if level.worst:
            above = [c for (party, choice), c in self.columns.items() if level.worth[party][choice] > value]
            self.add_row([(column, 1) for column in above], NONE, 0)
            return
        entries = [(c, level.worth[p][k]) for (p, k), c in self.columns.items() if level.worth[p][k]]
        self.add_row(entries, value - self._get_fixed(level), ENDLESS)

    def raise_level(
        self, level: Counted, chosen: list[int], seed: int, seconds: float
    ) -> tuple[list[int] | None, int | None, bool]:
        """Maximise a sum level from ``chosen`` on: the best plan found, a proven bound, whether all was decided.

        Nothing is tried where doubles do not hold the numbers exactly enough, or where nobody could stop HiGHS in time.
        """
        cost = np.zeros(self.size, dtype=np.int64)
        for (party, choice), column in self.columns.items():
            cost[column] = level.worth[party][choice]
        whole = self._write(cost)
        if whole.matrix.nnz > MOST_ENTRIES or not _is_exact(whole):
            return None, None, False
        answer = solve_whole(whole, seed, seconds, NODES, self._start(chosen))
        bound = None if answer.bound is None else answer.bound + self._get_fixed(level)
        return self._read(answer, chosen), bound, answer.status == "optimal"

    def _write(self, cost: Any) -> Whole:
        counts = [len(row) for row in self.rows]
        places = np.array([column for row in self.rows for column, _ in row], dtype=np.int64)
        amounts = np.array([amount for row in self.rows for _, amount in row], dtype=np.int64)
        matrix = sparse.csr_array(
            (amounts, places, np.concatenate([[0], np.cumsum(counts)])), shape=(len(counts), self.size)
        )
        return Whole(cost, matrix, np.array(self.lower, dtype=np.int64), np.array(self.upper, dtype=np.int64))

    def _start(self, chosen: list[int]) -> Any:
        start = np.zeros(self.size, dtype=np.int64)
        for (party, choice), column in self.columns.items():
            start[column] = chosen[party] == choice
        for column, (entries, wanted) in self.helpers.items():
            start[column] = sum(amount * int(start[other]) for other, amount in entries) >= wanted
        return start

    def _read(self, answer: WholeAnswer, chosen: list[int]) -> list[int] | None:
        if answer.x is None:
            return None
        taken = answer.x.tolist()
        found = list(chosen)
        for party, choice in self.fixed.items():
            found[party] = choice
        for (party, choice), column in self.columns.items():
            if taken[column]:
                found[party] = choice
        return found

    def _get_fixed(self, level: Counted) -> int:
        return sum(level.worth[party][choice] for party, choice in self.fixed.items())


def _is_exact(whole: Whole) -> bool:
    sides = np.concatenate([whole.lower[whole.lower != NONE], whole.upper[whole.upper != ENDLESS]])
    numbers = max(int(np.abs(part).max(initial=0)) for part in (whole.matrix.data, whole.cost))
    return (
        numbers <= EXACT_IN_DOUBLES
        and int(np.abs(sides).max(initial=0)) <= SIDES
        and float(np.abs(whole.cost.astype(np.float64)).sum()) < LARGEST_COST
    )


def build_programme(market: Market) -> Programme:
    """Build the programme of all plans in which nobody blocks; `solver.stable.reduce.settle` closed what it could."""
    made = Programme(market)
    for party in range(len(market.parties)):
        choices = market.list_alive(party)
        if len(choices) == 1:
            made.fixed[party] = choices[0]
            continue
        first = made.size
        for choice in choices:
            made.columns[party, choice] = made.size
            made.size += 1
        made.add_row([(column, 1) for column in range(first, made.size)], 1, 1)
    shelves = [_Shelf.fill(made, resource) for resource in range(len(market.capacity))]
    for shelf in shelves:
        if sum(amount for _, amount, _, _ in shelf.open) > shelf.room:
            made.add_row([(column, amount) for _, amount, column, _ in shelf.open], NONE, shelf.room)
    for party, facts in enumerate(market.parties):
        if facts.blocks:
            _add_claims(made, shelves, party)
    return made


@dataclass(slots=True)
class _Shelf:
    """One resource: open entries (priority, amount, column, party), fixed ones (priority, amount, party), room for the open."""

    open: list[tuple[int, int, int, int]] = field(default_factory=list)
    fixed: list[tuple[int, int, int]] = field(default_factory=list)
    room: int = 0

    @staticmethod
    def fill(made: Programme, resource: int) -> _Shelf:
        """Sort a resource's entries into open and fixed ones."""
        shelf = _Shelf(room=made.market.capacity[resource])
        for priority, amount, party, choice in made.market.entries[resource]:
            if made.fixed.get(party) == choice:
                shelf.fixed.append((priority, amount, party))
                shelf.room -= amount
            elif (column := made.columns.get((party, choice))) is not None:
                shelf.open.append((priority, amount, column, party))
        return shelf


def _add_claims(made: Programme, shelves: list[_Shelf], party: int) -> None:
    market = made.market
    reached: list[int] = []
    for choice in range(market.list_alive(party)[-1]):  # whoever gets the last one left has nothing worse
        if market.alive[party][choice]:
            reached.append(made.columns[party, choice])
        elif market.is_harmless(party, choice):
            continue
        reasons = []
        for resource, need, lowest in market.parties[party].claims[choice]:
            others = [(c, a) for p, a, c, who in shelves[resource].open if p >= lowest and who != party]
            taken = sum(a for p, a, who in shelves[resource].fixed if p >= lowest and who != party)
            wanted = market.capacity[resource] - taken - need + 1
            if wanted <= 0:
                break  # full of others, whatever happens
            if sum(amount for _, amount in others) >= wanted:
                reasons.append((others, wanted))
        else:
            _add_claim(made, reached, reasons)


def _add_claim(made: Programme, reached: list[int], reasons: list[tuple[list[tuple[int, int]], int]]) -> None:
    """One of ``reached`` is taken, or one of the resources is full of ``wanted`` or more."""
    if len(reasons) == 1:
        others, wanted = reasons[0]
        made.add_row([*((column, wanted) for column in reached), *others], wanted, ENDLESS)
        return
    helpers = []
    for others, wanted in reasons:
        made.helpers[made.size] = (others, wanted)
        made.add_row([(made.size, -wanted), *others], 0, ENDLESS)
        helpers.append(made.size)
        made.size += 1
    made.add_row([(column, 1) for column in [*reached, *helpers]], 1, ENDLESS)
