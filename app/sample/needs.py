"""The sample's needs: each wish with its accepted patterns, wishes for services, own limits, dates. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from app.calendars.rules import Calendar
from app.models import Need, NeedGroup, NeedPattern, NeedPreference
from app.models.enums import GroupKind, NeedRhythm, NeedState, ServiceKind, WishPart
from app.policies.rules import DEFAULTS
from app.priority.rules import draw_number
from app.sample.draws import Draws
from app.sample.patterns import Cells, draw_patterns
from app.sample.people import People, Someone
from app.sample.policies import Rounds
from app.sample.rows import Row, Rows
from app.sample.sites import Offer, Supply
from app.sample.town import Town
from app.sample.wishes import DATED_SHARE, OPEN, PLACED, Wish, draw_wishes
from app.walking.queries import make_walking
from app.walking.rules import Graph

FOR_CHILDREN: Final = {
    ServiceKind.nursery,
    ServiceKind.after_school,
    ServiceKind.holiday_class,
    ServiceKind.children_centre,
    ServiceKind.family_centre,
}
_OWN_LIMITS: Final = {None: 0.4, 300: 0.12, 500: 0.28, 800: 0.2}


@dataclass(frozen=True)
class Asked:
    """A need as the placements need it."""

    row: Row
    person: Someone
    is_weekly: bool
    group: GroupKind | None


class NeedBuilder:
    """Adds needs one by one; codes count up."""

    def __init__(
        self, rows: Rows, supply: Supply, near: Nearness, rounds: Rounds, calendar: Calendar, today: date
    ) -> None:
        self._rows, self._supply, self._near, self._rounds = rows, supply, near, rounds
        self._calendar, self._today = calendar, today
        self._seed = str(DEFAULTS["rolling_seed"].value)
        self._needs = self._groups = 0

    def add(self, wish: Wish, draws: Draws) -> list[Asked]:
        """Add the needs of one wish; people who belong together ask for the same days."""
        group = None if wish.group is None else self._add_group(wish.group)
        is_dated = group is None and draws.chance(_find_dated_share(wish.kind))
        cells = (
            self._draw_date(wish.kind, draws) if is_dated else draw_patterns(wish.kind, wish.people[0], draws)
        )
        return [self._add_one(wish, person, group, cells, draws) for person in wish.people]

    def _add_group(self, kind: GroupKind) -> Row:
        self._groups += 1
        return self._rows.add(
            NeedGroup,
            code=f"SYN-G{self._groups:04d}",
            kind=kind,
            same_site=True,
            all_or_none=kind is not GroupKind.siblings,
        )

    def _add_one(
        self, wish: Wish, person: Someone, group: Row | None, patterns: list[Cells], draws: Draws
    ) -> Asked:
        kind, today = wish.kind, self._today
        self._needs += 1
        code = f"SYN-N{self._needs:05d}"
        occurs_on = patterns[0].occurs_on
        is_round = kind is ServiceKind.holiday_class
        gate = self._near.find_gate(person, draws) if kind is ServiceKind.after_school else None
        starts_on = occurs_on or today + timedelta(
            days=draws.between(1, 14) if draws.chance(0.7) else draws.between(15, 30)
        )
        first = self._rounds.opens_on if is_round else today - timedelta(days=210)
        row = self._rows.add_sealed(
            Need,
            code,
            {"note": "希望安排在固定的位置（样例）" if draws.chance(0.02) else None},
            code=code,
            person_id=person.row,
            kind=kind,
            rhythm=NeedRhythm.weekly if occurs_on is None else NeedRhythm.dated,
            state=NeedState.open,
            entered_on=first + timedelta(days=draws.between(0, (today - first).days)),
            starts_on=self._rounds.starts_on if is_round else starts_on,
            ends_on=None,
            limit_metres=None if kind is ServiceKind.home_visit else draws.weigh(_OWN_LIMITS),
            visit_minutes=60 if kind is ServiceKind.home_visit else None,
            needs_escort=gate is not None and draws.chance(0.55),
            gate_site_id=gate,
            group_id=group,
            round_id=self._rounds.row if is_round else None,
            wants_transfer=False,
            draw_number=None if is_round else draw_number(self._seed, code),
            version=1,
        )
        for rank, cells in enumerate(patterns, 1):
            self._rows.add(
                NeedPattern,
                need_id=row,
                rank=rank,
                weekdays=cells.weekdays,
                part=cells.part,
                occurs_on=cells.occurs_on,
            )
        for rank, offer in enumerate(self._near.draw_preferences(kind, person, draws), 1):
            self._rows.add(NeedPreference, need_id=row, rank=rank, service_id=offer.row)
        return Asked(row, person, occurs_on is None, wish.group)

    def _draw_date(self, kind: ServiceKind, draws: Draws) -> list[Cells]:
        """Return one date on which the kind runs: half of them inside the notice period, for the desk to book."""
        of = self._supply.offers[kind][0].of
        weekdays = of.classes[0].weekdays
        part = draws.pick([WishPart(part.value) for part in of.classes[0].cells])
        soon = self._calendar.add_working_days(self._today, 3)
        first, last = (self._today, soon) if draws.chance(0.5) else (soon, self._today + timedelta(days=30))
        days = [first + timedelta(days=i) for i in range(1, (last - first).days + 1)]
        running = [on for on in days if self._calendar.find_weekday(of.calendar, on) in weekdays]
        if not running:  # a weekend, or a year that is not published yet
            running = [self._today + timedelta(days=i) for i in range(1, 8)]
            running = [on for on in running if on.weekday() in weekdays]
        return [Cells(0, part, draws.pick(running))]


class Nearness:
    """Which services and school gates are near a compound, over the walking network."""

    def __init__(self, town: Town, supply: Supply, graph: Graph) -> None:
        sites = list(supply.sites.values())
        walking = make_walking(
            graph,
            [(i, home.row["latitude"], home.row["longitude"]) for i, home in enumerate(town.homes)],
            [(i, site["latitude"], site["longitude"]) for i, site in enumerate(sites)],
        )
        metres = walking.metres(range(len(town.homes)), range(len(sites)), 9_000)
        column = {site["code"]: i for i, site in enumerate(sites)}
        self._row_of = {home.area["code"]: i for i, home in enumerate(town.homes)}
        self._offers = {
            kind: [
                [
                    offers[i]
                    for i in np.argsort([row[column[offer.site["code"]]] for offer in offers], kind="stable")
                ]
                for row in metres
            ]
            for kind, offers in supply.offers.items()
        }
        self._gates = [sorted(supply.gates, key=lambda gate: row[column[gate["code"]]]) for row in metres]

    def find_gate(self, person: Someone, draws: Draws) -> Row:
        """Return the gate of the child's school: mostly the nearest."""
        gates = self._gates[self._row_of[person.home.area["code"]]]
        return gates[0 if draws.chance(0.85) else 1]

    def draw_preferences(self, kind: ServiceKind, person: Someone, draws: Draws) -> list[Offer]:
        """Return up to three services wished for, best first; many people state none."""
        if draws.chance(0.45 if kind is not ServiceKind.home_visit else 0.8):
            return []
        near = self._offers[kind][self._row_of[person.home.area["code"]]][:4]
        wanted = near if draws.chance(0.7) else draws.shuffle(near)
        return wanted[: draws.weigh({1: 0.45, 2: 0.35, 3: 0.2})]


def _find_dated_share(kind: ServiceKind) -> float:
    """Return the share of all weekly and dated wishes that makes the wanted share of the open ones dated."""
    open_, placed = OPEN[kind], PLACED.get(kind, 0)
    return DATED_SHARE.get(kind, 0.0) * open_ / (open_ + placed)


def build_needs(
    builder: NeedBuilder, people: People, scale: float, seed: int
) -> dict[ServiceKind, list[Asked]]:
    """Add all needs and return them by kind."""
    found: dict[ServiceKind, list[Asked]] = {kind: [] for kind in ServiceKind}
    draws = Draws(seed, "needs")
    for wish in draw_wishes(people, scale, seed):
        found[wish.kind] += builder.add(wish, draws)
    return found
