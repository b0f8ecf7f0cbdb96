"""People's time as a resource (lifecycle.md, "One household, one plan"): half-days of a person, exit waves of an adult.

A person's weekday half-day has capacity 1. An adult's exit-wave cell has capacity 8: own care uses 8, each child
handed over 1. Only people whose time can clash get cells, so that the problem stays small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Final

from app.models.enums import Part, ServiceKind, WishPart
from app.options.amounts import count_care_minutes, draws_on_hours
from app.options.facts import Cell, Need, Pattern, Person, Service, Standing
from app.options.quotas import count_fullest, count_meals, find_meals_quota, list_months
from app.options.rules import find_grade
from app.planning.entries import Entry
from app.planning.facts import Snapshot
from app.policies.rules import Policies

DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOON: Final = time(12)
EXITS: Final = {WishPart.wave_1630: "1630", WishPart.wave_1700: "1700", WishPart.wave_1800: "1800"}
EXIT_TIMES: Final = {"1630": time(16, 30), "1700": time(17), "1800": time(18)}
MOST_ADULTS: Final = 3
HOURS, MEALS = "/care_minutes", "/meals"
ALLOWANCES: Final = (HOURS, MEALS)
"""Ends of the ids of what a person is allowed a week and a month: shared by wishes that one night decides."""
HANDED_OVER: Final = {ServiceKind.after_school, ServiceKind.holiday_class}


@dataclass
class Household:
    """Which people's time can clash, and how much of it there is."""

    adult_capacity: int
    busy: frozenset[int]
    """Persons with more than one wish or place: their half-days are resources."""
    carers: frozenset[int]
    """Adults with care of their own who are named to pick a child up: their exit waves are resources."""
    codes: Mapping[int, str]
    capacities: dict[str, int] = field(default_factory=dict)
    """Resources made so far, by id."""

    def list_half_days(self, person_id: int, code: str, cells: Iterable[Cell]) -> dict[str, int]:
        """Return the person's half-days that cells of a week cover, and exit waves that own care fills."""
        uses: dict[str, int] = {}
        if person_id not in self.busy and person_id not in self.carers:
            return uses
        for cell in cells:
            day = DAY_NAMES[cell.weekday]
            if person_id in self.busy:
                for half in name_halves(cell):
                    uses[f"{code}/{day}/{half}"] = 1
                    self.capacities.setdefault(f"{code}/{day}/{half}", 1)
            if person_id in self.carers:
                for exit_, at in EXIT_TIMES.items():
                    if cell.starts_at < at < cell.ends_at:
                        uses[f"{code}/{day}/{exit_}"] = self.adult_capacity
                        self.capacities.setdefault(f"{code}/{day}/{exit_}", self.adult_capacity)
        return uses

    def use_allowance(
        self, person: Person, need: Need, service: Service, standing: Standing, policies: Policies
    ) -> dict[str, int]:
        """Return what care draws on the person's hours or meals, where another wish of the night may draw on them, too."""
        if not person.has_other_wishes:
            return {}
        if draws_on_hours(service):
            hours = policies.get("weekly_care_hours").get(str(find_grade(person, standing.starts_on)), 0)
            name, left = f"{person.code}{HOURS}", hours * 60 - person.other_care_minutes
            amount = count_care_minutes(need, Pattern(1, standing.weekdays, WishPart.full_day))
        else:
            quota = find_meals_quota(service, standing.starts_on)
            if quota is None:
                return {}
            months = list_months(standing.starts_on, standing.ends_on)
            used = max(count_meals(person.standing_meals, person.meal_dates, month) for month in months)
            name, left, amount = f"{person.code}{MEALS}", quota - used, count_fullest(standing)
        self.capacities[name] = min(max(0, left), self.capacities.get(name, max(0, left)))
        return {name: amount}

    def list_handovers(
        self, entry: Entry, part: WishPart, days: Sequence[int]
    ) -> list[tuple[str, dict[str, int]]]:
        """Return the ways to hand a child over: (adult's code or '', uses); free of charge where an adult is free."""
        exit_ = EXITS.get(part)
        adults = list(entry.person.pickup_ids)
        if entry.need.kind not in HANDED_OVER or exit_ is None or not adults:
            return [("", {})]
        if any(adult is None or adult not in self.carers for adult in adults):
            return [("", {})]
        ways = []
        for adult in adults[:MOST_ADULTS]:
            code = self.codes[adult or 0]
            uses = {f"{code}/{DAY_NAMES[day]}/{exit_}": 1 for day in days}
            for name in uses:
                self.capacities.setdefault(name, self.adult_capacity)
            ways.append((code, uses))
        return ways


def name_halves(cell: Cell) -> Iterator[str]:
    """Give the half-days a cell covers; a meal is short and covers none, an exit wave has a cell of its own."""
    if cell.part in {Part.lunch, Part.dinner}:
        return
    if cell.part in {Part.wave_1630, Part.wave_1700, Part.wave_1800}:
        yield "after"
    elif cell.ends_at <= NOON:
        yield "am"
    elif cell.starts_at >= NOON:
        yield "pm"
    else:
        yield "am"
        yield "pm"


def gather_household(snapshot: Snapshot, entries: Iterable[Entry]) -> Household:
    """Find whose time can clash among the people of a problem."""
    entries = list(entries)
    counts = Counter(entry.person.id for entry in entries)
    pickups = {
        adult
        for entry in entries
        if entry.need.kind in HANDED_OVER
        for adult in entry.person.pickup_ids
        if adult is not None
    }
    codes = {entry.person.id: entry.person.code for entry in entries} | dict(snapshot.adult_codes)
    return Household(
        adult_capacity=snapshot.ground.policies.get("adult_cell_capacity"),
        busy=frozenset(person_id for person_id, count in counts.items() if count > 1),
        carers=frozenset(pickups & counts.keys()),
        codes=codes,
    )
