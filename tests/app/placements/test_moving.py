"""Moves between waves and sites: together or not at all, within capacity, against the order only with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.errors import DomainError
from app.ledger.commands import recount
from app.ledger.errors import SlotFull
from app.models import CareClass, Closure, Need, Placement, PlacementException, Service, Slot, SlotCapacity
from app.models.enums import (
    CapacityKind,
    ExceptionKind,
    GroupKind,
    NeedState,
    PlacementState,
    ServiceKind,
    WishPart,
)
from app.placements.errors import (
    Contested,
    GroupTogether,
    MoveTooFarAhead,
    NotEligible,
    NotPossibleInState,
    ReasonRequired,
    SamePlace,
)
from app.placements.moving import Move, move
from app.rounds.errors import WaitsForRound
from tests.app.attendance.day_town import DAY, DayTown, at, make_day_town
from tests.factories import needs, people
from tests.factories.rounds import make_round

if TYPE_CHECKING:
    from app.db import Database, WriteSession

ME = system_actor()
NOW = at(10)


@pytest.fixture
def town(session: WriteSession) -> DayTown:
    return make_day_town(session)


def order(town: DayTown, *names: str, **changes) -> Move:
    given = Move(
        placement_ids=[town.placement_ids[name] for name in names],
        class_id=town.class_id,
        part=WishPart.wave_1800,
        from_on=DAY,
        reason="父母加班",
        said_yes_by="监护人",
    )
    return replace(given, **changes)


def taken(session: WriteSession, class_id: int) -> list[int]:
    rows = session.scalars(
        select(SlotCapacity.taken)
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .where(Slot.class_id == class_id, SlotCapacity.kind == CapacityKind.places)
        .order_by(Slot.starts_at)
    )
    return list(rows)


def add_rival(session: WriteSession, town: DayTown) -> None:
    """Make a child of the same class of priority who waits for the waves of the first site."""
    child = people.make_child(session, people.make_household(session))
    people.make_pickup(session, child, people.make_person(session))
    gate_id = session.scalars(select(Need.gate_site_id)).first()
    needs.make_need(
        session,
        child,
        ServiceKind.after_school,
        [((DAY.weekday(),), WishPart.wave_1800)],
        gate_site_id=gate_id,
    )


def test_a_later_wave_takes_the_later_slots(session: WriteSession, town: DayTown) -> None:
    (new,) = move(session, ME, order(town, "安安"), NOW)
    old = session.get_one(Placement, town.placement_ids["安安"])
    assert (old.state, old.ends_on) == (PlacementState.ended, DAY - timedelta(days=1))
    assert (new.state, new.starts_on, new.part) == (PlacementState.active, DAY, WishPart.wave_1800)
    assert session.get_one(Need, new.need_id).state is NeedState.placed
    assert taken(session, town.class_id) == [3, 3, 2]
    assert recount(session) == []


def test_an_earlier_wave_gives_the_later_slots_back(session: WriteSession, town: DayTown) -> None:
    move(session, ME, order(town, "本本", part=WishPart.wave_1630), NOW)
    assert taken(session, town.class_id) == [3, 1, 0]
    assert recount(session) == []


def test_siblings_move_to_another_site_together(session: WriteSession, town: DayTown) -> None:
    made = move(session, ME, order(town, "安安", "本本", class_id=town.other_class_id), NOW)
    assert {row.class_id for row in made} == {town.other_class_id}
    assert taken(session, town.class_id) == [1, 1, 0]
    assert taken(session, town.other_class_id) == [2, 2, 2]
    assert recount(session) == []


def test_where_it_is_full_nothing_has_changed(database: Database) -> None:
    town = database.write(lambda session: make_day_town(session, places=3))

    def fill(session: WriteSession) -> None:
        for row in session.scalars(
            select(SlotCapacity).join(Slot).where(Slot.class_id == town.other_class_id)
        ):
            row.capacity = 1

    database.write(fill)
    both = order(town, "安安", "本本", class_id=town.other_class_id)
    with pytest.raises(SlotFull):
        database.write(lambda session: move(session, ME, both, NOW))
    with database.writing() as session:
        states = session.scalars(select(Placement.state)).all()
        assert set(states) == {PlacementState.active}
        assert recount(session) == []


def test_twins_do_not_part(session: WriteSession, town: DayTown) -> None:
    rows = [session.get_one(Placement, town.placement_ids[name]) for name in ("安安", "本本")]
    needs.make_group(session, GroupKind.twins, [session.get_one(Need, row.need_id) for row in rows])
    with pytest.raises(GroupTogether):
        move(session, ME, order(town, "安安", class_id=town.other_class_id), NOW)
    move(session, ME, order(town, "安安", "本本", class_id=town.other_class_id), NOW)


def test_others_who_wait_come_first_unless_there_is_a_reason(session: WriteSession) -> None:
    town = make_day_town(session, places=3)
    for row in session.scalars(select(SlotCapacity).join(Slot).where(Slot.class_id == town.other_class_id)):
        row.capacity = 1
    add_rival(session, town)
    one = order(town, "安安", class_id=town.other_class_id)
    with pytest.raises(Contested), session.begin_nested():
        move(session, ME, one, NOW)
    (new,) = move(session, ME, replace(one, overrides=True), NOW)
    assert new.class_id == town.other_class_id


def test_leaving_earlier_takes_nothing_from_anybody(session: WriteSession, town: DayTown) -> None:
    add_rival(session, town)
    (new,) = move(session, ME, order(town, "本本", part=WishPart.wave_1630), NOW)
    assert new.part is WishPart.wave_1630


def test_absences_go_along(session: WriteSession, town: DayTown) -> None:
    excused = PlacementException(
        placement_id=town.placement_ids["安安"],
        on_date=DAY + timedelta(days=7),
        kind=ExceptionKind.hospital,
    )
    session.add(excused)
    session.flush()
    (new,) = move(session, ME, order(town, "安安"), NOW)
    kept = session.scalars(select(PlacementException).where(PlacementException.placement_id == new.id)).one()
    assert (kept.on_date, kept.kind) == (DAY + timedelta(days=7), ExceptionKind.hospital)


def test_a_move_in_a_week_leaves_the_old_place_until_then(session: WriteSession, town: DayTown) -> None:
    (new,) = move(session, ME, order(town, "安安", from_on=DAY + timedelta(days=7)), NOW)
    old = session.get_one(Placement, town.placement_ids["安安"])
    assert (old.ends_on, new.starts_on) == (DAY + timedelta(days=6), DAY + timedelta(days=7))
    assert new.state is PlacementState.confirmed
    assert taken(session, town.class_id) == [3, 2, 1]
    assert recount(session) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, ReasonRequired),
        ({"part": WishPart.wave_1630}, SamePlace),
        ({"from_on": DAY - timedelta(days=1)}, MoveTooFarAhead),
        ({"from_on": DAY + timedelta(days=15)}, MoveTooFarAhead),
    ],
)
def test_what_cannot_be_is_refused(session: WriteSession, town: DayTown, changes, error) -> None:
    with pytest.raises(error):
        move(session, ME, order(town, "安安", **changes), NOW)


def test_a_placement_that_has_ended_does_not_move(session: WriteSession, town: DayTown) -> None:
    move(session, ME, order(town, "安安"), NOW)
    with pytest.raises(NotPossibleInState):
        move(session, ME, order(town, "安安"), NOW)


@pytest.mark.parametrize("rounds", [3])
def test_of_two_who_move_to_the_last_place_one_gets_it(database: Database, rounds: int) -> None:
    for _ in range(rounds):
        town = database.write(make_day_town)

        def leave_one(session: WriteSession, class_id: int = town.other_class_id) -> None:
            for row in session.scalars(select(SlotCapacity).join(Slot).where(Slot.class_id == class_id)):
                row.capacity = 1

        database.write(leave_one)
        start, told = Barrier(2), []

        def run(name: str, town: DayTown = town, start: Barrier = start, told: list[str] = told) -> None:
            one = order(town, name, class_id=town.other_class_id, part=WishPart.wave_1630, overrides=True)
            start.wait()
            try:
                database.write(lambda session: move(session, ME, one, NOW))
                told.append("moved")
            except DomainError as refused:
                told.append(refused.code)

        threads = [Thread(target=run, args=(name,)) for name in ("安安", "可可")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) == ["full", "moved"]
        with database.writing() as session:
            assert recount(session) == []


def test_place_that_an_undecided_round_keeps_is_moved_to_by_nobody(
    session: WriteSession, town: DayTown
) -> None:
    make_round(
        session,
        ServiceKind.after_school,
        opens_on=DAY - timedelta(days=7),
        closes_on=DAY + timedelta(days=7),
        publishes_on=DAY + timedelta(days=14),
        starts_on=DAY + timedelta(days=42),
    )
    wanted = order(town, "安安", class_id=town.other_class_id)
    with pytest.raises(WaitsForRound), session.begin_nested():
        move(session, ME, wanted, NOW)
    move(session, ME, replace(wanted, overrides=True), NOW)


@pytest.mark.parametrize(("days", "is_refused"), [(7, True), (6, True), (1, False)])
def test_no_child_moves_to_a_class_that_is_closed_on_its_day(
    session: WriteSession, town: DayTown, days: int, *, is_refused: bool
) -> None:
    """The old place ends the day before: closed from there on, the child would have neither."""
    service = session.get_one(CareClass, town.other_class_id).service_id
    site_id = session.get_one(Service, service).site_id
    first = DAY if is_refused else DAY - timedelta(days=1)
    last = first + timedelta(days=days - 1)
    session.add(Closure(code="CL-T", site_id=site_id, starts_on=first, ends_on=last, reason="装修"))
    session.flush()
    moving = order(town, "安安", class_id=town.other_class_id, overrides=True)
    if is_refused:
        with pytest.raises(NotEligible) as refused:
            move(session, ME, moving, NOW)
        assert refused.value.data["reasons"] == [{"code": "closed", "on": DAY.isoformat()}]
    else:
        (new,) = move(session, ME, moving, NOW)
        assert new.starts_on == DAY
    old = session.get_one(Placement, town.placement_ids["安安"])
    assert (old.state is PlacementState.ended) is not is_refused
