"""What could be had more of: one increment a class, in the solver's terms. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.models.enums import CapacityKind
from app.planning.problem import Task

MOST_CLASSES = 24
"""Increments to choose from: the classes that most unmet needs could use. More only make the choice slower."""


@dataclass(frozen=True)
class Increment:
    """Room for one more person in a class: what that adds to each of its dated segments."""

    class_code: str
    adds: dict[str, int]
    amounts: dict[CapacityKind, int]
    """The same by kind: what it takes to have room for one more."""
    weekdays: int
    """On which weekdays, as a mask."""
    could_use: int
    """Unmet needs that have an option there."""

    def to_document(self) -> dict[str, Any]:
        """Return the increment as the solver reads it; each costs one."""
        return {"id": self.class_code, "adds": self.adds}


def list_increments(task: Task, placed: Collection[str], only: str | None = None) -> list[Increment]:
    """Return increments for the needs of a problem that its plan leaves unplaced, the most wanted class first.

    An increment is room for one more of those needs, by the largest amount that any of them uses: places, the carer's
    minutes, meals and rounds together, on every weekday that they ask for. `only` names one class.
    """
    known = {resource.id for resource in task.problem.resources}
    adds: dict[str, dict[str, int]] = defaultdict(dict)
    amounts: dict[str, dict[CapacityKind, int]] = defaultdict(dict)
    weekdays: Counter[str] = Counter()
    could_use: Counter[str] = Counter()
    for request in task.problem.requests:
        if request.id in placed:
            continue
        places = task.places[request.id].values()
        could_use.update({place.care_class.code for place in places})
        for place in places:
            code = place.care_class.code
            weekdays[code] |= place.weekdays
            for name, amount in place.uses.items():
                kind = name.partition("@")[0].rpartition("/")[2]
                if name in known and "@" in name and kind in CapacityKind.__members__:
                    adds[code][name] = max(amount, adds[code].get(name, 0))
                    most = amounts[code].get(CapacityKind(kind), 0)
                    amounts[code][CapacityKind(kind)] = max(amount, most)
    chosen = sorted(
        (code for code in adds if only in (None, code)), key=lambda code: (-could_use[code], code)
    )
    return [
        Increment(code, adds[code], amounts[code], weekdays[code], could_use[code])
        for code in chosen[:MOST_CLASSES]
    ]
