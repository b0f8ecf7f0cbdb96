"""Works the shopping list out beside the plan in force: nobody is moved, nothing is written to the record."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app import clock
from app.db import Database
from app.models.enums import CapacityKind
from app.planning.child import Limits, Report, ask, solve
from app.planning.entries import Entry, Share, list_entries, split_by_problem
from app.planning.errors import NoPlan
from app.planning.facts import Snapshot
from app.planning.problem import Task, build_task
from app.planning.snapshot import take_snapshot
from app.shopping.errors import NothingUnmet
from app.shopping.rules import Increment, list_increments

FILE = "shopping-list.json"
SECONDS = 30.0
"""Each solve's deadline; the whole of a subdistrict takes about ten."""


@dataclass(frozen=True)
class Bought:
    """One increment of the list, and the needs it would place there."""

    class_code: str
    weekdays: int
    amounts: Mapping[CapacityKind, int]
    need_ids: list[int]


@dataclass(frozen=True)
class ShoppingList:
    """At most `budget` increments that serve the most by the published order, nobody being moved for it."""

    budget: int
    made_at: str
    unmet: int
    """Needs that are unplaced today and have an option somewhere."""
    without: int
    """Of these, how many would be placed tonight even without any increment."""
    bought: list[Bought]
    elsewhere: list[int]
    """Needs that get a place somewhere else in the course of it."""
    is_proven: bool
    """Whether no other choice of as many of the increments looked at can do better."""

    @property
    def served(self) -> int:
        """How many needs the increments place."""
        return sum(len(each.need_ids) for each in self.bought) + len(self.elsewhere)


def work_out(database: Database, folder: Path, budget: int, report: Report) -> ShoppingList:
    """Return the best `budget` increments for the needs that are unmet now, and keep the list in the data folder.

    Raises `NothingUnmet` where no unmet need has an option, `NoPlan` where the solver does not answer.
    """
    report("snapshot", 0.0)
    with database.reading() as session:
        snapshot = take_snapshot(session, clock.tomorrow())
    report("problem", 0.2)
    task, limits = build_whole(snapshot), get_limits(snapshot)
    with tempfile.TemporaryDirectory(prefix="carematch-shopping-") as name:
        work = Path(name)
        report("solve", 0.4)
        plan = solve(task, work, limits, None, lambda _step, _share: None)
        increments = list_increments(task, plan.placements)
        if not increments:
            raise NothingUnmet
        report("choose", 0.6)
        answer = _ask(work, increments, budget, limits)
    made = _read(task, plan.placements, increments, answer, budget)
    _keep(folder / FILE, made)
    return made


def get_limits(snapshot: Snapshot) -> Limits:
    """Return the limits of one solve: the night's memory, a deadline that somebody at a desk can wait for."""
    return Limits(SECONDS, int(snapshot.ground.policies.get("solver_memory_mib")))


def build_whole(snapshot: Snapshot) -> Task:
    """Return one problem of everybody: who has a place keeps it, whether told or not; all others are free."""
    held = {need_id: replace(each, is_pinned=True) for need_id, each in snapshot.held.items()}
    seen = replace(snapshot, held=held)
    shares, _waiting = split_by_problem(seen, list_entries(seen))
    everybody: dict[int, Entry] = {entry.need.id: entry for share in shares for entry in share.entries}
    return build_task(seen, Share(None, list(everybody.values())))


def _ask(work: Path, increments: list[Increment], budget: int, limits: Limits) -> dict[str, Any]:
    """Let the solver choose, in a process of its own like every solve: the choice, then the check of it."""
    wanted = work / "increments.json"
    wanted.write_text(json.dumps([each.to_document() for each in increments]), encoding="utf-8")
    words = ["shopping", str(work / "welfare.problem.json"), str(work / "welfare.plan.json"), str(wanted)]
    answer: dict[str, Any] = ask([*words, "--budget", str(budget)], work / "answer.json", limits, solves=2)
    if answer["outcome"] not in {"optimal", "feasible"}:
        raise NoPlan(reason=str(answer["outcome"]), detail="shopping")
    return answer


def _read(
    task: Task, placed: Mapping[str, str], increments: list[Increment], answer: dict[str, Any], budget: int
) -> ShoppingList:
    need_ids: dict[str, list[int]] = {code: [] for code in answer["bought"]}
    elsewhere: list[int] = []
    for code, option in answer["served"].items():
        at = task.places[code][option].care_class.code
        need_ids.get(at, elsewhere).append(task.entries[code].need.id)
    pinned = {request.id for request in task.problem.requests if request.pinned}
    by_code = {each.class_code: each for each in increments}
    return ShoppingList(
        budget=budget,
        made_at=clock.now().isoformat(),
        unmet=sum(1 for r in task.problem.requests if r.options and r.id not in pinned),
        without=len(placed.keys() - pinned),
        bought=[
            Bought(code, by_code[code].weekdays, by_code[code].amounts, ids)
            for code, ids in sorted(need_ids.items(), key=lambda row: (-len(row[1]), row[0]))
        ],
        elsewhere=elsewhere,
        is_proven=answer["proven"],
    )


def _keep(path: Path, made: ShoppingList) -> None:
    """Write the list whole or not at all; only the owner may read it."""
    document = {
        "budget": made.budget,
        "made_at": made.made_at,
        "unmet": made.unmet,
        "without": made.without,
        "elsewhere": made.elsewhere,
        "is_proven": made.is_proven,
        "bought": [
            {
                "class_code": each.class_code,
                "weekdays": each.weekdays,
                "amounts": {kind.value: amount for kind, amount in each.amounts.items()},
                "need_ids": each.need_ids,
            }
            for each in made.bought
        ],
    }
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".shopping-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file)
    Path(name).replace(path)


def read_kept(folder: Path) -> ShoppingList | None:
    """Return the list that was worked out last, if there is one that can be read."""
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        bought = [
            Bought(
                row["class_code"],
                row["weekdays"],
                {CapacityKind(kind): amount for kind, amount in row["amounts"].items()},
                row["need_ids"],
            )
            for row in document.pop("bought")
        ]
        return ShoppingList(bought=bought, **document)
    except (OSError, ValueError, KeyError, TypeError):
        return None
