"""Ticks: once, in any order, only of whom the site expects, to nobody unauthorised; absences follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app.actor import Actor, system_actor
from app.attendance.commands import Tick, note_ticks
from app.attendance.queries import list_stays, load_marks
from app.ledger.commands import recount
from app.models import Attendance, Person, PlacementException, PlacementUse, RollTick, SlotCapacity
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    ExceptionKind,
    Part,
    PlacementState,
    RollMark,
    ServiceKind,
    StaffRole,
    WishPart,
)
from app.placements.absences import excuse_days
from tests.app.attendance.day_town import DAY, DayTown, at, make_day_town, make_staff
from tests.factories import needs, placements, providers

if TYPE_CHECKING:
    from app.db import WriteSession

M = RollMark


@pytest.fixture
def town(session: WriteSession) -> DayTown:
    return make_day_town(session)


def tick(town: DayTown, mark: RollMark, seen, *, who: str = "anna_id", name: str = "", to=None) -> Tick:
    return Tick(name or f"tick-{mark}-{seen:%H%M}", town.slot_id, getattr(town, who), mark, seen, to)


def note(session: WriteSession, *ticks: Tick, now=None):
    return note_ticks(session, system_actor(), ticks, now or at(18))


def mark_of(session: WriteSession, town: DayTown, person_id: int) -> RollMark | None:
    found = load_marks(session, [town.slot_id]).get((town.slot_id, person_id))
    return None if found is None else found.mark


def taken(session: WriteSession, town: DayTown, kind: CapacityKind = CapacityKind.places) -> int:
    where = (SlotCapacity.slot_id == town.slot_id, SlotCapacity.kind == kind)
    return session.scalars(select(SlotCapacity.taken).where(*where)).one()


def test_stays_name_wave_escort_and_absence(session: WriteSession, town: DayTown) -> None:
    stays = {stay.person_id: stay for stay in list_stays(session, [town.service_id], DAY)}
    assert set(stays) == {town.anna_id, town.ben_id, town.cora_id}
    assert {stay.slot_id for stay in stays.values()} == {town.slot_id}
    assert stays[town.anna_id].exit_part is Part.wave_1630
    assert stays[town.ben_id].exit_part is Part.wave_1800
    assert stays[town.ben_id].ends_at == at(18)
    assert stays[town.cora_id].uses_escort
    assert stays[town.cora_id].gate_site_id is not None
    assert stays[town.anna_id].gate_site_id is None
    assert list_stays(session, [town.service_id], DAY + timedelta(days=1)) == []
    assert recount(session) == []


def test_the_same_tick_twice_is_one(session: WriteSession, town: DayTown) -> None:
    one = tick(town, M.present, at(15, 40))
    assert [each.is_replay for each in note(session, one)] == [False]
    assert [each.is_replay for each in note(session, one, one)] == [True, True]
    assert session.scalar(select(func.count(RollTick.id))) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_last_tick_by_time_wins_in_every_order(session: WriteSession, order) -> None:
    town = make_day_town(session)
    ticks = [
        tick(town, M.absent, at(15, 35)),
        tick(town, M.cleared, at(15, 36)),
        tick(town, M.present, at(15, 50)),
    ]
    for i in order:
        note(session, ticks[i])
    assert mark_of(session, town, town.anna_id) is M.present
    assert session.scalar(select(func.count(PlacementException.id))) == 0
    assert recount(session) == []


def test_a_clock_that_runs_ahead_does_not_outlast_later_ticks(session: WriteSession, town: DayTown) -> None:
    note(session, tick(town, M.absent, at(23)), now=at(15, 40))
    note(session, tick(town, M.present, at(15, 50)), now=at(15, 50))
    assert mark_of(session, town, town.anna_id) is M.present


def test_one_refused_tick_stops_no_other(session: WriteSession, town: DayTown) -> None:
    stranger = replace(tick(town, M.present, at(15, 40), name="tick-stranger"), person_id=999_999)
    good = tick(town, M.present, at(15, 40))
    refused, noted = note(session, stranger, good)
    assert refused.refusal is not None
    assert refused.refusal.code == "not_on_roll"
    assert noted.mark is M.present


def test_nobody_unauthorised_gets_the_child(session: WriteSession, town: DayTown) -> None:
    for pickup_id in (None, town.unverified_id, town.foreign_pickup_id):
        given = tick(town, M.handed_over, at(17), who="cora_id", name=f"tick-to-{pickup_id}", to=pickup_id)
        (answer,) = note(session, given)
        assert answer.refusal is not None
        assert answer.refusal.code == "pickup_not_authorised"
    (answer,) = note(session, tick(town, M.handed_over, at(17), who="cora_id", to=town.pickup_id))
    assert answer.mark is M.handed_over
    kept = session.scalars(select(Attendance.handed_to_id)).one()
    assert kept == town.pickup_id


def test_a_coming_day_and_a_closed_roll_take_no_tick(session: WriteSession, town: DayTown) -> None:
    for days in (-1, 8):
        then = at(12, on=DAY + timedelta(days=days))
        (answer,) = note(session, tick(town, M.present, then, name=f"tick-then-{days + 9}"), now=then)
        assert answer.refusal is not None
        assert answer.refusal.code == "roll_not_open"


def test_absent_before_the_cut_off_frees_place_and_escort_in_one_act(
    session: WriteSession, town: DayTown
) -> None:
    assert (taken(session, town), taken(session, town, CapacityKind.escorts)) == (3, 1)
    note(session, tick(town, M.absent, at(11), who="cora_id"), now=at(11))
    assert (taken(session, town), taken(session, town, CapacityKind.escorts)) == (2, 0)
    note(session, tick(town, M.cleared, at(11, 5), who="cora_id"), now=at(11, 5))
    assert (taken(session, town), taken(session, town, CapacityKind.escorts)) == (3, 1)
    assert recount(session) == []


def test_absent_after_the_cut_off_is_spare_today(session: WriteSession, town: DayTown) -> None:
    note(session, tick(town, M.absent, at(15, 40)), now=at(15, 40))
    kept = session.scalars(select(PlacementException)).one()
    assert (kept.kind, kept.frees_place) == (ExceptionKind.absent, False)
    assert taken(session, town) == 3
    stay = next(row for row in list_stays(session, [town.service_id], DAY) if row.person_id == town.anna_id)
    assert (stay.excused, stay.frees_place) == (ExceptionKind.absent, False)
    assert recount(session) == []


def test_who_comes_after_all_is_there_even_where_the_place_was_given_away(session: WriteSession) -> None:
    town = make_day_town(session, places=3)
    note(session, tick(town, M.absent, at(11)), now=at(11))
    where = (SlotCapacity.slot_id == town.slot_id, SlotCapacity.kind == CapacityKind.places)
    row = session.scalars(select(SlotCapacity).where(*where).execution_options(populate_existing=True)).one()
    row.taken = row.capacity
    session.flush()
    (answer,) = note(session, tick(town, M.present, at(15, 40)), now=at(15, 40))
    assert answer.mark is M.present
    assert session.scalars(select(PlacementException.kind)).one() is ExceptionKind.absent


def test_another_sites_staff_tick_nobody(session: WriteSession, town: DayTown) -> None:
    user = make_staff(session, StaffRole.site, "elsewhere")
    site = Actor(user.id, user.name, StaffRole.site, site_ids=frozenset({town.other_site_id}))
    (answer,) = note_ticks(session, site, [tick(town, M.present, at(15, 40))], at(16))
    assert answer.refusal is not None
    assert answer.refusal.code == "not_allowed"
    assert session.scalar(select(func.count(RollTick.id))) == 0


def test_who_is_in_hospital_is_excused_from_everything_in_one_act(
    session: WriteSession, town: DayTown
) -> None:
    canteen = providers.make_service(
        session, ServiceKind.canteen, calendar_class=CalendarClass.every_day, cut_off="-1 15:00"
    )
    care_class = providers.make_class(session, canteen)
    cell = providers.make_template(session, care_class, DAY.weekday(), Part.lunch, {CapacityKind.meals: 9})
    need = needs.make_need(
        session,
        session.get_one(Person, town.anna_id),
        ServiceKind.canteen,
        [((DAY.weekday(),), WishPart.lunch)],
    )
    row = placements.make_placement(session, need, care_class, [cell], state=PlacementState.active)
    slot = providers.make_slot(session, cell, DAY, taken=1)
    session.execute(update(PlacementUse).where(PlacementUse.placement_id == row.id).values(kind="meals"))
    session.flush()
    assert recount(session) == []
    own = town.placement_ids["安安"]
    noted = excuse_days(session, system_actor(), own, (DAY, DAY), ExceptionKind.hospital, at(11)).made
    assert {(each.placement_id, each.frees_place) for each in noted} == {(own, True), (row.id, False)}
    assert taken(session, town) == 2, "the class's cut-off is at noon: its place is free"
    meals = select(SlotCapacity.taken).where(SlotCapacity.slot_id == slot.id)
    assert session.scalars(meals).one() == 1, "the kitchen's was yesterday: the meal is spare today"
    assert excuse_days(session, system_actor(), own, (DAY, DAY), ExceptionKind.hospital, at(12)).made == []
    assert recount(session) == []


SLOW = timedelta(minutes=10)


def _hand_over(town: DayTown, seen, name: str = "tick-hand-over") -> Tick:
    return tick(town, M.handed_over, seen, who="cora_id", name=name, to=town.pickup_id)


def _here(town: DayTown, seen, name: str = "tick-here") -> Tick:
    return tick(town, M.present, seen, who="cora_id", name=name)


def test_hand_over_from_a_tablet_whose_clock_is_slow_counts_when_it_happened(
    session: WriteSession, town: DayTown
) -> None:
    note(session, _here(town, at(16)), now=at(16))
    given = _hand_over(town, at(16, 5) - SLOW)
    (answer,) = note_ticks(session, system_actor(), [given], at(16, 6), sent_at=at(16, 6) - SLOW)
    assert (answer.mark, answer.refusal) == (M.handed_over, None)
    assert mark_of(session, town, town.cora_id) is M.handed_over
    assert session.scalars(select(RollTick.marked_at).where(RollTick.mark == M.handed_over)).one() == at(
        16, 5
    )
    # And a later tap of the right clock counts after it.
    note(session, _here(town, at(16, 7), "tick-back"), now=at(16, 7))
    assert mark_of(session, town, town.cora_id) is M.present


def test_hand_over_that_a_later_mark_overtakes_is_never_passed_over_in_silence(
    session: WriteSession, town: DayTown
) -> None:
    note(session, _here(town, at(16)), now=at(16))
    late = _hand_over(town, at(15, 55))
    for is_replay in (False, True):  # also where the first answer was lost on the way
        (answer,) = note(session, late, now=at(16, 6))
        assert (answer.mark, answer.is_replay) == (M.present, is_replay)
        assert answer.refusal is not None
        assert answer.refusal.code == "hand_over_overtaken"
        assert answer.refusal.data == {"mark": "present", "at": "16:00", "handed_over_at": "15:55"}
    (answer,) = note(session, _hand_over(town, at(16, 6), "tick-again"), now=at(16, 6))
    assert (answer.mark, answer.refusal) == (M.handed_over, None)


def test_hand_over_taken_back_by_the_same_page_is_no_surprise(session: WriteSession, town: DayTown) -> None:
    both = [_hand_over(town, at(16, 5)), _here(town, at(16, 6))]
    for _ in range(2):
        assert [each.refusal for each in note(session, *both, now=at(16, 7))] == [None, None]
    assert mark_of(session, town, town.cora_id) is M.present


def test_ticks_of_a_clock_that_runs_ahead_keep_their_order(session: WriteSession, town: DayTown) -> None:
    ahead = [_here(town, at(16, 20), "tick-z-here"), _hand_over(town, at(16, 25), "tick-a-over")]
    answers = note(session, *ahead, now=at(16, 5))
    assert [each.mark for each in answers] == [M.present, M.handed_over]
    assert mark_of(session, town, town.cora_id) is M.handed_over


def test_who_may_not_tick_there_learns_nothing_from_a_known_tick(
    session: WriteSession, town: DayTown
) -> None:
    given = _hand_over(town, at(15, 55))
    note(session, given, now=at(15, 56))
    note(session, _here(town, at(16)), now=at(16))
    elsewhere = Actor(None, "other", StaffRole.site, site_ids=frozenset({town.other_site_id}))
    (answer,) = note_ticks(session, elsewhere, [given], at(16, 1))
    assert (answer.mark, answer.refusal, answer.is_replay) == (M.handed_over, None, True)
