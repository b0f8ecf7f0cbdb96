"""Load the synthetic town into an empty record, in one transaction: areas, graph, people, needs, places, slots."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import select

from app.calendars.queries import load_calendar
from app.calendars.reference import load_reference
from app.db import WriteSession
from app.models import Area, Person
from app.sample.build import build_sample
from app.sample.day import excuse_some, record_days
from app.sample.errors import RecordNotEmpty
from app.sample.placements import place_existing
from app.slots.commands import extend_horizon
from app.walking.commands import store_graph

SMALL_SCALE: Final = 1 / 12
"""A consistent town of 500 open needs: the same areas and sites, fewer people, smaller capacities."""
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
    sample = build_sample(load_calendar(session), scale=scale, seed=seed, today=today)
    sample.rows.write(session)
    store_graph(session, sample.graph, GRAPH_SOURCE, now)
    counts = {model.__tablename__: len(made) for model, made in sample.rows.tables.items()}
    counts |= place_existing(session, sample.asked, scale=scale, seed=seed, today=today, now=now)
    counts["placement_exception"] = excuse_some(session, seed, today)
    counts["slot"] = extend_horizon(session, today)
    counts |= record_days(session, seed, today, now)
    return counts
