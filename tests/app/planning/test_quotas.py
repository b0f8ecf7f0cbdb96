"""One night, several wishes of one person: hours a week and meals a month are shared between them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import today
from app.models import Placement, Proposal
from app.models.enums import CalendarClass, CapacityKind, Part, Reason, RuleKind, ServiceKind, WishPart
from tests.app.planning.town import add_elder, make_town, night
from tests.factories.needs import make_need
from tests.factories.providers import make_class, make_rule, make_service, make_week

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from app.db import Database
    from app.models import Person
    from tests.app.planning.town import Town

PARTS = {
    ServiceKind.canteen: (Part.lunch, Part.dinner),
    ServiceKind.home_visit: (Part.morning, Part.afternoon),
}
WISHES = {
    ServiceKind.canteen: (WishPart.lunch, WishPart.dinner),
    ServiceKind.home_visit: (WishPart.morning, WishPart.afternoon),
}
KINDS = {ServiceKind.canteen: CapacityKind.meals, ServiceKind.home_visit: CapacityKind.visit_minutes}


def _make_service(session: Session, kind: ServiceKind, quota: int) -> None:
    service = make_service(
        session,
        kind,
        calendar_class=CalendarClass.every_day,
        held_back_places=0,
        sends_offers=False,
        limit_metres=None,
    )
    rule = RuleKind.monthly_meals_quota if kind is ServiceKind.canteen else RuleKind.weekly_hours_quota
    make_rule(session, service, rule, quota)
    make_week(
        session, make_class(session, service), range(7), parts=PARTS[kind], capacities={KINDS[kind]: 600}
    )


def _wish(session: Session, person: Person, kind: ServiceKind, number: int, days: tuple[int, ...]) -> int:
    return make_need(
        session,
        person,
        kind,
        [(days, WISHES[kind][number])],
        starts_on=today() - timedelta(days=10),
        visit_minutes=60 if kind is ServiceKind.home_visit else None,
    ).id


def _count(database: Database) -> tuple[int, set[Reason]]:
    with database.reading() as session:
        placed = session.scalars(select(Placement)).all()
        left = session.scalars(select(Proposal.reason).where(Proposal.placement_id.is_(None))).all()
        return len(placed), set(left)


@pytest.mark.parametrize(
    ("kind", "quota"),
    [(ServiceKind.home_visit, 0), (ServiceKind.canteen, 14)],
    ids=["three hours a week at grade 3", "fourteen meals a month"],
)
def test_two_wishes_of_one_night_share_the_allowance(
    database: Database, tmp_path: Path, kind: ServiceKind, quota: int
) -> None:
    with database.writing() as session:
        town: Town = make_town(session)
        _make_service(session, kind, quota)
        tight, easy = add_elder(session, town, grade=3), add_elder(session, town, grade=3)
        for number in (0, 1):
            # Two days each make four a week: too many together, and each alone is not.
            _wish(session, tight, kind, number, (0, 2))
        _wish(session, easy, kind, 0, (0, 2))
    result = night(database, tmp_path)
    assert result.exit_code == 0
    assert _count(database) == (2, {Reason.quota_used_up})
