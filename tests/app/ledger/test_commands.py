"""The ledger takes no more than there is, gives back what was taken, and can be recounted at any time."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.db import WriteSession
from app.ledger.commands import list_conflicts, occupy, recount, release, take, vacate
from app.ledger.errors import LedgerBroken, SlotFull
from app.models import Placement, PlacementException, PlacementUse, Slot, SlotCapacity, SlotTemplate
from app.models.enums import CapacityKind, ExceptionKind, Part, PlacementState
from tests.factories import needs, people, placements, providers

PLACES, MINUTES = CapacityKind.places, CapacityKind.carer_minutes
MONDAYS = [date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21)]


def make_slots(
    session: WriteSession, capacity: int = 2, minutes: int = 100, *, taken: int = 0
) -> tuple[SlotTemplate, list[Slot]]:
    template = providers.make_template(
        session, providers.make_class(session), 0, Part.morning, {PLACES: capacity, MINUTES: minutes}
    )
    return template, [providers.make_slot(session, template, on, taken=taken) for on in MONDAYS]


def make_placed(session: WriteSession, template: SlotTemplate, **columns: object) -> Placement:
    need = needs.make_need(session, people.make_elder(session))
    care_class = type("Class", (), {"id": template.class_id})
    row = placements.make_placement(
        session, need, care_class, [template], **({"starts_on": MONDAYS[0]} | columns)
    )
    session.add(PlacementUse(placement_id=row.id, template_id=template.id, kind=MINUTES, amount=40))
    session.flush()
    return row


def read_taken(session: WriteSession, kind: CapacityKind = PLACES) -> list[tuple[int, int]]:
    session.expire_all()
    rows = session.execute(
        select(SlotCapacity.taken, SlotCapacity.overfull)
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .where(SlotCapacity.kind == kind)
        .order_by(Slot.occurs_on)
    )
    return [(taken, overfull) for taken, overfull in rows]


def test_place_is_taken_until_there_is_none(session: WriteSession) -> None:
    _, slots = make_slots(session)
    take(session, slots[0].id, {PLACES: 1, MINUTES: 30})
    take(session, slots[0].id, {PLACES: 1, MINUTES: 30})
    with pytest.raises(SlotFull) as refused:
        take(session, slots[0].id, {PLACES: 1})
    assert refused.value.data == {
        "slot_id": slots[0].id,
        "kind": PLACES,
        "capacity": 2,
        "taken": 2,
        "wanted": 1,
    }
    assert refused.value.code == "full"
    assert read_taken(session) == [(2, 0), (0, 0), (0, 0)]


def test_second_kind_that_is_full_undoes_the_first(session: WriteSession) -> None:
    _, slots = make_slots(session, minutes=50)
    with pytest.raises(SlotFull) as refused, session.begin_nested():
        take(session, slots[0].id, {PLACES: 1, MINUTES: 60})
    assert refused.value.data["kind"] is MINUTES
    assert read_taken(session)[0] == (0, 0)


def test_places_held_back_are_not_taken_by_others(session: WriteSession) -> None:
    _, slots = make_slots(session)
    take(session, slots[0].id, {PLACES: 1}, keep_free={PLACES: 1})
    with pytest.raises(SlotFull):
        take(session, slots[0].id, {PLACES: 1}, keep_free={PLACES: 1})
    take(session, slots[0].id, {PLACES: 1})


def test_kind_that_a_slot_lacks_counts_as_full(session: WriteSession) -> None:
    _, slots = make_slots(session)
    with pytest.raises(SlotFull) as refused:
        take(session, slots[0].id, {CapacityKind.meals: 1})
    assert refused.value.data["capacity"] == 0


def test_more_than_was_taken_cannot_be_given_back(session: WriteSession) -> None:
    _, slots = make_slots(session)
    take(session, slots[0].id, {PLACES: 1})
    release(session, slots[0].id, {PLACES: 1})
    with pytest.raises(LedgerBroken):
        release(session, slots[0].id, {PLACES: 1})


def test_placements_occupy_their_dated_slots_and_leave_them(session: WriteSession) -> None:
    template, _ = make_slots(session)
    first = make_placed(session, template)
    second = make_placed(session, template, starts_on=MONDAYS[1], state=PlacementState.proposed)
    occupy(session, [first.id, second.id])
    assert read_taken(session) == [(1, 0), (2, 0), (2, 0)]
    assert read_taken(session, MINUTES) == [(40, 0), (80, 0), (80, 0)]
    assert recount(session) == []
    vacate(session, [first.id], from_on=MONDAYS[2])
    assert read_taken(session) == [(1, 0), (2, 0), (1, 0)]
    first.ends_on = MONDAYS[1]
    session.flush()
    assert recount(session) == []
    vacate(session, [second.id])
    second.state = PlacementState.withdrawn
    session.flush()
    vacate(session, [second.id])  # a second time gives nothing back twice
    assert read_taken(session) == [(1, 0), (1, 0), (0, 0)]
    assert recount(session) == []


def test_placements_may_be_named_by_a_statement(session: WriteSession) -> None:
    template, _ = make_slots(session)
    row = make_placed(session, template, state=PlacementState.proposed)
    occupy(session, select(Placement.id).where(Placement.state == PlacementState.proposed))
    assert row.state is PlacementState.proposed
    assert read_taken(session) == [(1, 0), (1, 0), (1, 0)]


def test_exception_that_frees_the_place_is_not_occupied(session: WriteSession) -> None:
    template, _ = make_slots(session)
    row = make_placed(session, template)
    session.add(PlacementException(placement_id=row.id, on_date=MONDAYS[1], kind=ExceptionKind.skipped))
    occupy(session, [row.id])
    assert read_taken(session) == [(1, 0), (0, 0), (1, 0)]
    assert recount(session) == []


def test_placements_above_capacity_are_refused_together(session: WriteSession) -> None:
    template, slots = make_slots(session, capacity=1)
    rows = [make_placed(session, template), make_placed(session, template, starts_on=MONDAYS[2])]
    ids = [row.id for row in rows]
    conflicts = list_conflicts(session, ids)
    assert [(row.slot_id, row.kind, row.wanted) for row in conflicts] == [(slots[2].id, PLACES, 2)]
    with pytest.raises(SlotFull) as refused:
        occupy(session, ids)
    assert refused.value.data["slot_id"] == slots[2].id
    assert read_taken(session) == [(0, 0), (0, 0), (0, 0)]


def test_import_above_capacity_is_carried_and_only_shrinks(session: WriteSession) -> None:
    template, slots = make_slots(session, capacity=1)
    rows = [make_placed(session, template, state=PlacementState.active) for _ in range(3)]
    occupy(session, [row.id for row in rows], may_overfill=True)
    assert read_taken(session) == [(3, 2)] * 3
    with pytest.raises(SlotFull):
        take(session, slots[0].id, {PLACES: 1})
    vacate(session, [rows[0].id])
    rows[0].state = PlacementState.ended
    assert read_taken(session) == [(2, 1)] * 3
    release(session, slots[0].id, {PLACES: 1})
    assert read_taken(session)[0] == (1, 0)
    take_again = pytest.raises(SlotFull)
    with take_again:
        take(session, slots[0].id, {PLACES: 1})


def test_recount_names_what_does_not_add_up(session: WriteSession) -> None:
    _, slots = make_slots(session)
    take(session, slots[1].id, {PLACES: 1})
    found = recount(session)
    assert [(row.slot_id, row.kind, row.taken, row.counted) for row in found] == [(slots[1].id, PLACES, 1, 0)]
