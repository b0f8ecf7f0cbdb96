"""How full a service's week is, and how full it was before a plan: counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app.models.enums import Part, PlacementState, PlanState
from app.reports.utilisation import Use, list_use
from tests.factories import needs, people, placements, plans, providers

if TYPE_CHECKING:
    from app.db import WriteSession

MONDAY = date(2026, 12, 7)


def place(session: WriteSession, care_class: Any, week: list[Any], **columns: Any) -> None:
    need = needs.make_need(session, people.make_elder(session, people.make_household(session)))
    placements.make_placement(session, need, care_class, week, **columns)


def test_the_week_with_and_without_what_a_plan_gave(session: WriteSession) -> None:
    care_class = providers.make_class(session)
    week = providers.make_week(session, care_class, [0, 2], [Part.morning])
    plan, other = plans.make_plan(session, PlanState.published), plans.make_plan(session)
    for template in week:
        providers.make_slot(session, template, MONDAY + timedelta(days=template.weekday), taken=4)
        providers.make_slot(session, template, MONDAY + timedelta(days=7 + template.weekday), taken=9)
    place(session, care_class, week)  # without a plan
    place(session, care_class, week, plan_id=other.id)
    place(session, care_class, week, plan_id=plan.id)
    place(session, care_class, week[:1], plan_id=plan.id, state=PlacementState.proposed)
    place(session, care_class, week, plan_id=plan.id, state=PlacementState.withdrawn)
    [use] = list_use(session, MONDAY, plan.id)
    assert use.days == [Use(4, 10), None, Use(4, 10), None, None, None, None]
    assert (use.total, use.given, use.before) == (Use(8, 20), 3, Use(5, 20))
    [use] = list_use(session, MONDAY, other.id)
    assert use.before == Use(6, 20)
