"""The after-school town on the day of the test, and somebody who signs in to look after it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.actor import system_actor
from app.attendance.staffing import set_staffing
from app.clock import today
from app.models import (
    CalendarDay,
    CalendarYear,
    SchoolTerm,
)
from app.models.enums import (
    DayKind,
    Part,
    SchoolPeriod,
    StaffRole,
    YearState,
)
from tests.app.attendance.day_town import DayTown, make_day_town

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service


HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


def make_town_of_today(session: WriteSession) -> DayTown:
    """Make the town so that today is a school day that runs its own weekday, whatever day the test runs on."""
    day = today()
    town = make_day_town(session, day, places=3)
    for year in (day.year, day.year + 1):
        row = session.get(CalendarYear, year) or CalendarYear(year=year, source="test")
        row.state = YearState.published
        session.merge(row)
    session.execute(CalendarDay.__table__.delete())
    session.execute(SchoolTerm.__table__.delete())
    session.add(
        SchoolTerm(
            code="T-today",
            name_zh="测试学期",
            source="test",
            kind=SchoolPeriod.term,
            starts_on=day - timedelta(days=30),
            ends_on=day + timedelta(days=90),
        )
    )
    if day.weekday() >= 5:
        kind = DayKind.swapped_workday
        session.add(CalendarDay(on_date=day, kind=kind, runs_as_weekday=day.weekday(), source="test"))
    set_staffing(session, system_actor(), town.service_id, Part.wave_1630, None, (2, 0))
    return town


def sign_in(service: Service, name: str, areas=(), sites=(), role=StaffRole.coordinator) -> TestClient:
    service.add_user(role, areas, sites, name=name)
    browser = service.sign_in(name)
    browser.headers.update(HTML)
    return browser


def open_move(browser: TestClient, town: DayTown, **asked):
    return browser.get(f"/coordinator/placements/{town.placement_ids['安安']}/move", params=asked)
