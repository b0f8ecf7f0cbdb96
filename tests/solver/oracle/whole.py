"""The best plan of a document too large to try all plans: its definition as one model of CP-SAT, level after level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from tests.solver.oracle.deciders import list_deciders
from tests.solver.oracle.envy import get_priority

if TYPE_CHECKING:
    from tests.solver.oracle.deciders import Decider, Document, Picks

SECONDS = 20  # for each level; beyond it the document is not judged


class NotJudged(Exception):
    """CP-SAT proved nothing in its time."""


@dataclass
class _Whole:
    """One literal for each combination of each decider; whoever uses a resource, with priority and amount."""

    document: Document
    cp: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    chosen: list[tuple[Decider, list[tuple[Picks, Any]]]] = field(default_factory=list)
    users: dict[str, list[tuple[str, float, int, Any]]] = field(default_factory=dict)

    def build(self, mode: str) -> None:
        self.users = {resource["id"]: [] for resource in self.document["resources"]}
        for decider in list_deciders(self.document, mode):
            literals = [(picks, self.cp.new_bool_var("")) for picks in decider.accepted]
            self.cp.add_exactly_one([literal for _, literal in literals])
            self.chosen.append((decider, literals))
            requests = {member["id"]: member for member in decider.members}
            for picks, literal in literals:
                for name, option in picks.items():
                    for resource, amount in option["uses"].items():
                        priority = get_priority(requests[name], option)
                        self.users[resource].append((decider.id, priority, amount, literal))
        for resource in self.document["resources"]:
            used = sum(amount * literal for _, _, amount, literal in self.users[resource["id"]])
            self.cp.add(used <= resource["capacity"])

    def count_blocking(self) -> Any:
        """Literals of the combinations that block, each forced up where its definition holds."""
        return sum(
            self._block(decider, literals, place)
            for decider, literals in self.chosen
            if not decider.is_pinned
            for place, (picks, _) in enumerate(literals)
            if picks
        )

    def _block(self, decider: Decider, literals: list[tuple[Picks, Any]], place: int) -> Any:
        picks = literals[place][0]
        requests = {member["id"]: member for member in decider.members}
        blocks = self.cp.new_bool_var("")
        holds = [sum(literal for _, literal in literals[place + 1 :])]  # got one that is liked less
        for resource in self.document["resources"]:
            using = [
                (get_priority(requests[name], option), option["uses"][resource["id"]])
                for name, option in picks.items()
                if option["uses"].get(resource["id"])
            ]
            if not using:
                continue
            lowest, needed = min(priority for priority, _ in using), sum(amount for _, amount in using)
            in_the_way = sum(
                amount * literal
                for other, priority, amount, literal in self.users[resource["id"]]
                if other != decider.id and priority >= lowest
            )
            full = self.cp.new_bool_var("")  # may only be true where it is: the fewest are looked for
            self.cp.add(in_the_way >= resource["capacity"] - needed + 1).only_enforce_if(full)
            holds.append(1 - full)
        self.cp.add(blocks >= sum(holds) - len(holds) + 1)
        return blocks

    def close(self, expression: Any, *, smallest: bool) -> int:
        """Solve for one value and keep it; raises `NotJudged`, and ValueError where no plan exists."""
        if smallest:
            self.cp.minimize(expression)
        else:
            self.cp.maximize(expression)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = SECONDS
        solver.parameters.num_workers = 2
        status = solver.solve(self.cp)
        if status == cp_model.INFEASIBLE:
            raise ValueError("no plan keeps the rules")
        if status != cp_model.OPTIMAL:
            raise NotJudged
        value = round(solver.objective_value)
        self.cp.add(expression <= value if smallest else expression >= value)
        return value

    def value(self, level: Document) -> tuple[Any, bool]:
        """(expression, whether smaller is better) of a level."""
        if "worst" not in level:
            return sum(
                weight * option.get("terms", {}).get(term, 0) * literal
                for _, literals in self.chosen
                for picks, literal in literals
                for option in picks.values()
                for term, weight in level["sum"].items()
            ), False
        pairs = [
            (option.get("terms", {}).get(level["worst"], 0), literal)
            for _, literals in self.chosen
            for picks, literal in literals
            for option in picks.values()
        ]
        worst = self.cp.new_int_var(0, max((value for value, _ in pairs), default=0), "")
        for value, literal in pairs:
            self.cp.add(worst >= value).only_enforce_if(literal)
        return worst, True


def find_best(document: Document, mode: str) -> tuple[int | None, list[int]] | None:
    """(Fewest blocking combinations, None in welfare mode; best level values), or None where no plan keeps the rules."""
    whole = _Whole(document)
    whole.build(mode)
    try:
        blocking = whole.close(whole.count_blocking(), smallest=True) if mode == "stable" else None
        values = []
        for level in document["objective"]:
            expression, smallest = whole.value(level)
            values.append(whole.close(expression, smallest=smallest))
    except ValueError:
        return None
    return blocking, values
