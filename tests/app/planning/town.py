"""A town of a few people around today, whichever day that is: published years without holidays, one day-care centre."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today
from app.db import Database
from app.models import CalendarYear, CareClass, Compound, Need, Person, Placement, Service, SlotTemplate
from app.models.enums import CapacityKind, Part, ServiceKind, WishPart, YearState
from app.planning.night import Result, Wanted, run_night
from tests.factories.areas import make_compound
from tests.factories.needs import make_need
from tests.factories.people import make_elder, make_household
from tests.factories.providers import make_class, make_service, make_week

TOMORROW = today() + timedelta(days=1)


@dataclass
class Town:
    """What the tests point at."""

    compound: Compound
    service: Service
    care_class: CareClass
    week: list[SlotTemplate] = field(default_factory=list)


def make_town(session: Session, places: int = 2, **service: Any) -> Town:
    """Make a compound and a day-care class with so many places on every workday, published calendars around today."""
    publish_years(session)
    compound = make_compound(session)
    given: dict[str, Any] = {"held_back_places": 0, "sends_offers": False, "notice_days": 3}
    made = make_service(session, **(given | service))
    care_class = make_class(session, made)
    week = make_week(session, care_class, capacities={CapacityKind.places: places})
    return Town(compound, made, care_class, week)


def publish_years(session: Session) -> None:
    """Publish the calendars around today, without holidays."""
    for year in range(today().year - 1, today().year + 2):
        if session.get(CalendarYear, year) is None:
            session.add(CalendarYear(year=year, state=YearState.published, source="test"))
    session.flush()


def add_elder(session: Session, town: Town, **columns: Any) -> Person:
    """Make an elder of the compound."""
    return make_elder(session, make_household(session, town.compound), **columns)


def add_need(
    session: Session,
    town: Town,
    person: Person | None = None,
    days: Iterable[int] = (0, 2, 4),
    part: WishPart = WishPart.full_day,
    **columns: Any,
) -> Need:
    """Make an open weekly need of an elder of the town, entered long ago."""
    given: dict[str, Any] = {
        "starts_on": today() - timedelta(days=30),
        "entered_on": today() - timedelta(days=100),
    }
    return make_need(
        session,
        person or add_elder(session, town),
        ServiceKind.day_care,
        [(tuple(days), part)],
        **(given | columns),
    )


def night(database: Database, folder: Path, on: date = TOMORROW, **wanted: Any) -> Result:
    """Run a night and return how it ended."""
    watch = wanted.pop("watch", lambda _step, _share: None)
    given: dict[str, Any] = {"effective_on": on, "folder": folder, "seconds": 20.0}
    return run_night(database, Wanted(**(given | wanted)), watch)


def list_live(database: Database) -> list[tuple[int, str, int, str]]:
    """Return the live placements as (need, state, class, code), by need."""
    with database.reading() as session:
        rows = session.scalars(
            select(Placement)
            .where(Placement.state.in_(("proposed", "offered", "confirmed", "active")))
            .order_by(Placement.need_id)
        )
        return [(row.need_id, row.state.value, row.class_id, row.code) for row in rows]


MORNING = (Part.morning,)
