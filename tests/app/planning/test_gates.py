"""The gates refuse what a corrupted plan would cause, and call what was there before inherited (N7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.models.enums import CapacityKind, GroupKind, Part, PlacementState, ProposalOutcome, Reason, WishPart
from app.options.facts import Need, Person
from app.options.stages import Stage
from app.planning.entries import make_entry
from app.planning.facts import Group, Held, Snapshot
from app.planning.gates import Findings, check_gates, find_connected
from app.planning.places import Place
from app.planning.reasons import Decision
from tests.app.options.builders import TODAY, make_class, make_ground, make_need, make_person, make_service

CLASS = make_class(kinds={CapacityKind.places: 1})
NEAR = make_service(classes=[CLASS])
OTHER_CLASS = make_class(id=2, code="K2", kinds={CapacityKind.places: 5})
OTHER = make_service(id=2, code="S2", site_id=2, site_code="X2", classes=[OTHER_CLASS])
CLASSES = {1: CLASS, 2: OTHER_CLASS}
SERVICES = {1: NEAR, 2: OTHER}
START = date(2026, 11, 30)


def make_snapshot(
    needs: list[Need], people: list[Person], held: dict[int, Held] | None = None, **given: Any
) -> Snapshot:
    cells = {
        cell.id: (class_id, cell)
        for class_id, each in CLASSES.items()
        for row in each.cells.values()
        for cell in row
    }
    values: dict[str, Any] = {
        "effective_on": TODAY,
        "ground": make_ground(NEAR, OTHER),
        "needs": needs,
        "people": {person.id: person for person in people},
        "held": held or {},
        "groups": {},
        "rounds": {},
        "closed_slots": frozenset(),
        "slot_capacities": {},
        "dated_uses": {},
        "adult_codes": {},
        "service_of_class": SERVICES,
        "class_by_id": CLASSES,
        "cell_by_id": {cell_id: cell for cell_id, (_, cell) in cells.items()},
        "class_of_cell": {cell_id: class_id for cell_id, (class_id, _) in cells.items()},
    }
    return Snapshot(**(values | given))


def make_held(need: Need, class_id: int = 1, state: PlacementState = PlacementState.confirmed) -> Held:
    cells = [row[0] for (day, _), row in CLASSES[class_id].cells.items() if day == 0]
    return Held(
        id=need.id,
        code=f"H{need.id}",
        need_id=need.id,
        person_id=need.person_id,
        class_id=class_id,
        weekdays=1,
        part=WishPart.full_day,
        starts_on=date(2026, 10, 1),
        ends_on=None,
        state=state,
        is_pinned=False,
        plan_id=None,
        uses=[(cell.id, CapacityKind.places, 1) for cell in cells],
    )


def make_place(
    class_id: int = 1, parts: tuple[Part, ...] = (Part.morning, Part.afternoon), starts_on: date = START
) -> Place:
    return Place(
        id=f"{class_id}",
        service=SERVICES[class_id],
        care_class=CLASSES[class_id],
        weekdays=1,
        part=WishPart.full_day,
        starts_on=starts_on,
        ends_on=None,
        uses={},
        terms={},
        stage=Stage(CLASSES[class_id], tuple((0, part) for part in parts), starts_on, None),
        amounts={CapacityKind.places: 1},
        pattern_rank=1,
    )


def decide(snapshot: Snapshot, need: Need, place: Place | None) -> Decision:
    entry = make_entry(need, snapshot.people[need.person_id], snapshot)
    outcome = ProposalOutcome.unplaced
    if place is not None:
        outcome = ProposalOutcome.moved if entry.held is not None else ProposalOutcome.placed
    return Decision(entry, outcome, Reason.placed if place else Reason.full, place, "welfare")


def people(count: int) -> list[Person]:
    return [make_person(id=i, code=f"P{i}") for i in range(1, count + 1)]


def needs(count: int, **given: Any) -> list[Need]:
    return [make_need(id=i, code=f"N{i}", person_id=i, **given) for i in range(1, count + 1)]


def check(snapshot: Snapshot, placed: list[tuple[Need, Place | None]]) -> Findings:
    return check_gates(snapshot, [decide(snapshot, need, place) for need, place in placed], {})


def only(gate: str, count: int = 1) -> dict[str, int]:
    return {
        name: count if name == gate else 0
        for name in ("revoked", "split", "over_capacity", "ineligible", "double_booked")
    }


def test_plan_that_fits_passes_every_gate() -> None:
    (need,) = needs(1)
    assert check(make_snapshot([need], people(1)), [(need, make_place())]).count() == only("revoked", 0)


@pytest.mark.parametrize("state", [PlacementState.offered, PlacementState.confirmed, PlacementState.active])
@pytest.mark.parametrize("place", [None, make_place(2)])
def test_promise_broken_is_revoked(state: PlacementState, place: Place | None) -> None:
    (need,) = needs(1)
    snapshot = make_snapshot([need], people(1), {1: make_held(need, state=state)})
    assert check(snapshot, [(need, place)]).count() == only("revoked")


def test_proposal_taken_back_is_a_move_and_not_revoked() -> None:
    (need,) = needs(1)
    snapshot = make_snapshot([need], people(1), {1: make_held(need, state=PlacementState.proposed)})
    assert check(snapshot, [(need, None)]).count() == only("revoked", 0)


def test_transfer_that_was_wished_for_is_not_revoked() -> None:
    (need,) = needs(1, wants_transfer=True, wishes={2: 1})
    snapshot = make_snapshot([need], people(1), {1: make_held(need)})
    assert check(snapshot, [(need, make_place(2))]).count() == only("revoked", 0)
    assert check(snapshot, [(need, None)]).count() == only("revoked")


@pytest.mark.parametrize(
    ("same_site", "all_or_none", "second", "split"),
    [
        (True, False, make_place(2), 1),
        (False, False, make_place(2), 0),
        (False, True, None, 1),
        (True, False, None, 0),
    ],
)
def test_group_apart_is_split(same_site: bool, all_or_none: bool, second: Place | None, split: int) -> None:
    both = needs(2, group_id=1)
    group = Group(1, "G1", GroupKind.twins, same_site, all_or_none)
    snapshot = make_snapshot(both, people(2), groups={1: group})
    assert check(snapshot, [(both[0], make_place()), (both[1], second)]).count() == only("split", split)


def test_group_apart_before_the_night_is_inherited() -> None:
    both = needs(2, group_id=1)
    group = Group(1, "G1", GroupKind.siblings, same_site=True, all_or_none=False)
    held = {1: make_held(both[0], 1), 2: make_held(both[1], 2)}
    found = check(make_snapshot(both, people(2), held, groups={1: group}), [])
    assert found.count() == only("split", 0)
    assert [(fault.gate, fault.subject, fault.owner) for fault in found.inherited] == [
        ("split", "group:G1", "site:X1")
    ]


def test_two_in_one_place_are_over_capacity() -> None:
    both = needs(2)
    found = check(make_snapshot(both, people(2)), [(need, make_place()) for need in both])
    assert found.count() == only("over_capacity", 2)
    assert all(fault.needs == {1, 2} for fault in found.caused)


def test_place_beside_a_booking_of_one_date_is_over_capacity() -> None:
    (need,) = needs(1)
    cell = CLASS.cells[0, Part.morning][0]
    used = {(cell.id, date(2026, 12, 14), CapacityKind.places): 1}
    snapshot = make_snapshot([need], people(1), dated_uses=used)
    assert check(snapshot, [(need, make_place())]).count() == only("over_capacity")
    decisions = [decide(snapshot, need, make_place())]
    skips = {1: frozenset({date(2026, 12, 14)})}
    assert check_gates(snapshot, decisions, skips).count() == only("over_capacity", 0)


def test_class_over_full_before_the_night_is_inherited_and_stops_nobody() -> None:
    three = needs(3)
    held = {1: make_held(three[0]), 2: make_held(three[1])}
    snapshot = make_snapshot(three, people(3), held)
    found = check(snapshot, [(three[2], make_place(2))])
    assert found.count() == only("over_capacity", 0)
    assert {fault.gate for fault in found.inherited} == {"over_capacity"}
    assert check(snapshot, [(three[2], make_place(1))]).count() == only("over_capacity", 2)


@pytest.mark.parametrize(
    ("case", "given", "metres"),
    [("no consent", {"leaves": []}, 300), ("too far", {}, 1200)],
)
def test_person_whom_the_rules_refuse_is_ineligible(case: str, given: dict[str, Any], metres: int) -> None:
    (need,) = needs(1)
    snapshot = make_snapshot(
        [need], [make_person(**given)], ground=make_ground(NEAR, OTHER, metres={1: metres})
    )
    assert check(snapshot, [(need, make_place())]).count() == only("ineligible"), case


def test_promised_place_of_somebody_no_longer_eligible_is_inherited() -> None:
    (need,) = needs(1)
    found = check(make_snapshot([need], [make_person(leaves=[])], {1: make_held(need)}), [])
    assert found.count() == only("ineligible", 0)
    assert [fault.gate for fault in found.inherited] == ["ineligible"]


def test_two_places_at_one_time_are_double_booked() -> None:
    both = [make_need(id=1, code="N1"), make_need(id=2, code="N2")]
    snapshot = make_snapshot(both, people(1))
    assert check(snapshot, [(both[0], make_place(1)), (both[1], make_place(2))]).count() == only(
        "double_booked"
    )
    morning, afternoon = make_place(1, (Part.morning,)), make_place(2, (Part.afternoon,))
    assert check(snapshot, [(both[0], morning), (both[1], afternoon)]).count() == only("double_booked", 0)


def test_fault_holds_back_only_its_connected_part() -> None:
    four = needs(4)
    snapshot = make_snapshot(four, people(4))
    placed = [(four[0], make_place(1)), (four[1], make_place(1)), (four[2], make_place(2)), (four[3], None)]
    decisions = [decide(snapshot, need, place) for need, place in placed]
    found = check_gates(snapshot, decisions, {})
    faulty = {need_id for fault in found.caused for need_id in fault.needs}
    assert find_connected(decisions, faulty) == {1, 2}


def test_start_after_the_last_open_day_counts_from_its_start() -> None:
    (need,) = needs(1)
    snapshot = make_snapshot([need], people(1))
    late = replace(make_place(), starts_on=date(2027, 1, 4))
    assert check(snapshot, [(need, late)]).count() == only("revoked", 0)
