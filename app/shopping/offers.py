"""A partner's offer (a room, two volunteers, Wednesdays): whom it would serve. Nobody is moved, nothing is written.

Answered by solving twice beside the plan in force: as things are, and with what is offered.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import clock
from app.db import Database
from app.models.enums import CapacityKind, Reason
from app.planning.child import Limits, Report, solve
from app.planning.facts import Snapshot
from app.planning.reasons import Decision, decide
from app.planning.snapshot import take_snapshot
from app.shopping.commands import build_whole, get_limits
from app.shopping.errors import NothingCounts, NothingOffered, NotThere
from app.shopping.rules import Offer, count_adds, list_cells_of, widen


@dataclass(frozen=True)
class Answer:
    """Whom an offer would serve, and what would still be short there."""

    offer: Offer
    adds: Mapping[CapacityKind, int]
    """What the offer counts as, on each of its days."""
    unmet: int
    """Needs that would have no place tonight without it, but an option somewhere."""
    served: Sequence[int]
    """Needs that get a place in the class."""
    elsewhere: Sequence[int]
    """Needs that get a place elsewhere in the course of it."""
    not_any_more: int
    """Needs that would find a place tonight without it and not with it: others come before them by the order."""
    still_short: Sequence[tuple[CapacityKind, int]]
    """What the class lacks even then, and for how many needs; the most often first."""
    is_proven: bool


def answer_offer(database: Database, offer: Offer, report: Report) -> Answer:
    """Return whom an offer would serve. Raises `NothingOffered`, `NotThere`, `NothingCounts`, `NoPlan`."""
    if not offer.weekdays or not (offer.room or offer.volunteers):
        raise NothingOffered
    report("snapshot", 0.0)
    with database.reading() as session:
        snapshot = take_snapshot(session, clock.tomorrow())
    limits = get_limits(snapshot)
    care_class = next((one for one in snapshot.class_by_id.values() if one.code == offer.class_code), None)
    cells = [] if care_class is None else list_cells_of(care_class, offer, snapshot.effective_on)
    if care_class is None or not cells:
        raise NotThere
    adds = count_adds(offer, care_class.kinds, snapshot.ground.policies)
    if not adds:
        raise NothingCounts
    report("solve", 0.2)
    before = _solve(snapshot, limits)
    report("offer", 0.6)
    after = _solve(widen(snapshot, {cell.id for cell in cells}, adds), limits)
    new = sorted(after.placed.keys() - before.placed.keys())
    return Answer(
        offer=offer,
        adds=adds,
        unmet=before.unmet,
        served=[after.need_ids[code] for code in new if after.placed[code] == offer.class_code],
        elsewhere=[after.need_ids[code] for code in new if after.placed[code] != offer.class_code],
        not_any_more=len(before.placed.keys() - after.placed.keys()),
        still_short=_find_short(after.decisions, offer.class_code),
        is_proven=before.is_proven and after.is_proven,
    )


@dataclass(frozen=True)
class _Night:
    """What one solve decided."""

    placed: Mapping[str, str]
    """By need code the class that it got or keeps."""
    need_ids: Mapping[str, int]
    decisions: Sequence[Decision]
    unmet: int
    is_proven: bool


def _solve(snapshot: Snapshot, limits: Limits) -> _Night:
    task = build_whole(snapshot)
    with tempfile.TemporaryDirectory(prefix="carematch-offer-") as folder:
        plan = solve(task, Path(folder), limits, None, lambda _step, _share: None)
    decisions = decide(task, plan)
    return _Night(
        placed={code: task.places[code][option].care_class.code for code, option in plan.placements.items()},
        need_ids={code: entry.need.id for code, entry in task.entries.items()},
        decisions=decisions,
        unmet=sum(one.place is None and bool(task.places[one.entry.need.code]) for one in decisions),
        is_proven=plan.outcome == "optimal",
    )


def _find_short(decisions: Sequence[Decision], class_code: str) -> list[tuple[CapacityKind, int]]:
    short: Counter[CapacityKind] = Counter()
    for decision in decisions:
        if decision.place is not None:
            continue
        kinds = {
            option["resource"].partition("@")[0].rpartition("/")[2]
            for option in decision.options
            if option.get("class") == class_code and option["reason"] == Reason.full.value
        }
        short.update(CapacityKind(kind) for kind in kinds if kind in CapacityKind.__members__)
    return sorted(short.items(), key=lambda row: (-row[1], row[0]))
