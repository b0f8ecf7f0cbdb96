"""Why each need got what it got, option by option, in bulk and true: computed from the problem and the plan.

`full`: added to this plan the option exceeds a resource by so much. `double_booked`: the resource is a person's own
time. `group`: it fits, and the rule of the group forbids it. `outweighed`: it fits, and the plan is better without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.models.enums import ProposalOutcome, Reason
from app.options.build import Choice
from app.options.facts import Refusal
from app.options.reach import rank_trip
from app.planning.entries import Entry
from app.planning.household import ALLOWANCES
from app.planning.places import Place
from app.planning.problem import Task
from solver import Plan

MOST_SHOWN: Final = 12
HOPE: Final = (
    Reason.full,
    Reason.double_booked,
    Reason.group,
    Reason.outweighed,
    Reason.too_far,
    Reason.no_way_down,
    Reason.escort_missing,
    Reason.quota_used_up,
    Reason.not_on_these_days,
    Reason.care_grade_expired,
    Reason.care_grade_missing,
)
"""Which reason stands for a need whose options fail for several: the one closest to a place comes first."""


FOR_OTHERS: Final = frozenset(
    {
        Reason.needs_cognition_flag,
        Reason.not_for_cognition,
        Reason.too_young,
        Reason.too_old,
        Reason.outside_area,
    }
)
"""Reasons of a site that is meant for other people: that it stands near explains nothing, and nobody can mend it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the night decided for one need."""

    entry: Entry
    outcome: ProposalOutcome
    reason: Reason
    place: Place | None
    task: str
    """Name of the problem that decided it."""
    options: Sequence[Mapping[str, Any]] = field(default_factory=list)


def decide(task: Task, plan: Plan) -> list[Decision]:
    """Return a decision for every need that the problem decides, by code."""
    usage = _Usage(task, plan)
    return [_decide_one(task, plan, entry, usage) for entry in task.decided]


class _Usage:
    """How much of each resource the plan uses, and the lowest class that got some of it."""

    def __init__(self, task: Task, plan: Plan) -> None:
        self.left = {resource.id: resource.capacity for resource in task.problem.resources}
        self.lowest_class: dict[str, int] = {}
        for need_code, option_id in plan.placements.items():
            entry = task.entries[need_code]
            for name, amount in task.places[need_code][option_id].uses.items():
                if name not in self.left:
                    continue  # limits nobody
                self.left[name] -= amount
                if not entry.is_fixed:
                    self.lowest_class[name] = min(entry.class_, self.lowest_class.get(name, 9))

    def find_full(self, place: Place, own: Mapping[str, int]) -> tuple[str, int] | None:
        """Return the resource that the place exceeds the most, and by how much."""
        worst: tuple[str, int] | None = None
        for name, amount in place.uses.items():
            if name not in self.left:
                continue
            short = amount - self.left[name] - own.get(name, 0)
            if short > 0 and (worst is None or short > worst[1]):
                worst = (name, short)
        return worst


def _decide_one(task: Task, plan: Plan, entry: Entry, usage: _Usage) -> Decision:
    code = entry.need.code
    places = task.places[code]
    got = plan.placements.get(code)
    place = places[got] if got is not None else None
    own = place.uses if place is not None else {}
    rows = [
        _explain(each, place, usage, own, has_group=entry.need.group_id is not None)
        for each in places.values()
    ]
    outcome = _name_outcome(entry, place)
    reason = Reason.placed if place is not None else choose_reason(rows, task.choices[code])
    return Decision(
        entry, outcome, reason, place, task.share.name, [*rows, *_list_excluded(task.choices[code])]
    )


def _name_outcome(entry: Entry, place: Place | None) -> ProposalOutcome:
    if place is None:
        return ProposalOutcome.unplaced
    if entry.held is None:
        return ProposalOutcome.placed
    return ProposalOutcome.kept if place.is_held else ProposalOutcome.moved


def _explain(
    each: Place, place: Place | None, usage: _Usage, own: Mapping[str, int], *, has_group: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "class": each.care_class.code,
        "service": each.service.code,
        "weekdays": each.weekdays,
        "part": each.part.value,
        "starts_on": each.starts_on.isoformat(),
        "metres": each.metres,
    }
    if each is place:
        return row | {"reason": Reason.placed.value}
    if place is not None:
        return row | {"reason": Reason.less_preferred.value}
    full = usage.find_full(each, own)
    if full is None:
        return row | {"reason": (Reason.group if has_group else Reason.outweighed).value}
    name, short = full
    # People's time has no '@date' in its name; slots have.
    reason = Reason.full if "@" in name else Reason.double_booked
    if name.endswith(ALLOWANCES):
        reason = Reason.quota_used_up
    row |= {"reason": reason.value, "resource": name, "short_by": short}
    if name in usage.lowest_class:
        row["lowest_class_in"] = usage.lowest_class[name]
    return row


def _list_excluded(choice: Choice) -> list[dict[str, Any]]:
    nearest = sorted(choice.excluded, key=lambda each: (each.rank, rank_trip(each.trip), each.service.code))
    rows = [_say(refusal) for refusal in choice.refusals]
    for each in nearest[:MOST_SHOWN]:
        rows += [{"service": each.service.code, **_say(refusal)} for refusal in each.refusals]
    return rows


def _say(refusal: Refusal) -> dict[str, Any]:
    return {"reason": refusal.reason.value, **refusal.data}


def choose_reason(rows: Iterable[Mapping[str, Any]], choice: Choice) -> Reason:
    """Return the one reason that stands for a need without a place."""
    if choice.refusals:
        return choice.refusals[0].reason
    found: dict[Reason, int] = defaultdict(int)
    for row in rows:
        found[Reason(row["reason"])] += 1
    if not found:
        for refusal in _find_nearest_hope(choice):
            found[refusal.reason] += 1
    for reason in HOPE:
        if reason in found:
            return reason
    return next(iter(found), Reason.no_option)


def _find_nearest_hope(choice: Choice) -> Sequence[Refusal]:
    """Return the obstacle of the excluded service that is closest to taking the person.

    A service meant for other people speaks only where there is no other; then one with fewer obstacles before one with
    more, and the nearer one first.
    """
    with_reason = [each for each in choice.excluded if each.refusals]
    nearest = min(
        with_reason,
        key=lambda e: (
            any(r.reason in FOR_OTHERS for r in e.refusals),
            len(e.refusals),
            e.rank,
            rank_trip(e.trip),
        ),
        default=None,
    )
    return [] if nearest is None else nearest.refusals[:1]
