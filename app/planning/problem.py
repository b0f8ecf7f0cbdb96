"""Builds one problem of the night in the solver's terms: codes as ids, everything in order of codes. No session.

Database ids and the order of import never reach the solver, so the same record gives the same plan anywhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models.enums import Mode, NeedRhythm, ServiceKind
from app.options.build import Choice
from app.options.facts import Service
from app.planning.entries import Entry, Share
from app.planning.facts import Snapshot
from app.planning.household import gather_household
from app.planning.places import Builder, Place, list_fixed
from app.planning.segments import Segments, cut_segments
from app.planning.slim import drop_idle
from solver import Group, Option, Problem, Request, Resource, Sum, Worst

CLASSES = (4, 3, 2, 1)
MOSTLY_DATED_PERCENT = 30
OBJECTIVE: tuple[Sum | Worst, ...] = (
    *(Sum({f"{term}_{class_}": 1}) for class_ in CLASSES for term in ("days", "served")),
    Sum({"waited": 1}),
    Sum({"stay": 1}),
    Worst("beyond"),
    Sum({"beyond": -1}),
    Sum({"rank": -8, "pattern": -2, "late": -1}),
    Sum({"metres": -1}),
    Sum({"draw": -1}),
)
"""The published default order (solver.md, "The decision"), with months waited where lifecycle.md puts them."""
LEVEL_NAMES = (
    *(f"{term}_{class_}" for class_ in CLASSES for term in ("days", "served")),
    "waited",
    "stay",
    "worst_beyond",
    "beyond",
    "rank",
    "metres",
    "draw",
)


@dataclass(frozen=True)
class Task:
    """A problem with what its ids stand for."""

    share: Share
    problem: Problem
    entries: Mapping[str, Entry]
    places: Mapping[str, Mapping[str, Place]]
    """By need code and option id."""
    choices: Mapping[str, Choice]
    segments: Segments
    relaxed: Sequence[str]
    """Codes of groups whose rule was broken before the night and is not enforced in it."""

    @property
    def decided(self) -> list[Entry]:
        """The entries that this problem decides."""
        return [entry for entry in self.entries.values() if not entry.is_fixed]


def build_task(snapshot: Snapshot, share: Share) -> Task:
    """Return the problem of one share of the night's needs."""
    entries = sorted(share.entries, key=lambda entry: entry.need.code)
    services = [service for each in snapshot.ground.services.values() for service in each]
    if share.kinds is not None:
        services = [service for service in services if service.kind in share.kinds]
    last = snapshot.ground.ends_on
    fixed = [
        use
        for entry in entries
        if entry.held is not None and (entry.is_fixed or entry.is_transfer)
        for use in list_fixed(entry, entry.held, snapshot)
    ]
    segments = cut_segments(
        snapshot,
        services,
        fixed,
        _list_single_dates(entries, services, 0 if share.cuts_dates else MOSTLY_DATED_PERCENT),
        last,
    )
    builder = Builder(
        snapshot=snapshot,
        segments=segments,
        household=gather_household(snapshot, entries),
        draw_rank=_rank_draws(entries),
        weeks=snapshot.ground.policies.get("plan_weeks"),
    )
    places: dict[str, dict[str, Place]] = {}
    choices: dict[str, Choice] = {}
    for entry in entries:
        found, choices[entry.need.code] = builder.list_places(entry)
        places[entry.need.code] = {place.id: place for place in found}
    entries = [entry for entry in entries if places[entry.need.code] or not entry.is_fixed]
    groups, group_of, relaxed = _make_groups(snapshot, entries, places)
    requests = [_make_request(entry, places[entry.need.code], group_of, share) for entry in entries]
    resources = _make_resources(segments, builder.household.capacities, requests)
    return Task(
        share=share,
        problem=drop_idle(Problem(resources, groups, requests, OBJECTIVE)),
        entries={entry.need.code: entry for entry in entries},
        places=places,
        choices=choices,
        segments=segments,
        relaxed=relaxed,
    )


def _list_single_dates(
    entries: Iterable[Entry], services: Iterable[Service], from_percent: int
) -> dict[int, set[date]]:
    """Return the dates that get segments of their own, by service: of kinds that are mostly asked for by date.

    Elsewhere a single date uses a weekly segment: cutting every week for a few dates made the problem five times
    as large. What that leaves unplaced is tried again on its own dates (see `night`).
    """
    by_kind: dict[ServiceKind, set[date]] = defaultdict(set)
    count: Counter[ServiceKind] = Counter()
    dated: Counter[ServiceKind] = Counter()
    for entry in entries:
        count[entry.need.kind] += 1
        if entry.need.rhythm is NeedRhythm.dated:
            dated[entry.need.kind] += 1
            by_kind[entry.need.kind] |= {p.occurs_on for p in entry.need.patterns if p.occurs_on is not None}
    return {
        service.id: by_kind[service.kind]
        for service in services
        if dated[service.kind] * 100 >= count[service.kind] * from_percent and by_kind.get(service.kind)
    }


