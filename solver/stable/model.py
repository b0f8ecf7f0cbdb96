"""The exact model of a stable round for CP-SAT: one Boolean per party and open combination, "full" as Booleans.

Variables per family and joint choice follow Sun et al., *Stable Matchings in Practice: A Constraint Programming
Approach* (AAAI 2024): a combination does not block where the party has it or a better one, or where one of its
resources is full of those who count at least as high. It builds; `solver.stable.search` runs it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ortools.sat.python import cp_model

    from solver.stable.reduce import Market

    Literal = cp_model.IntVar


@dataclass(slots=True)
class Model:
    """A model over what is open in a market.

    Attributes
    ----------
    chosen : dict of (party, choice) -> literal
        Only for parties with more than one open combination.
    fixed : dict of party -> choice
    blocking : list of literals
        One per combination that may block; empty where nobody is allowed to.

    """

    market: Market
    cp: cp_model.CpModel
    chosen: dict[tuple[int, int], Literal] = field(default_factory=dict)
    fixed: dict[int, int] = field(default_factory=dict)
    blocking: list[Literal] = field(default_factory=list)

    def clear_hints(self) -> None:
        """Forget where to start."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]

    def clear_objective(self) -> None:
        """Forget what to minimise."""
        self.cp.clear_objective()  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class _Shelf:
    """One resource: open entries, highest priority first, and what fixed parties take of it."""

    priorities: list[int] = field(default_factory=list)  # negated, so that they ascend
    literals: list[Literal] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)
    owners: list[tuple[int, int]] = field(default_factory=list)
    fixed: list[tuple[int, int]] = field(default_factory=list)  # (priority, amount)
    fixed_owners: list[tuple[int, int]] = field(default_factory=list)


def build_model(market: Market) -> Model:
    """Build the model: strict parties of the market may not block, the others' blocking gets literals to be counted.

    Combinations that `settle` closed are left out, with their claims where these can block in no plan.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 - a second to load, and most rounds never need it

    model = Model(market, cp_model.CpModel())
    for party in range(len(market.parties)):
        choices = market.list_alive(party)
        if len(choices) == 1:
            model.fixed[party] = choices[0]
            continue
        for choice in choices:
            model.chosen[party, choice] = model.cp.new_bool_var("")
        model.cp.add_exactly_one([model.chosen[party, choice] for choice in choices])
    shelves = [_fill_shelf(model, resource) for resource in range(len(market.capacity))]
    for resource, shelf in enumerate(shelves):
        room = market.capacity[resource] - sum(amount for _, amount in shelf.fixed)
        if sum(shelf.amounts) > room:
            model.cp.add(cp_model.LinearExpr.weighted_sum(shelf.literals, shelf.amounts) <= room)
    _Claims(model, shelves, cp_model.LinearExpr.weighted_sum).add_all()
    return model


def _fill_shelf(model: Model, resource: int) -> _Shelf:
    shelf = _Shelf()
    for priority, amount, party, choice in model.market.entries[resource]:
        if model.fixed.get(party) == choice:
            shelf.fixed.append((priority, amount))
            shelf.fixed_owners.append((party, choice))
        elif (literal := model.chosen.get((party, choice))) is not None:
            shelf.priorities.append(-priority)
            shelf.literals.append(literal)
            shelf.amounts.append(amount)
            shelf.owners.append((party, choice))
    return shelf


class _Claims:
    """Adds for each open combination that it does not block, or that it is counted."""

    def __init__(self, model: Model, shelves: list[_Shelf], add_up: Callable[..., Any]) -> None:
        self.model = model
        self.add_up = add_up
        self.shelves = shelves
        self.full: dict[tuple[int, int, int, int], Literal | bool] = {}

    def add_all(self) -> None:
        market = self.model.market
        for party, facts in enumerate(market.parties):
            if not facts.blocks:
                continue
            choices = market.list_alive(party)
            reached: list[Literal] = []
            for choice in range(choices[-1]):  # whoever gets the last one left has nothing worse
                if market.alive[party][choice]:
                    reached.append(self.model.chosen[party, choice])
                elif market.is_harmless(party, choice):
                    continue
                self._add_claim(party, choice, reached)

    def _add_claim(self, party: int, choice: int, reached: list[Literal]) -> None:
        reasons = [
            self._find_full(resource, need, lowest, (party, choice))
            for resource, need, lowest in self.model.market.parties[party].claims[choice]
        ]
        if any(reason is True for reason in reasons):
            return
        literals = reached + [reason for reason in reasons if not isinstance(reason, bool)]
        if not self.model.market.strict[party]:
            blocks = self.model.cp.new_bool_var("")
            self.model.blocking.append(blocks)
            literals.append(blocks)
        self.model.cp.add_bool_or(literals)

    def _find_full(self, resource: int, need: int, lowest: int, claim: tuple[int, int]) -> Literal | bool:
        """A literal that may be true only where others of at least ``lowest`` leave less than ``need``."""
        shelf = self.shelves[resource]
        party, choice = claim
        end = bisect_right(shelf.priorities, -lowest)
        # The party's own places count only while it has this combination or a better one: then nothing is asked.
        own = any(who == party and which > choice for who, which in shelf.owners[:end] + shelf.fixed_owners)
        key = (resource, need, lowest, party if own else -1)
        if key in self.full:
            return self.full[key]
        taken = sum(
            amount
            for (priority, amount), (who, _) in zip(shelf.fixed, shelf.fixed_owners, strict=True)
            if priority >= lowest and not (own and who == party)
        )
        wanted = self.model.market.capacity[resource] - taken - need + 1
        if wanted <= 0:
            self.full[key] = True
            return True
        kept = [i for i in range(end) if not own or shelf.owners[i][0] != party]
        if _count_most(shelf, kept, party) < wanted:
            return False  # not kept: another party's own places may tell otherwise
        literal = self.model.cp.new_bool_var("")
        total = self.add_up([shelf.literals[i] for i in kept], [shelf.amounts[i] for i in kept])
        self.model.cp.add(total >= wanted).only_enforce_if(literal)
        self.full[key] = literal
        return literal


def _count_most(shelf: _Shelf, kept: list[int], party: int) -> int:
    """The most that others could take here: each its largest open combination."""
    by_choice: dict[tuple[int, int], int] = {}
    for i in kept:
        if shelf.owners[i][0] != party:
            by_choice[shelf.owners[i]] = by_choice.get(shelf.owners[i], 0) + shelf.amounts[i]
    most: dict[int, int] = {}
    for (who, _), amount in by_choice.items():
        most[who] = max(most.get(who, 0), amount)
    return sum(most.values())
