"""What each level counts for a party's combinations, and how CP-SAT is told to improve or to keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from solver.arrays import Arrays
    from solver.stable.model import Model
    from solver.stable.parties import Party
    from solver.stable.reduce import Market

LARGEST_TOTAL = 2**61  # CP-SAT refuses objectives beyond about this


@dataclass(frozen=True, slots=True)
class Counted:
    """One level: ``worth[party][choice]``, a sum over members or, where ``worst``, the largest."""

    worst: bool
    worth: list[list[int]]

    def get_value(self, chosen: list[int]) -> int:
        """The level's value of a plan (choice per party, -1 for nobody)."""
        values = [self.worth[party][choice] if choice >= 0 else 0 for party, choice in enumerate(chosen)]
        return max(values, default=0) if self.worst else sum(values)

    def is_better(self, value: int, than: int) -> bool:
        return value < than if self.worst else value > than

    def get_easy_bound(self, market: Market | None) -> int:
        """A bound that needs no search: every party at its best open combination (without a market: at its best)."""
        open_worth = self.worth
        if market is not None:
            alive = market.list_alive
            open_worth = [[row[choice] for choice in alive(party)] for party, row in enumerate(self.worth)]
        if self.worst:
            return max((min(row) for row in open_worth), default=0)
        return sum(max(row) for row in open_worth)


def count_levels(arrays: Arrays, parties: list[Party]) -> list[Counted]:
    """All levels of the objective, by party and combination."""
    counted = []
    for level in arrays.levels:
        value = level.value.tolist()
        if level.worst:
            worth = [
                [max((value[o] for o in picks), default=0) for picks in party.picks] for party in parties
            ]
        else:
            worth = [[sum(value[o] for o in picks) for picks in party.picks] for party in parties]
        counted.append(Counted(level.worst, worth))
    return counted


def set_goal(model: Model, level: Counted) -> bool:
    """Make the level the model's objective, to be minimised; False where its numbers are too large to try."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - a second to load, and most rounds never need it

    if level.worst:
        rows: dict[int, list[tuple[cp_model.IntVar, int]]] = {}
        for (party, choice), literal in model.chosen.items():
            if level.worth[party][choice] > 0:
                rows.setdefault(party, []).append((literal, level.worth[party][choice]))
        floor = max((level.worth[party][choice] for party, choice in model.fixed.items()), default=0)
        top = max([floor, *(worth for row in rows.values() for _, worth in row)])
        worst = model.cp.new_int_var(floor, top, "")
        for row in rows.values():
            model.cp.add(cp_model.LinearExpr.weighted_sum(*map(list, zip(*row, strict=True))) <= worst)
        model.cp.minimize(worst)
        return True
    literals, weights = _list_free(model, level)
    if sum(map(abs, weights)) >= LARGEST_TOTAL:
        return False
    model.cp.minimize(cp_model.LinearExpr.weighted_sum(literals, [-weight for weight in weights]))
    return True


def keep_level(model: Model, level: Counted, value: int) -> bool:
    """Bind the level at ``value`` from now on; False where its numbers are too large for the model."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - a second to load, and most rounds never need it

    if level.worst:
        for (party, choice), literal in model.chosen.items():
            if level.worth[party][choice] > value:
                model.cp.add(literal == 0)
        return True
    literals, weights = _list_free(model, level)
    if sum(map(abs, weights)) >= LARGEST_TOTAL:
        return False
    if literals:
        model.cp.add(cp_model.LinearExpr.weighted_sum(literals, weights) >= value - _get_fixed(model, level))
    return True


def get_bound(model: Model, level: Counted, lowest: int) -> int:
    """The level's bound from the proven lower bound of the minimised objective."""
    return lowest if level.worst else _get_fixed(model, level) - lowest


def _get_fixed(model: Model, level: Counted) -> int:
    """What parties without a choice left contribute to a sum."""
    return sum(level.worth[party][choice] for party, choice in model.fixed.items())


def _list_free(model: Model, level: Counted) -> tuple[list[cp_model.IntVar], list[int]]:
    """Literals that count in the sum, with their worth."""
    literals, weights = [], []
    for (party, choice), literal in model.chosen.items():
        if level.worth[party][choice]:
            literals.append(literal)
            weights.append(level.worth[party][choice])
    return literals, weights
