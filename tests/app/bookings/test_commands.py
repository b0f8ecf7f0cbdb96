"""Booking, moving and cancelling: what is allowed, what is taken, what is refused with which code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.bookings.checks import Wish, check_wish
from app.bookings.commands import book, cancel, move
from app.bookings.errors import (
    BookingNotPossible,
    HeldBack,
    NeedsPlacement,
    NotThisNeed,
    QuotaUsedUp,
)
from app.calendars.errors import CalendarNotPublished
from app.errors import NotFound
from app.ledger.commands import occupy, recount
from app.ledger.errors import SlotFull
from app.models import (
    AuditRow,
    Booking,
    CalendarYear,
    Need,
    NeedPattern,
    Person,
    PlacementException,
    SlotTemplate,
    WaitlistEntry,
)
from app.models.enums import (
    BookingState,
    CapacityKind,
    ExceptionKind,
    NeedState,
    Origin,
    Part,
    PlacementState,
    RuleKind,
    ServiceKind,
    SlotState,
    WaitlistState,
    WishPart,
    YearState,
)
from app.placements.errors import DoubleBooked, NeedNotOpen, NotEligible, ReasonRequired
from app.slots.commands import extend_horizon
from app.slots.errors import BeyondHorizon, SlotClosed, SlotOver
from app.waitlist.commands import join
from tests.app.bookings.conftest import NOW, SOON, TODAY, Desk
from tests.factories import needs, placements, providers

MINUTES = CapacityKind.carer_minutes


def test_booking_takes_all_its_kinds(desk: Desk) -> None:
    need = desk.make_need()
    row = desk.book(need)
    assert (row.state, row.origin, row.slot_id) == (BookingState.booked, Origin.desk, desk.slot().id)
    assert (desk.taken(), desk.taken(kind=MINUTES)) == (1, 40)
    assert desk.session.get_one(Need, need.id).state is NeedState.placed
    assert recount(desk.session) == []
    noted = desk.session.scalars(select(AuditRow)).one()
    assert (noted.act, noted.subject) == ("booking.book", f"booking:{row.code}")


def test_slot_is_full_when_its_places_are_taken(desk: Desk) -> None:
    for _ in range(2):
        desk.book(desk.make_need())
    with pytest.raises(SlotFull) as refused:
        desk.book(desk.make_need())
    assert refused.value.code == "full"
    assert desk.taken() == 2


def test_slot_is_full_when_its_second_kind_runs_out(desk: Desk) -> None:
    desk.session.get_one(Need, desk.make_need().id)
    for _ in range(2):
        desk.book(desk.make_need(person=desk.make_person(grade=None)))  # 20 minutes each
    desk.session.flush()
    other = desk.slot(part=Part.afternoon)
    need = desk.make_need(part=WishPart.afternoon, person=desk.make_person(grade=6))  # 90 minutes
    desk.book(need, other)
    with pytest.raises(SlotFull) as refused:
        desk.book(desk.make_need(part=WishPart.afternoon, person=desk.make_person(grade=3)), other)
    assert refused.value.data["kind"] is MINUTES
    assert recount(desk.session) == []


def test_place_held_back_goes_only_to_an_urgent_case(desk: Desk) -> None:
    desk.service.held_back_places = 1
    desk.session.flush()
    desk.book(desk.make_need())
    need = desk.make_need()
    with pytest.raises(HeldBack):
        desk.book(need)
    with pytest.raises(ReasonRequired):
        desk.book(need, urgent=True)
    row = desk.book(need, urgent=True, reason="hospital discharge")
    assert (row.origin, row.reason) == (Origin.urgent, "hospital discharge")
    noted = desk.session.scalars(select(AuditRow).order_by(AuditRow.sequence.desc())).first()
    assert noted.reason == "hospital discharge"
    assert "hospital" not in str(noted.data)  # the chain holds its digest only
    with pytest.raises(SlotFull) as refused:
        desk.book(desk.make_need(), urgent=True, reason="carer ill")
    assert refused.value.code == "full"


def test_same_person_is_not_booked_twice_at_once(desk: Desk) -> None:
    other_class = desk.add_class()
    person = desk.make_person()
    first, second = desk.make_need(person=person), desk.make_need(person=person)
    booked = desk.book(first)
    for slot in (desk.slot(), desk.slot(care_class=other_class)):
        with pytest.raises(DoubleBooked) as refused:
            desk.book(second, slot)
        assert refused.value.data["with"] == f"booking:{booked.code}"
    assert recount(desk.session) == []


def test_person_with_a_weekly_place_is_not_booked_beside_it(desk: Desk) -> None:
    other_class = desk.add_class()
    person = desk.make_person()
    weekly = needs.make_need(desk.session, person, patterns=(((2,), WishPart.morning),))
    template = desk.session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == other_class.id)).one()
    placed = placements.make_placement(
        desk.session, weekly, other_class, [template], state=PlacementState.active, starts_on=TODAY
    )
    occupy(desk.session, [placed.id])
    need = desk.make_need(person=person)
    with pytest.raises(DoubleBooked):
        desk.book(need)
    desk.session.add(PlacementException(placement_id=placed.id, on_date=SOON, kind=ExceptionKind.absent))
    desk.session.flush()
    desk.book(need)


def test_full_day_is_served_by_morning_and_afternoon(desk: Desk) -> None:
    need = desk.make_need(part=WishPart.full_day)
    desk.book(need)
    assert desk.session.get_one(Need, need.id).state is NeedState.open
    desk.book(need, desk.slot(part=Part.afternoon))
    desk.session.expire_all()
    assert desk.session.get_one(Need, need.id).state is NeedState.placed


def test_rules_of_the_service_refuse_with_their_reasons(desk: Desk) -> None:
    providers.make_rule(desk.session, desk.service, RuleKind.min_care_grade, 4)
    with pytest.raises(NotEligible) as refused:
        desk.book(desk.make_need())
    assert refused.value.data["reasons"] == [{"code": "care_grade_too_low", "grade": 3, "from_grade": 4}]


@pytest.mark.parametrize(("on", "part"), [(date(2026, 11, 5), WishPart.morning), (SOON, WishPart.afternoon)])
def test_slot_of_another_date_or_part_is_refused(desk: Desk, on: date, part: WishPart) -> None:
    with pytest.raises(NotThisNeed):
        desk.book(desk.make_need(on, part))


def test_every_parallel_class_can_be_booked(desk: Desk) -> None:
    # The night offers a need a few of many parallel classes; the desk may ask for any.
    for care_class in [desk.add_class() for _ in range(6)]:
        desk.book(desk.make_need(), desk.slot(care_class=care_class))
    assert recount(desk.session) == []


def test_slot_of_another_kind_is_refused(desk: Desk) -> None:
    with pytest.raises(NotThisNeed):
        desk.book(desk.make_need(kind=ServiceKind.nursery))


def test_weekly_need_is_not_a_booking(desk: Desk) -> None:
    need = needs.make_need(desk.session, desk.make_person(), patterns=(((2,), WishPart.morning),))
    with pytest.raises(NeedsPlacement):
        desk.book(need)


def test_need_is_booked_once(desk: Desk) -> None:
    need = desk.make_need()
    desk.book(need)
    desk.session.expire_all()
    with pytest.raises(NeedNotOpen):
        desk.book(need)


def test_unknown_slot_and_need_are_not_found(desk: Desk) -> None:
    need = desk.make_need()
    with pytest.raises(NotFound):
        check_wish(desk.session, desk.actor, Wish(need.id, 10**9), NOW)
    with pytest.raises(NotFound):
        check_wish(desk.session, desk.actor, Wish(10**9, desk.slot().id), NOW)


def test_slot_that_began_is_over(desk: Desk) -> None:
    need = desk.make_need()
    with pytest.raises(SlotOver):
        desk.book(need, now=datetime(2026, 11, 4, 0, 30, tzinfo=UTC))


def test_closed_slot_is_refused_also_when_it_closed_after_the_check(desk: Desk) -> None:
    need, slot = desk.make_need(), desk.slot()
    allowed = check_wish(desk.session, desk.actor, Wish(need.id, slot.id), NOW)
    slot.state = SlotState.closed
    desk.session.flush()
    with pytest.raises(SlotClosed):
        book(desk.session, desk.actor, allowed, NOW)
    with pytest.raises(SlotClosed):
        desk.book(need, slot)


def test_date_beyond_the_horizon_is_refused(desk: Desk) -> None:
    extend_horizon(desk.session, TODAY + timedelta(days=3))
    beyond = date(2026, 12, 28)
    with pytest.raises(BeyondHorizon) as refused:
        desk.book(desk.make_need(beyond), desk.slot(beyond))
    assert (refused.value.status, refused.value.data["last_on"]) == (422, "2026-12-27")


def test_year_that_is_not_published_any_more_is_refused(desk: Desk) -> None:
    need, slot = desk.make_need(), desk.slot()
    desk.session.get_one(CalendarYear, 2026).state = YearState.not_published
    desk.session.flush()
    with pytest.raises(CalendarNotPublished):
        desk.book(need, slot)


def test_booking_takes_the_need_off_its_waitlist(desk: Desk) -> None:
    need = desk.make_need()
    entry = join(desk.session, desk.actor, need.id, desk.service.id, NOW)
    desk.book(need)
    desk.session.expire_all()
    assert desk.session.get_one(WaitlistEntry, entry.id).state is WaitlistState.served


def test_cancelling_frees_the_place_and_the_need_waits_again(desk: Desk) -> None:
    need = desk.make_need()
    row = desk.book(need)
    cancel(desk.session, desk.actor, row.id, NOW)
    assert (desk.taken(), desk.taken(kind=MINUTES)) == (0, 0)
    assert desk.session.get_one(Need, need.id).state is NeedState.open
    with pytest.raises(BookingNotPossible):
        cancel(desk.session, desk.actor, row.id, NOW)
    again = desk.book(need)
    assert again.code != row.code
    assert recount(desk.session) == []


def test_need_with_the_longest_code_is_booked_again(desk: Desk) -> None:
    codes = []
    for last in "AB":
        need = desk.make_need(code="N" * 47 + last)
        for _ in range(2):
            row = desk.book(need)
            cancel(desk.session, desk.actor, row.id, NOW)
            codes.append(row.code)
    assert len(set(codes)) == 4


def test_booking_code_that_came_with_a_workbook_is_passed_over(desk: Desk) -> None:
    first, second = desk.make_need(), desk.make_need()
    desk.book(first).code = f"B-{second.code}-1"
    desk.session.flush()
    assert desk.book(second).code == f"B-{second.code}-2"


def test_moving_takes_one_place_and_frees_the_other(desk: Desk) -> None:
    other = desk.slot(care_class=desk.add_class())
    need = desk.make_need()
    row = desk.book(need)
    for there, back in ((other, desk.slot()), (desk.slot(), other)):
        allowed = check_wish(desk.session, desk.actor, Wish(need.id, there.id, moves=True), NOW)
        move(desk.session, desk.actor, row.id, allowed, NOW)
        assert (row.slot_id, desk.taken(there), desk.taken(back)) == (there.id, 1, 0)
        assert recount(desk.session) == []
    assert row.version == 3


def test_move_to_a_full_slot_leaves_the_booking_where_it_is(desk: Desk) -> None:
    other = desk.slot(care_class=desk.add_class())
    for _ in range(2):
        desk.book(desk.make_need(), other)
    need = desk.make_need()
    row = desk.book(need)
    with pytest.raises(SlotFull):
        check_wish(desk.session, desk.actor, Wish(need.id, other.id, moves=True), NOW)
    assert (row.slot_id, desk.taken()) == (desk.slot().id, 1)


@pytest.fixture
def visits(desk: Desk) -> Desk:
    """A visiting carer for grades with three hours a week."""
    service = providers.make_service(
        desk.session,
        ServiceKind.home_visit,
        site=None,
        limit_metres=None,
        held_back_places=0,
    )
    providers.make_rule(desk.session, service, RuleKind.weekly_hours_quota)
    care_class = providers.make_class(desk.session, service)
    providers.make_week(
        desk.session,
        care_class,
        (0, 1, 2, 3, 4),
        [Part.morning],
        {CapacityKind.visit_minutes: 240},
    )
    extend_horizon(desk.session, TODAY)
    return Desk(desk.session, service, care_class)


def _visit(visits: Desk, person: Person, on: date, minutes: int) -> tuple[Need, Booking]:
    need = visits.make_need(on, person=person, kind=ServiceKind.home_visit, visit_minutes=minutes)
    return need, visits.book(need, visits.slot(on), urgent=True, reason="test of the quota")


def test_weekly_care_hours_are_used_up(visits: Desk) -> None:
    person = visits.make_person(grade=3)
    _visit(visits, person, date(2026, 11, 3), 120)
    with pytest.raises(QuotaUsedUp) as refused:
        _visit(visits, person, date(2026, 11, 4), 90)
    assert refused.value.data == {
        "hours": 3,
        "wanted_minutes": 90,
        "left_minutes": 60,
        "week_from": "2026-11-02",
    }
    _visit(visits, person, date(2026, 11, 5), 60)
    _visit(visits, person, date(2026, 11, 9), 90)  # another week
    slot = visits.slot(date(2026, 11, 3))
    assert visits.taken(slot, CapacityKind.visit_minutes) > 120  # with the way of the carer
    assert recount(visits.session) == []


def _move_visit(visits: Desk, need: Need, row: Booking, to: date) -> Booking:
    need.patterns.append(NeedPattern(rank=len(need.patterns) + 1, part=WishPart.morning, occurs_on=to))
    visits.session.flush()
    wish = Wish(need.id, visits.slot(to).id, urgent=True, reason="test of the quota", moves=True)
    allowed = check_wish(visits.session, visits.actor, wish, NOW)
    return move(visits.session, visits.actor, row.id, allowed, NOW)


@pytest.mark.parametrize("others", [0, 60], ids=["alone in its week", "with the rest of the hours drawn"])
def test_visit_that_moves_within_its_week_does_not_count_against_itself(visits: Desk, others: int) -> None:
    person = visits.make_person(grade=3)
    need, row = _visit(visits, person, date(2026, 11, 3), 120)
    if others:
        _visit(visits, person, date(2026, 11, 5), others)
    assert _move_visit(visits, need, row, date(2026, 11, 4)).slot_id == visits.slot(date(2026, 11, 4)).id
    assert recount(visits.session) == []


def test_visit_that_moves_into_another_week_counts_there_and_no_longer_where_it_was(visits: Desk) -> None:
    person = visits.make_person(grade=3)
    need, row = _visit(visits, person, date(2026, 11, 3), 120)
    _, other = _visit(visits, person, date(2026, 11, 9), 90)
    with pytest.raises(QuotaUsedUp) as refused:
        _move_visit(visits, need, row, date(2026, 11, 11))
    assert (refused.value.data["left_minutes"], refused.value.data["week_from"]) == (90, "2026-11-09")
    cancel(visits.session, visits.actor, other.id, NOW)
    _move_visit(visits, need, row, date(2026, 11, 12))
    _visit(visits, person, date(2026, 11, 4), 180)
