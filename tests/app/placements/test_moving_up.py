"""A child who turns two gets the place in the next class on that day; a newcomer was never promised it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import today
from app.ledger.commands import occupy, recount
from app.models import Need, Placement
from app.models.enums import CapacityKind, EndRule, NeedState, Part, PlacementState, ServiceKind, WishPart
from app.placements.commands import follow_dates
from app.placements.moving_up import move_up
from app.slots.commands import extend_horizon
from tests.app.planning.town import publish_years
from tests.factories.needs import make_need
from tests.factories.people import make_child
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from app.db import WriteSession


def _make(session: WriteSession, born_on: date, ends_on: date) -> tuple[int, int]:
    publish_years(session)
    nursery = make_service(session, ServiceKind.nursery, end_rule=EndRule.at_36_months)
    young = make_class(session, nursery, age_from_months=12, age_to_months=24, unit_use=21)
    older = make_class(session, nursery, age_from_months=24, age_to_months=36, unit_use=15)
    kinds = {CapacityKind.places: 1, CapacityKind.carer_units: 105}
    week = make_week(session, young, parts=(Part.morning,), capacities=kinds)
    make_week(session, older, parts=(Part.morning,), capacities=kinds)
    extend_horizon(session, today())
    child = make_child(session, born_on=born_on)
    need = make_need(
        session, child, ServiceKind.nursery, [((0, 1, 2, 3, 4), WishPart.morning)], state=NeedState.placed
    )
    placement = make_placement(
        session,
        need,
        young,
        week,
        state=PlacementState.active,
        starts_on=today() - timedelta(days=60),
        ends_on=ends_on,
    )
    occupy(session, [placement.id])
    return need.id, older.id


def _born_months_ago(months: int) -> date:
    year, month = divmod(today().year * 12 + today().month - 1 - months, 12)
    return date(year, month + 1, min(today().day, 28))


def test_child_of_two_is_in_the_next_class_on_that_day(session: WriteSession) -> None:
    born_on = _born_months_ago(24)
    turned = date(born_on.year + 2, born_on.month, born_on.day)
    need_id, older_id = _make(session, born_on, turned - timedelta(days=1))
    assert move_up(session, today()) == 1
    assert follow_dates(session, today()) == 0
    live = session.scalars(select(Placement).where(Placement.state == PlacementState.active)).one()
    assert (live.need_id, live.class_id, live.starts_on) == (need_id, older_id, turned)
    assert live.ends_on == date(born_on.year + 3, born_on.month, born_on.day) - timedelta(days=1)
    assert session.get_one(Need, need_id).state is NeedState.placed
    assert move_up(session, today()) == 0
    assert recount(session) == []


def test_place_that_ends_on_a_day_that_was_set_ends(session: WriteSession) -> None:
    need_id, _ = _make(session, _born_months_ago(20), today() - timedelta(days=1))
    assert move_up(session, today()) == 0
    assert follow_dates(session, today()) == 1
    session.expire_all()
    assert session.get_one(Need, need_id).state is NeedState.ended