def _rank_draws(entries: Iterable[Entry]) -> dict[int, int]:
    """Return the drawn numbers as ranks: the same order in small numbers."""
    ordered = sorted(entries, key=lambda entry: (entry.draw, entry.need.code))
    return {entry.need.id: rank for rank, entry in enumerate(ordered, 1)}


def _make_request(
    entry: Entry, places: Mapping[str, Place], group_of: Mapping[int, str], share: Share
) -> Request:
    held = next((place.id for place in places.values() if place.is_held), None)
    return Request(
        id=entry.need.code,
        options=[
            Option(
                id=place.id,
                site=place.service.site_code,
                uses=place.uses,
                terms=place.terms,
                priority=_rate(entry) if share.mode is Mode.stable else 0,
            )
            for place in places.values()
        ],
        class_=entry.class_,
        group=group_of.get(entry.need.id),
        must=entry.is_transfer and held is not None,
        held=held,
        pinned=entry.is_fixed and held is not None,
    )


def _rate(entry: Entry) -> int:
    """Return a site's order over children: class, then the draw; in a round nothing else."""
    return (entry.class_ << 32) + (1 << 31) - 1 - entry.draw


def _make_groups(
    snapshot: Snapshot, entries: Sequence[Entry], places: Mapping[str, Mapping[str, Place]]
) -> tuple[list[Group], dict[int, str], list[str]]:
    """Return the groups with what of their rules can still hold; a rule broken by promises is inherited, not enforced."""
    members: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.need.group_id is not None:
            members[entry.need.group_id].append(entry)
    groups: list[Group] = []
    group_of: dict[int, str] = {}
    relaxed: list[str] = []
    for group_id, found in sorted(members.items(), key=lambda row: snapshot.groups[row[0]].code):
        if len(found) < 2:
            continue
        row = snapshot.groups[group_id]
        bound = [entry for entry in found if entry.is_fixed or entry.is_transfer]
        sites = {
            place.service.site_code
            for entry in bound
            for place in places[entry.need.code].values()
            if place.is_held
        }
        same_site = row.same_site and len(sites) <= 1
        all_or_none = row.all_or_none and len(bound) in {0, len(found)}
        if (row.same_site, row.all_or_none) != (same_site, all_or_none):
            relaxed.append(row.code)
        groups.append(Group(row.code, same_site=same_site, all_or_none=all_or_none))
        group_of |= {entry.need.id: row.code for entry in found}
    return groups, group_of, relaxed


def _make_resources(
    segments: Segments, people: Mapping[str, int], requests: Sequence[Request]
) -> list[Resource]:
    """Return what any option uses, by id; promised use above a capacity counts as that capacity for this night."""
    promised: Counter[str] = Counter()
    used: set[str] = set()
    for request in requests:
        for option in request.options:
            used.update(option.uses)
            if (request.pinned or request.must) and option.id == request.held:
                promised.update(option.uses)
    capacity = {segment.id: segment.capacity for segment in segments} | dict(people)
    return [Resource(name, max(capacity[name], promised[name])) for name in sorted(used)]


def to_document(problem: Problem) -> dict[str, Any]:
    """Return the problem as the object of `solver-problem/1`."""
    requests = []
    for request in problem.requests:
        row: dict[str, Any] = {
            "id": request.id,
            "class": request.class_,
            "options": [
                {"id": o.id, "site": o.site, "uses": o.uses, "terms": o.terms, "priority": o.priority}
                for o in request.options
            ],
        }
        if request.group is not None:
            row["group"] = request.group
        if request.must:
            row["must"] = True
        if request.held is not None:
            row |= {"held": request.held, "pinned": request.pinned}
        requests.append(row)
    return {
        "format": "solver-problem/1",
        "resources": [{"id": each.id, "capacity": each.capacity} for each in problem.resources],
        "groups": [
            {"id": each.id, "same_site": each.same_site, "all_or_none": each.all_or_none}
            for each in problem.groups
        ],
        "requests": requests,
        "objective": [
            {"sum": dict(level.weights)} if isinstance(level, Sum) else {"worst": level.term}
            for level in problem.objective
        ],
    }
