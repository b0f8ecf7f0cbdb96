"""A smaller accepted pattern at the desk: given, and what it leaves stays open with its waiting time."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.db import WriteSession
from app.models import Need, NeedPattern, NeedPreference, Placement
from app.models.enums import NeedState, Part, PlacementState, ServiceKind, WishPart
from app.placements import commands
from app.placements.byhand import Order
from app.placements.byhand import place as place_by_hand
from app.placements.errors import PatternNotAccepted
from app.placements.rest import HALF_SUFFIX, SUFFIX, list_rests
from tests.app.placements.conftest import NOW, TODAY, Place
from tests.factories import needs, people, providers

MON_WED_FRI, MON_WED, MON, TUE_THU = 0b10101, 0b00101, 0b00001, 0b01010
ENTERED = date(2026, 3, 4)


def make_need(session: WriteSession, *patterns: tuple[int, ...]) -> Need:
    person = people.make_elder(session, people.make_household(session), grade=3)
    return needs.make_need(
        session,
        person,
        patterns=[(days, WishPart.morning) for days in patterns],
        starts_on=TODAY,
        entered_on=ENTERED,
        draw_number=7,
        limit_metres=900,
    )


def give(session: WriteSession, town: Place, need: Need, weekdays: int) -> Placement:
    order = Order(
        need_id=need.id,
        class_id=town.care_class.id,
        weekdays=weekdays,
        part=WishPart.morning,
        reason="test",
        said_yes_by="self",
    )
    return place_by_hand(session, town.actor, order, NOW)


def find_rest(session: WriteSession, need: Need, suffix: str = SUFFIX) -> Need | None:
    return session.scalars(
        select(Need).where(Need.code == f"{need.code}{suffix}").execution_options(populate_existing=True)
    ).first()


def list_patterns(session: WriteSession, need: Need) -> list[int]:
    rows = select(NeedPattern.weekdays).where(NeedPattern.need_id == need.id).order_by(NeedPattern.rank)
    return list(session.scalars(rows))


def test_smaller_pattern_is_given_and_the_missing_day_stays_open(session: WriteSession, place: Place) -> None:
    need = make_need(session, (0, 2, 4), (0, 2))
    give(session, place, need, MON_WED)
    rest = find_rest(session, need)
    assert rest is not None
    assert need.state is NeedState.placed
    assert (rest.state, rest.entered_on, rest.draw_number) == (NeedState.open, ENTERED, 7)
    assert (rest.person_id, rest.limit_metres, rest.kind) == (need.person_id, 900, need.kind)
    assert list_patterns(session, rest) == [0b10000]


def test_other_days_leave_any_one_of_the_days_asked_for(session: WriteSession, place: Place) -> None:
    providers.make_week(session, place.care_class, (1, 3), [Part.morning])
    need = make_need(session, (0, 2, 4), (1, 3))
    give(session, place, need, TUE_THU)
    rest = find_rest(session, need)
    assert rest is not None
    assert list_patterns(session, rest) == [0b00001, 0b00100, 0b10000]


def test_whole_wish_leaves_nothing(session: WriteSession, place: Place) -> None:
    need = make_need(session, (0, 2, 4), (0, 2))
    give(session, place, need, MON_WED_FRI)
    assert find_rest(session, need) is None


def test_pattern_that_nobody_accepted_is_refused(session: WriteSession, place: Place) -> None:
    with pytest.raises(PatternNotAccepted):
        give(session, place, make_need(session, (0, 2, 4), (0, 2)), MON)


def test_mornings_given_leave_the_afternoons_of_these_days_open(session: WriteSession, place: Place) -> None:
    need = make_need(session, (0, 2, 4))
    whole = session.scalars(select(NeedPattern).where(NeedPattern.need_id == need.id)).one()
    whole.part = WishPart.full_day
    session.add(NeedPattern(need_id=need.id, rank=2, weekdays=MON_WED, part=WishPart.morning))
    session.flush()
    row = give(session, place, need, MON_WED)
    assert list_patterns(session, find_rest(session, need) or need) == [0b10000]
    half = find_rest(session, need, HALF_SUFFIX)
    assert half is not None
    assert (half.state, half.entered_on, half.draw_number) == (NeedState.open, ENTERED, 7)
    patterns = session.scalars(select(NeedPattern).where(NeedPattern.need_id == half.id)).all()
    assert [(each.weekdays, each.part) for each in patterns] == [(MON_WED, WishPart.afternoon)]
    first = session.scalars(
        select(NeedPreference).where(NeedPreference.need_id == half.id).order_by(NeedPreference.rank)
    ).first()
    assert first is not None
    assert first.service_id == place.service.id
    commands.end(session, place.actor, row.id, TODAY, "gives it up", NOW)
    session.refresh(half)
    assert half.state is NeedState.withdrawn


MWF_DAY, MWF_AM = (MON_WED_FRI, WishPart.full_day), (MON_WED_FRI, WishPart.morning)


@pytest.mark.parametrize(
    ("kind", "wished", "given", "left"),
    [
        (ServiceKind.day_care, MWF_DAY, MWF_DAY, []),
        (ServiceKind.day_care, MWF_AM, MWF_AM, []),
        (ServiceKind.day_care, MWF_DAY, MWF_AM, [(HALF_SUFFIX, [(MON_WED_FRI, WishPart.afternoon)])]),
        (
            ServiceKind.nursery,
            MWF_DAY,
            (MON, WishPart.afternoon),
            [(SUFFIX, [(0b10100, WishPart.full_day)]), (HALF_SUFFIX, [(MON, WishPart.morning)])],
        ),
        (ServiceKind.home_visit, MWF_DAY, MWF_AM, []),
        (ServiceKind.after_school, (MON, WishPart.wave_1800), (MON, WishPart.wave_1630), []),
    ],
)
def test_what_each_pattern_leaves(kind, wished, given, left) -> None:
    found = list_rests(kind, wished, given)
    assert [(rest.suffix, list(rest.patterns)) for rest in found] == left


def test_who_steps_back_waits_for_all_of_it_again(session: WriteSession, place: Place) -> None:
    need = make_need(session, (0, 2, 4), (0, 2))
    row = give(session, place, need, MON_WED)
    commands.end(session, place.actor, row.id, TODAY, "gives it up", NOW)
    session.refresh(need)
    rest = find_rest(session, need)
    assert rest is not None
    assert (row.state, need.state, rest.state) == (
        PlacementState.withdrawn,
        NeedState.open,
        NeedState.withdrawn,
    )
    give(session, place, need, MON_WED)
    session.refresh(rest)
    assert rest.state is NeedState.open
