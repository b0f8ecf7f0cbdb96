"""Whose turn a later date is: who else could use it, by class and on the date asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.bookings.closed import Closing
from app.bookings.closures import close
from app.bookings.commands import cancel
from app.models import Need, Person
from app.models.enums import NeedState, RuleKind
from app.placements.errors import Contested
from tests.app.bookings.conftest import LATER, NOW, TODAY, Desk
from tests.factories import providers


def test_later_date_is_contested_where_others_wait_for_it(desk: Desk) -> None:
    slot = desk.slot(LATER)
    desk.book(desk.make_need(LATER), slot)
    mine, rival = desk.make_need(LATER), desk.make_need(LATER)
    with pytest.raises(Contested) as refused:
        desk.book(mine, slot)
    assert refused.value.data == {"rivals": 1, "decided_on": "2026-11-03"}
    desk.book(mine, slot, urgent=True, reason="hospital discharge")
    assert desk.session.get_one(Need, rival.id).state is NeedState.open


def test_house_closed_today_leaves_a_later_date_to_whom_it_is_due(desk: Desk) -> None:
    slot = desk.slot(LATER)
    desk.book(desk.make_need(LATER), slot)
    mine = desk.make_need(LATER)
    desk.make_need(LATER)
    close(desk.session, desk.actor, Closing(desk.service.site_id, None, TODAY, TODAY, "typhoon"), NOW)
    with pytest.raises(Contested):
        desk.book(mine, slot)


def test_rivals_are_judged_on_the_date_asked_for(desk: Desk) -> None:
    providers.make_rule(desk.session, desk.service, RuleKind.min_age_years, 76)
    slot = desk.slot(LATER)
    desk.book(desk.make_need(LATER), slot)
    young, mine = desk.make_need(LATER), desk.make_need(LATER)
    rival = desk.session.get_one(Person, young.person_id)
    rival.born_on = LATER.replace(year=LATER.year - 76) + timedelta(days=1)
    desk.session.flush()
    booked = desk.book(mine, slot)  # the other is 76 a day later: no rival
    cancel(desk.session, desk.actor, booked.id, NOW)
    rival.born_on = LATER.replace(year=LATER.year - 76)
    desk.session.flush()
    with pytest.raises(Contested) as refused:  # 76 on that very day, not yet today
        desk.book(mine, slot)
    assert refused.value.data["rivals"] == 1


def test_date_inside_the_notice_is_the_desks_to_give(desk: Desk) -> None:
    desk.book(desk.make_need())
    mine = desk.make_need()
    desk.make_need()
    desk.book(mine)
    assert desk.taken() == 2


def test_rivals_are_found_behind_others_who_do_not_count(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.waitlist.queries._READ_LEAST", 2)
    slot = desk.slot(LATER)
    desk.book(desk.make_need(LATER), slot)
    for _ in range(5):
        desk.make_need(LATER, person=desk.make_person(grade=None))
    for _ in range(6):
        desk.make_need(LATER)
    with pytest.raises(Contested) as refused:
        desk.book(desk.make_need(LATER), slot)
    assert refused.value.data["rivals"] == 2  # of six: nobody is read once there are too many


def test_rival_of_lower_class_does_not_contest(desk: Desk) -> None:
    slot = desk.slot(LATER)
    desk.book(desk.make_need(LATER), slot)
    desk.make_need(LATER, person=desk.make_person(grade=None))  # class 1; the booked ones are of class 2
    desk.book(desk.make_need(LATER), slot)
