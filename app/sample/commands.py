"""Load the synthetic town into an empty record, in one transaction: areas, graph, people, needs, places, slots."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import select

from app.calendars.queries import load_calendar
from app.calendars.reference import load_reference
from app.calendars.rules import Calendar
from app.db import WriteSession
from app.models import Area, Person
from app.models.enums import SchoolPeriod
from app.sample.errors import RecordNotEmpty
from app.sample.needs import Nearness, NeedBuilder, build_needs
from app.sample.people import build_people
from app.sample.placements import place_existing
from app.sample.policies import build_policies
from app.sample.proofs import build_proofs
from app.sample.rows import Rows
from app.sample.sites import build_supply
from app.sample.streets import build_streets
from app.sample.town import build_town
from app.slots.commands import extend_horizon
from app.walking.commands import store_graph

SMALL_SCALE: Final = 1 / 12
"""A consistent town of 500 needs: the same areas and sites, fewer people, smaller capacities."""
GRAPH_SOURCE: Final = "样例步行网络（虚构，示意五里桥地形）"


def load_sample(
    session: WriteSession, *, scale: float, seed: int, today: date, now: datetime
) -> dict[str, int]:
    """Write the sample and return how many rows each table got; the same arguments give the same content.

    Only encryption nonces differ between two runs. Raises `RecordNotEmpty` where the record holds people or areas.
    """
    if any(session.scalar(select(model.id).limit(1)) is not None for model in (Person, Area)):
        raise RecordNotEmpty
    load_reference(session)
    calendar = load_calendar(session)
    rows = Rows(str(seed))
    town = build_town(rows, seed)
    supply = build_supply(rows, town, scale, today)
    rounds = build_policies(rows, today, _find_next_holidays(calendar, today))
    people = build_people(rows, town, scale, seed, today)
    build_proofs(rows, people, seed, today)
    graph = build_streets(seed)
    builder = NeedBuilder(rows, supply, Nearness(town, supply, graph), rounds, calendar, today)
    asked = build_needs(builder, people, scale, seed)
    rows.write(session)
    store_graph(session, graph, GRAPH_SOURCE, now)
    counts = {model.__tablename__: len(made) for model, made in rows.tables.items()}
    counts |= place_existing(session, asked, scale=scale, seed=seed, today=today, now=now)
    counts["slot"] = extend_horizon(session, today)
    return counts


def _find_next_holidays(calendar: Calendar, today: date) -> date | None:
    """Return the first day of the next school holidays that the calendar knows."""
    starts = [
        period.starts_on
        for period in calendar.periods
        if period.kind is SchoolPeriod.holidays and period.starts_on > today
    ]
    return min(starts, default=None)
