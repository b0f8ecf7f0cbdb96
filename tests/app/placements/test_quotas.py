"""Weekly care hours at the desk: a second standing visit counts with the first, and with single visits of its weeks."""

from __future__ import annotations

from datetime import date

import pytest

from app.db import WriteSession
from app.models import CareClass, Person, Placement
from app.models.enums import CapacityKind, Part, PlacementState, RuleKind, ServiceKind, WishPart
from app.placements.byhand import Order
from app.placements.byhand import place as place_by_hand
from app.placements.errors import NotEligible
from app.slots.commands import extend_horizon
from tests.app.placements.conftest import NOW, TODAY, Place
from tests.factories import needs, people, providers


@pytest.fixture
def visits(session: WriteSession, place: Place) -> CareClass:
    """A carer with mornings and afternoons for grades with hours."""
    assert place.session is session  # the calendar is loaded
    service = providers.make_service(session, ServiceKind.home_visit, limit_metres=None, held_back_places=0)
    providers.make_rule(session, service, RuleKind.weekly_hours_quota)
    care_class = providers.make_class(session, service)
    providers.make_week(
        session, care_class, range(5), (Part.morning, Part.afternoon), {CapacityKind.visit_minutes: 600}
    )
    extend_horizon(session, TODAY)
    return care_class


def visit(
    session: WriteSession,
    place: Place,
    care_class: CareClass,
    person: Person,
    days: tuple[int, ...],
    part: WishPart,
) -> Placement:
    need = needs.make_need(
        session, person, ServiceKind.home_visit, [(days, part)], starts_on=TODAY, visit_minutes=60
    )
    order = Order(
        need_id=need.id,
        class_id=care_class.id,
        weekdays=needs.to_bits(days),
        part=part,
        reason="test",
        said_yes_by="self",
    )
    return place_by_hand(session, place.actor, order, NOW)


def test_second_standing_visit_has_what_the_first_left(
    session: WriteSession, place: Place, visits: CareClass
) -> None:
    person = people.make_elder(session, people.make_household(session), grade=3)
    visit(session, place, visits, person, (0, 2), WishPart.morning)
    with pytest.raises(NotEligible) as refused:
        visit(session, place, visits, person, (1, 3), WishPart.afternoon)
    (reason,) = refused.value.data["reasons"]
    assert reason["code"] == "quota_used_up"
    assert (reason["hours"], reason["wanted_minutes"], reason["left_minutes"]) == (3, 120, 60)
    made = visit(session, place, visits, person, (1,), WishPart.afternoon)
    assert made.state is PlacementState.confirmed


def test_visit_that_has_ended_draws_nothing(session: WriteSession, place: Place, visits: CareClass) -> None:
    person = people.make_elder(session, people.make_household(session), grade=3)
    first = visit(session, place, visits, person, (0, 2), WishPart.morning)
    first.state, first.ends_on = PlacementState.ended, date(2026, 11, 6)
    session.flush()
    visit(session, place, visits, person, (1, 3), WishPart.afternoon)
