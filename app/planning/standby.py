"""The standby order: who is offered a freed long-term place of a full class first, in the published order. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.models.enums import ProposalOutcome, Reason
from app.planning.problem import Task
from app.planning.reasons import Decision


@dataclass(frozen=True, slots=True)
class Standby:
    """One row of a class's order; the members of a group that goes together share the group's turn."""

    class_id: int
    rank: int
    need_id: int


def list_standby(task: Task, decisions: Iterable[Decision], length: int) -> list[Standby]:
    """Return for each full class the next needs that one freed place would complete: everything else of theirs fits."""
    waiting: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.outcome is not ProposalOutcome.unplaced:
            continue
        by_code = {
            place.care_class.code: place.care_class.id
            for place in task.places[decision.entry.need.code].values()
        }
        full = {row["class"] for row in decision.options if row["reason"] == Reason.full and "class" in row}
        for code in full:
            waiting[by_code[code]].append(decision)
    return [
        Standby(class_id, rank, decision.entry.need.id)
        for class_id, found in sorted(waiting.items())
        for rank, decision in enumerate(sorted(found, key=lambda each: each.entry.order)[:length], 1)
    ]


def merge_standby(rows: Iterable[Standby], length: int) -> list[Standby]:
    """Return one order a class where several problems of a night listed it: whom an earlier problem decides is first."""
    by_class: dict[int, list[Standby]] = defaultdict(list)
    for row in rows:
        by_class[row.class_id].append(row)
    return [
        Standby(class_id, rank, row.need_id)
        for class_id, found in sorted(by_class.items())
        for rank, row in enumerate(found[:length], 1)
    ]
