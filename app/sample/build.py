"""Builds the whole sample in memory, in the order in which its parts need each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.calendars.rules import Calendar
from app.models.enums import SchoolPeriod, ServiceKind
from app.sample.needs import Asked, Nearness, NeedBuilder, build_needs
from app.sample.people import build_people
from app.sample.policies import build_policies
from app.sample.proofs import build_proofs
from app.sample.rows import Rows
from app.sample.sites import build_supply
from app.sample.streets import build_streets
from app.sample.town import build_town
from app.walking.rules import Graph


@dataclass(frozen=True)
class Sample:
    """Everything but the placements, which the rules decide on once the rest is in the record."""

    rows: Rows
    graph: Graph
    asked: dict[ServiceKind, list[Asked]]


def build_sample(calendar: Calendar, *, scale: float, seed: int, today: date) -> Sample:
    """Return the sample's rows; the same arguments give the same rows."""
    rows = Rows(str(seed))
    town = build_town(rows, seed)
    supply = build_supply(rows, town, scale, today)
    rounds = build_policies(rows, today, _find_next_holidays(calendar, today))
    people = build_people(rows, town, scale, seed, today)
    build_proofs(rows, people, seed, today)
    graph = build_streets(seed)
    builder = NeedBuilder(rows, supply, Nearness(town, supply, graph), rounds, calendar, today)
    return Sample(rows, graph, build_needs(builder, people, scale, seed))


def _find_next_holidays(calendar: Calendar, today: date) -> date | None:
    """Return the first day of the next school holidays that the calendar knows."""
    starts = [
        period.starts_on
        for period in calendar.periods
        if period.kind is SchoolPeriod.holidays and period.starts_on > today
    ]
    return min(starts, default=None)
