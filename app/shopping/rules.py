"""What could be had more of: one increment a class, in the solver's terms; what a partner offers. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from app.models.enums import CapacityKind
from app.options.facts import CareClass, Cell
from app.planning.facts import Snapshot
from app.planning.problem import Task
from app.policies.rules import Policies

MOST_CLASSES = 24
"""Increments to choose from: the classes that most unmet needs could use. More only make the choice slower."""

OF_A_ROOM: Final = frozenset({CapacityKind.places, CapacityKind.meals, CapacityKind.seats})
"""What a larger room, or a second pot, has more of."""


@dataclass(frozen=True)
class Offer:
    """What a partner offers to a class: room for so many more people, and so many volunteers, on weekdays (a mask)."""

    class_code: str
    weekdays: int
    room: int
    volunteers: int


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


def count_adds(offer: Offer, kinds: Collection[CapacityKind], policies: Policies) -> dict[CapacityKind, int]:
    """Return what an offer adds of each kind that the class counts, on each day; what a volunteer gives is policy."""
    gives = policies.get("volunteer_gives")
    found = {
        kind: offer.room if kind in OF_A_ROOM else offer.volunteers * int(gives.get(kind.value, 0))
        for kind in CapacityKind
        if kind in kinds
    }
    return {kind: amount for kind, amount in found.items() if amount}


def list_cells_of(care_class: CareClass, offer: Offer, on: date) -> list[Cell]:
    """Return the cells of a class that an offer strengthens: those of its weekdays that are not over by `on`."""
    return [
        cell
        for (weekday, _), cells in care_class.cells.items()
        if offer.weekdays >> weekday & 1
        for cell in cells
        if cell.valid_to is None or cell.valid_to >= on
    ]


def widen(snapshot: Snapshot, cell_ids: Collection[int], adds: Mapping[CapacityKind, int]) -> Snapshot:
    """Return the record as it would be with more room in some cells, on every date."""
    ground = snapshot.ground
    services = {
        kind: [
            replace(service, classes=[_widen_class(each, cell_ids, adds) for each in service.classes])
            for service in found
        ]
        for kind, found in ground.services.items()
    }
    flat = [service for found in services.values() for service in found]
    classes = [care_class for service in flat for care_class in service.classes]
    return replace(
        snapshot,
        ground=replace(ground, services=services),
        slot_capacities={
            key: amount + (adds.get(key[2], 0) if key[0] in cell_ids else 0)
            for key, amount in snapshot.slot_capacities.items()
        },
        service_of_class={each.id: service for service in flat for each in service.classes},
        class_by_id={each.id: each for each in classes},
        cell_by_id={cell.id: cell for each in classes for cells in each.cells.values() for cell in cells},
    )


def _widen_class(
    care_class: CareClass, cell_ids: Collection[int], adds: Mapping[CapacityKind, int]
) -> CareClass:
    def widen_cell(cell: Cell) -> Cell:
        more = {kind: amount + adds.get(kind, 0) for kind, amount in cell.capacities.items()}
        return replace(cell, capacities=more) if cell.id in cell_ids else cell

    cells = {key: [widen_cell(cell) for cell in found] for key, found in care_class.cells.items()}
    return replace(care_class, cells=cells)
