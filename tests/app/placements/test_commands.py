"""Placing by hand, pinning, ending, following the dates, absences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.bookings.closed import Closing
from app.bookings.closures import close
from app.db import WriteSession
from app.errors import DomainError
from app.ledger.beyond import Span, WeekFull, find_first_full
from app.ledger.commands import recount
from app.ledger.errors import SlotFull
from app.models import AuditRow, Booking, CareClass, Need, Person, Service, Slot
from app.models.enums import (
    BookingState,
    ExceptionKind,
    GroupKind,
    NeedState,
    PlacementState,
    RuleKind,
    WishPart,
)
from app.placements import absences, commands, errors
from app.placements.byhand import Order
from app.placements.byhand import place as place_by_hand
from app.slots.commands import extend_horizon
from tests.app.placements.conftest import NOW, TODAY, Place
from tests.factories import needs, people, providers

MON_WED_FRI = 0b10101
DAY = date(2026, 11, 9)


def order(place: Place, need: Need, **changes: object) -> Order:
    given = {
        "need_id": need.id,
        "class_id": place.care_class.id,
        "weekdays": MON_WED_FRI,
        "part": WishPart.morning,
        "reason": "agreed at the desk",
        "said_yes_by": "self",
    }
    return Order(**(given | changes))


def test_place_by_hand_is_confirmed_and_occupies(session: WriteSession, place: Place) -> None:
    need = place.make_need()
    row = place_by_hand(session, place.actor, order(place, need), NOW)
    assert (row.state, row.starts_on) == (PlacementState.confirmed, date(2026, 11, 5))
    assert need.state is NeedState.placed
    assert place.taken()[DAY] == 1
    assert place.taken()[date(2026, 11, 4)] == 0
    assert recount(session) == []
    noted = session.scalars(select(AuditRow)).one()
    assert (noted.act, noted.reason) == ("placement.place", "agreed at the desk")
    with pytest.raises(errors.AlreadyPlaced):
        place_by_hand(session, place.actor, order(place, need), NOW)


def test_place_by_hand_waits_for_the_site_where_it_has_to_agree(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    session.flush()
    row = place_by_hand(session, place.actor, order(place, place.make_need()), NOW)
    assert row.state is PlacementState.offered


def test_place_needs_a_reason(session: WriteSession, place: Place) -> None:
    with pytest.raises(errors.ReasonRequired):
        place_by_hand(session, place.actor, order(place, place.make_need(), reason=" "), NOW)


def test_rules_refuse_and_an_override_overrules_them(session: WriteSession, place: Place) -> None:
    providers.make_rule(session, place.service, RuleKind.min_care_grade, 5)
    need = place.make_need()
    with pytest.raises(errors.NotEligible) as refused:
        place_by_hand(session, place.actor, order(place, need), NOW)
    assert refused.value.data["reasons"] == [{"code": "care_grade_too_low", "grade": 3, "from_grade": 5}]
    row = place_by_hand(session, place.actor, order(place, need, overrides=True), NOW)
    assert row.state is PlacementState.confirmed
    assert place.taken()[DAY] == 1
    assert session.scalars(select(AuditRow)).one().data["overrides"] is True


def test_pattern_that_the_need_does_not_accept_is_refused(session: WriteSession, place: Place) -> None:
    with pytest.raises(errors.PatternNotAccepted):
        place_by_hand(session, place.actor, order(place, place.make_need(), weekdays=0b1), NOW)


def test_cell_that_a_class_lacks_is_refused_even_with_a_reason(session: WriteSession, place: Place) -> None:
    with pytest.raises(errors.NotEligible):
        place_by_hand(
            session, place.actor, order(place, place.make_need(), weekdays=0b10, overrides=True), NOW
        )


def test_start_within_the_notice_takes_an_override(session: WriteSession, place: Place) -> None:
    need = place.make_need()
    soon = order(place, need, starts_on=date(2026, 11, 4))
    with pytest.raises(errors.NotEligible) as refused:
        place_by_hand(session, place.actor, soon, NOW)
    assert refused.value.data["reasons"][0]["earliest_on"] == "2026-11-05"
    row = place_by_hand(
        session, place.actor, order(place, need, starts_on=date(2026, 11, 4), overrides=True), NOW
    )
    assert row.starts_on == date(2026, 11, 4)


def test_capacity_gives_way_to_no_override(session: WriteSession, place: Place) -> None:
    for _ in range(2):
        place.make_placed(PlacementState.active, ends_on=date(2026, 12, 18))
    with pytest.raises(SlotFull):
        place_by_hand(session, place.actor, order(place, place.make_need(), overrides=True), NOW)


def test_weekly_place_promised_for_later_is_not_given_twice(session: WriteSession, place: Place) -> None:
    # Both start after the last dated slot: no slot could refuse the third.
    for _ in range(2):
        place.make_placed(PlacementState.proposed, starts_on=date(2027, 1, 11))
    with pytest.raises(WeekFull) as refused:
        place_by_hand(session, place.actor, order(place, place.make_need(), overrides=True), NOW)
    assert refused.value.data["from_on"] == date(2027, 1, 11)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(1, (1, 1), None), (1, (1, 5), None)], None),
        ([(1, (1, 1), None), (1, (1, 5), None), (1, (1, 9), (1, 9))], date(2027, 1, 9)),
        ([(1, (1, 1), (1, 4)), (1, (1, 5), None), (1, (1, 5), None)], None),
        ([(3, (2, 1), None)], None),  # after the last day that is asked about
    ],
)
def test_first_full_date_is_found(spans: list, expected: date | None) -> None:
    made = [
        Span(amount, date(2027, *first), None if last is None else date(2027, *last))
        for amount, first, last in spans
    ]
    assert find_first_full(made, 2, date(2027, 1, 1), date(2027, 1, 31)) == expected


def test_twin_is_not_placed_alone_by_hand(session: WriteSession, place: Place) -> None:
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    with pytest.raises(errors.GroupTogether):
        place_by_hand(session, place.actor, order(place, twins[0]), NOW)
    place_by_hand(session, place.actor, order(place, twins[0], overrides=True), NOW)


def test_need_that_is_over_is_not_placed_whatever_the_reason(session: WriteSession, place: Place) -> None:
    need = place.make_need(ends_on=TODAY)
    for overrides in (False, True):
        with pytest.raises(errors.NotEligible) as refused:
            place_by_hand(session, place.actor, order(place, need, overrides=overrides), NOW)
        assert refused.value.data["reasons"][0]["ended_on"] == TODAY.isoformat()


def test_contested_place_waits_for_the_night(session: WriteSession, place: Place) -> None:
    place.make_placed(PlacementState.active)
    rival, newcomer = place.make_need(), place.make_need()
    with pytest.raises(errors.Contested) as refused:
        place_by_hand(session, place.actor, order(place, newcomer), NOW)
    assert refused.value.data["decided_on"] == "2026-11-03"
    rival.state = NeedState.withdrawn
    session.flush()
    place_by_hand(session, place.actor, order(place, newcomer), NOW)


def test_house_closed_today_leaves_a_later_place_to_whom_it_is_due(
    session: WriteSession, place: Place
) -> None:
    place.make_placed(PlacementState.active)
    place.make_need()
    close(session, place.actor, Closing(place.service.site_id, None, TODAY, TODAY, "typhoon"), NOW)
    with pytest.raises(errors.Contested):
        place_by_hand(session, place.actor, order(place, place.make_need()), NOW)


def test_place_that_somebody_asks_for_on_one_date_waits_for_the_night(
    session: WriteSession, place: Place
) -> None:
    person = people.make_elder(session, people.make_household(session), grade=3)
    needs.make_dated_need(session, person, date(2026, 11, 18), entered_on=TODAY)
    place.make_placed(PlacementState.active)
    with pytest.raises(errors.Contested):
        place_by_hand(session, place.actor, order(place, place.make_need()), NOW)


def test_place_that_is_enough_for_all_is_not_contested(session: WriteSession, place: Place) -> None:
    place.make_need()
    place_by_hand(session, place.actor, order(place, place.make_need()), NOW)


def test_pin_and_unpin_need_reasons(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    with pytest.raises(errors.ReasonRequired):
        commands.pin(session, place.actor, row.id, "")
    commands.pin(session, place.actor, row.id, "custody order")
    assert (row.is_pinned, row.pin_reason) == (True, "custody order")
    with pytest.raises(errors.NotPossibleInState):
        commands.pin(session, place.actor, row.id, "again")
    commands.unpin(session, place.actor, row.id, "order lifted")
    assert (row.is_pinned, row.pin_reason) == (False, "")
    acts = session.scalars(select(AuditRow.act).order_by(AuditRow.sequence)).all()
    assert acts == ["placement.pin", "placement.unpin"]


def test_last_day_frees_what_comes_after_it(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)
    session.get_one(Need, row.need_id).state = NeedState.placed
    commands.end(session, place.actor, row.id, date(2026, 11, 16), "moves away", NOW)
    assert row.state is PlacementState.active
    assert (place.taken()[date(2026, 11, 16)], place.taken()[date(2026, 11, 18)]) == (1, 0)
    assert commands.follow_dates(session, date(2026, 11, 16)) == 0
    assert commands.follow_dates(session, date(2026, 11, 17)) == 1
    session.refresh(row)
    assert row.state is PlacementState.ended
    need = session.get_one(Need, row.need_id)
    session.refresh(need)
    assert need.state is NeedState.ended
    assert recount(session) == []


@pytest.mark.parametrize("last_on", [date(2026, 11, 16), date(2027, 3, 1)], ids=["the same", "later"])
def test_last_day_is_brought_forward_and_never_put_off(
    session: WriteSession, place: Place, last_on: date
) -> None:
    row = place.make_placed(PlacementState.active)
    commands.end(session, place.actor, row.id, date(2026, 11, 16), "moves away", NOW)
    noted, taken = session.scalars(select(AuditRow.data)).all(), place.taken()
    with pytest.raises(errors.EndsEarlier) as refused:
        commands.end(session, place.actor, row.id, last_on, "stays after all", NOW)
    assert refused.value.data["ends_on"] == "2026-11-16"
    session.refresh(row)
    assert (row.ends_on, row.ended_reason) == (date(2026, 11, 16), "moves away")
    assert (session.scalars(select(AuditRow.data)).all(), place.taken()) == (noted, taken)
    commands.end(session, place.actor, row.id, date(2026, 11, 11), "moves away sooner", NOW)
    assert (row.ends_on, row.ended_reason) == (date(2026, 11, 11), "moves away sooner")
    assert recount(session) == []


def test_placement_given_up_before_its_first_day_never_was(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.confirmed)
    commands.end(session, place.actor, row.id, TODAY, "hospital", NOW)
    assert row.state is PlacementState.withdrawn
    assert set(place.taken().values()) == {0}
    assert recount(session) == []


def test_confirmed_starts_on_its_day(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.confirmed)
    assert commands.follow_dates(session, DAY - timedelta(days=1)) == 0
    assert commands.follow_dates(session, DAY) == 1
    session.refresh(row)
    assert row.state is PlacementState.active
    assert place.taken()[DAY] == 1


def test_absence_before_the_cut_off_frees_the_place(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)
    made = absences.excuse(session, place.actor, row.id, DAY, ExceptionKind.hospital, NOW)
    assert made.frees_place
    assert place.taken()[DAY] == 0
    with pytest.raises(errors.AbsenceKnown):
        absences.excuse(session, place.actor, row.id, DAY, ExceptionKind.absent, NOW)
    assert recount(session) == []
    absences.unexcuse(session, place.actor, row.id, DAY)
    assert place.taken()[DAY] == 1
    assert recount(session) == []


def test_absence_after_the_cut_off_is_spare_not_free(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)
    friday_after_three = datetime(2026, 11, 6, 7, 1, tzinfo=UTC)
    made = absences.excuse(session, place.actor, row.id, DAY, ExceptionKind.absent, friday_after_three)
    assert not made.frees_place
    assert place.taken()[DAY] == 1
    absences.unexcuse(session, place.actor, row.id, DAY)
    assert recount(session) == []


def test_who_comes_after_all_finds_the_place_given_away(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)
    absences.excuse(session, place.actor, row.id, DAY, ExceptionKind.absent, NOW)
    for _ in range(2):
        place.make_placed(PlacementState.active, starts_on=DAY, ends_on=DAY)
    with pytest.raises(SlotFull):
        absences.unexcuse(session, place.actor, row.id, DAY)


def test_who_is_booked_elsewhere_by_now_cannot_come_after_all(
    session: WriteSession, place: Place, make_second_class: Callable[[Service], CareClass]
) -> None:
    row = place.make_placed(PlacementState.active)
    absences.excuse(session, place.actor, row.id, DAY, ExceptionKind.absent, NOW)
    other = make_second_class(place.service)
    slot_id = session.scalars(select(Slot.id).where(Slot.class_id == other.id, Slot.occurs_on == DAY)).one()
    need = needs.make_dated_need(session, session.get_one(Person, row.person_id), DAY)
    booking = Booking(
        code="B-1", need_id=need.id, person_id=row.person_id, slot_id=slot_id, booked_at=NOW, uses=[]
    )
    session.add(booking)
    session.flush()
    with pytest.raises(errors.DoubleBooked) as refused:
        absences.unexcuse(session, place.actor, row.id, DAY)
    assert refused.value.data["with"] == "booking:B-1"
    booking.state, booking.cancelled_at = BookingState.cancelled, NOW
    absences.unexcuse(session, place.actor, row.id, DAY)
    assert recount(session) == []


def test_absence_beyond_the_horizon_counts_when_the_slot_is_made(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.active)
    beyond = date(2026, 12, 28)
    absences.excuse(session, place.actor, row.id, beyond, ExceptionKind.holiday_stay, NOW)
    extend_horizon(session, TODAY + timedelta(days=7))
    assert (place.taken()[beyond], place.taken()[date(2026, 12, 30)]) == (0, 1)
    assert recount(session) == []


@pytest.mark.parametrize("on", [date(2026, 11, 10), date(2026, 11, 4)])
def test_day_on_which_nothing_runs_has_nothing_to_excuse(
    session: WriteSession, place: Place, on: date
) -> None:
    row = place.make_placed(PlacementState.active)
    with pytest.raises(errors.NotOnThisDate):
        absences.excuse(session, place.actor, row.id, on, ExceptionKind.absent, NOW)


@pytest.mark.parametrize(
    ("last", "error"),
    [(date(2026, 12, 6), errors.AbsenceBackwards), (date(2027, 12, 7), errors.AbsenceTooLong)],
)
def test_dates_that_make_no_absence_are_refused(
    session: WriteSession, place: Place, last: date, error: type[DomainError]
) -> None:
    row = place.make_placed(PlacementState.active)
    span = (date(2026, 12, 7), last)
    with pytest.raises(error):
        absences.excuse_days(session, place.actor, row.id, span, ExceptionKind.hospital, NOW)
