"""The gates: what a plan would newly cause, counted from the record and not from the solver's problem. Pure.

Revoked, split, over capacity, ineligible, double booked: each fault names the needs concerned. What was wrong before
the night is inherited; a plan may neither be stopped by it nor make it worse.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

from app.models.enums import CapacityKind
from app.options.facts import Refusal
from app.options.reach import find_trip
from app.options.rules import check_class, check_consent, check_service
from app.planning.dates import RunningDates
from app.planning.facts import Group, Snapshot
from app.planning.outcome import NEW, Occupant, add_up, list_after, list_before
from app.planning.pending import is_same_need
from app.planning.reasons import Decision
from app.planning.segments import find_free

GATES = ("revoked", "split", "over_capacity", "ineligible", "double_booked")
Load = Mapping[tuple[int, CapacityKind, date], int]


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken, where, and by whose places."""

    gate: str
    subject: str
    needs: frozenset[int]
    owner: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What the plan causes, and what it found."""

    caused: Sequence[Fault]
    inherited: Sequence[Fault]

    def count(self) -> dict[str, int]:
        """Return the number of faults caused by gate."""
        found = Counter(fault.gate for fault in self.caused)
        return {gate: found[gate] for gate in GATES}


def check_gates(
    snapshot: Snapshot, decisions: Sequence[Decision], skippable: Mapping[int, frozenset[date]]
) -> Findings:
    """Return every fault of the record after the plan, told apart by whether it was there before."""
    before = list_before(snapshot)
    after = list_after(before, decisions)
    caused: list[Fault] = []
    inherited: list[Fault] = []
    caused += _list_revoked(snapshot, decisions, after)
    for find in (_list_splits, _list_clashes):
        old = {fault.subject: fault for fault in find(snapshot, before)}
        inherited += old.values()
        caused += [fault for fault in find(snapshot, after) if _is_worse(fault, old)]
    found = _compare_loads(snapshot, before, after, skippable)
    caused += found.caused
    inherited += found.inherited
    inherited += _list_ineligible(
        snapshot, (each for each in before.values() if _is_promised(snapshot, each))
    )
    caused += _list_ineligible(snapshot, (each for each in after.values() if each.is_new))
    return Findings(caused, sorted(inherited, key=lambda fault: (fault.gate, fault.subject)))


def _is_worse(fault: Fault, old: Mapping[str, Fault]) -> bool:
    known = old.get(fault.subject)
    return known is None or fault.data.get("extent", 0) > known.data.get("extent", 0)


def _is_promised(snapshot: Snapshot, occupant: Occupant) -> bool:
    held = snapshot.held.get(occupant.need.id)
    return held is not None and held.is_promised


def _list_revoked(
    snapshot: Snapshot, decisions: Iterable[Decision], after: Mapping[int, Occupant]
) -> Iterator[Fault]:
    decided = {decision.entry.need.id for decision in decisions}
    for need_id, held in snapshot.held.items():
        if not held.is_promised or need_id not in decided:
            continue  # what is not decided stays as it is
        if need_id not in after or after[need_id].is_new:
            yield Fault("revoked", f"placement:{held.code}", frozenset({need_id}))


def _list_splits(snapshot: Snapshot, occupants: Mapping[int, Occupant]) -> Iterator[Fault]:
    members: dict[int, list[int]] = defaultdict(list)
    for need in snapshot.needs:
        if need.group_id is not None:
            members[need.group_id].append(need.id)
    for group_id, need_ids in members.items():
        group = snapshot.groups[group_id]
        extent, owner = _measure_split(group, need_ids, occupants)
        if extent:
            yield Fault(
                "split",
                f"group:{group.code}",
                frozenset(need_ids),
                owner,
                {"extent": extent, "kind": group.kind.value},
            )


def _measure_split(
    group: Group, need_ids: Sequence[int], occupants: Mapping[int, Occupant]
) -> tuple[int, str]:
    """Return how far apart a group is (0: together), and the site that could mend it."""
    placed = [occupants[need_id] for need_id in need_ids if need_id in occupants]
    sites = sorted({each.site_code for each in placed})
    extent = len(sites) - 1 if group.same_site and len(sites) > 1 else 0
    if group.all_or_none and 0 < len(placed) < len(need_ids):
        extent += 1
    return extent, f"site:{sites[0]}" if sites else ""


def _list_clashes(snapshot: Snapshot, occupants: Mapping[int, Occupant]) -> Iterator[Fault]:
    by_person: dict[int, list[Occupant]] = defaultdict(list)
    for occupant in occupants.values():
        by_person[occupant.need.person_id].append(occupant)
    for person_id, places in by_person.items():
        clashing = [
            (one, other)
            for one, other in combinations(places, 2)
            if not is_same_need(one.need, other.need)
            and one.overlaps(other)
            and one.list_halves() & other.list_halves()
        ]
        if clashing:
            needs = frozenset(each.need.id for pair in clashing for each in pair)
            person = snapshot.people.get(person_id)
            yield Fault(
                "double_booked",
                f"person:{person.code if person else person_id}",
                needs,
                f"site:{clashing[0][0].site_code}",
                {"extent": len(clashing)},
            )


def _compare_loads(
    snapshot: Snapshot,
    before: Mapping[int, Occupant],
    after: Mapping[int, Occupant],
    skippable: Mapping[int, frozenset[date]],
) -> Findings:
    """Find the dates on which places exceed a capacity, and those on which the plan adds to it."""
    old, new = _load(snapshot, before.values()), _load(snapshot, after.values())
    caused: dict[tuple[int, CapacityKind], dict[str, Any]] = {}
    inherited: dict[tuple[int, CapacityKind], dict[str, Any]] = {}
    for (cell_id, kind, on), amount in new.items():
        free = find_free(snapshot, snapshot.cell_by_id[cell_id], kind, on)
        was = old.get((cell_id, kind, on), 0)
        if was > free:
            inherited.setdefault(
                (cell_id, kind), {"kind": kind.value, "capacity": free, "used": was, "on": on.isoformat()}
            )
        # On the dates a class leaves out, publishing names who skips them.
        if amount > max(free, was) and on not in skippable.get(snapshot.class_of_cell[cell_id], frozenset()):
            caused.setdefault(
                (cell_id, kind), {"kind": kind.value, "capacity": free, "used": amount, "on": on.isoformat()}
            )
    users: dict[int, set[int]] = defaultdict(set)
    if caused:
        for occupant in after.values():
            if occupant.is_new:
                for cell, _ in occupant.cells:
                    users[cell.id].add(occupant.need.id)
    return Findings(
        [_say_over(snapshot, cell_id, data, users[cell_id]) for (cell_id, _), data in caused.items()],
        [_say_over(snapshot, cell_id, data, set()) for (cell_id, _), data in inherited.items()],
    )


def _say_over(snapshot: Snapshot, cell_id: int, data: Mapping[str, Any], needs: set[int]) -> Fault:
    service = snapshot.service_of_class[snapshot.class_of_cell[cell_id]]
    cell = snapshot.cell_by_id[cell_id]
    return Fault(
        "over_capacity",
        f"template:{cell.code}/{data['kind']}",
        frozenset(needs),
        f"site:{service.site_code}",
        data,
    )


def _load(snapshot: Snapshot, occupants: Iterable[Occupant]) -> Load:
    """Return the amount used by cell, kind and date of the window; places of one date count on it like the rest."""
    running = RunningDates(
        snapshot.ground.calendar, snapshot.effective_on, snapshot.ground.ends_on, snapshot.closed_slots
    )
    dates: dict[int, list[date]] = {}
    total: dict[tuple[int, CapacityKind, date], int] = defaultdict(int)
    for (cell_id, kind, first, last), amount in add_up(occupants).items():
        if cell_id not in dates:
            service = snapshot.service_of_class[snapshot.class_of_cell[cell_id]]
            begin = snapshot.ground.find_first_day(service.notice_days)
            dates[cell_id] = running.list_dates(service, snapshot.cell_by_id[cell_id], begin)
        for on in dates[cell_id]:
            if on >= first and (last is None or on <= last):
                total[cell_id, kind, on] += amount
    return total


def _list_ineligible(snapshot: Snapshot, occupants: Iterable[Occupant]) -> Iterator[Fault]:
    """Give the places whose person the service's rules refuse, asked anew on the day that counts."""
    policies = snapshot.ground.policies
    for occupant in occupants:
        person = snapshot.people.get(occupant.need.person_id)
        service = snapshot.service_of_class.get(occupant.class_id)
        care_class = snapshot.class_by_id.get(occupant.class_id)
        if person is None or service is None or care_class is None:
            continue
        on = max(occupant.starts_on, snapshot.effective_on)
        refusals: list[Refusal] = check_consent(person, snapshot.effective_on, policies)
        refusals += check_service(person, service, on, policies)
        refusals += check_class(person, care_class, on)
        if occupant.is_new:
            refusals += find_trip(occupant.need, person, service, snapshot.ground.reach, policies)[1]
        if refusals:
            yield Fault(
                "ineligible",
                f"need:{occupant.need.code}",
                frozenset({occupant.need.id}),
                f"site:{service.site_code}",
                {"reason": refusals[0].reason.value, **refusals[0].data},
            )


def find_connected(decisions: Sequence[Decision], faulty: Iterable[int]) -> set[int]:
    """Return the needs of the parts of the plan that faulty needs belong to: by group, person or shared cell."""
    keys: dict[Any, list[int]] = defaultdict(list)
    of_need: dict[int, list[Any]] = defaultdict(list)
    for decision in decisions:
        if decision.outcome not in NEW or decision.place is None:
            continue
        need = decision.entry.need
        linked: list[Any] = [("person", need.person_id)]
        linked += [("cell", cell.id) for cell, _ in decision.place.cells]
        if need.group_id is not None:
            linked.append(("group", need.group_id))
        for key in linked:
            keys[key].append(need.id)
            of_need[need.id].append(key)
    found: set[int] = set()
    open_ = list(faulty)
    while open_:
        need_id = open_.pop()
        if need_id in found:
            continue
        found.add(need_id)
        open_ += [other for key in of_need[need_id] for other in keys.pop(key, ())]
    return found
