"""Plain facts that the rules read: people, needs, services with their week. No session, no rules here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any, Protocol

from app.models.enums import (
    CalendarClass,
    CapacityKind,
    ConsentPurpose,
    EndRule,
    Mobility,
    Mode,
    NeedRhythm,
    Part,
    Reason,
    Role,
    RuleKind,
    ServiceKind,
    Sex,
    Stairs,
    WishPart,
)

_DAYS = [tuple(day for day in range(7) if bits >> day & 1) for bits in range(128)]
"""Weekdays by their seven bits: asked for hundreds of thousands of times a night."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an option is not a person's: the code and the figures that its sentence needs."""

    reason: Reason
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """Dated evidence; `valid_to` is the last day on which it counts."""

    kind: str
    value: str | None
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Return whether the proof counts on `on`."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Leave:
    """A consent: for what, whether by a guardian in office, from when to when."""

    purpose: ConsentPurpose
    by_self: bool
    by_guardian: bool
    given_on: date
    valid_to: date | None
    withdrawn_on: date | None

    def is_live(self, on: date) -> bool:
        """Return whether the consent holds on `on`; from the day of withdrawal it does not."""
        return (
            self.given_on <= on
            and (self.valid_to is None or on <= self.valid_to)
            and (self.withdrawn_on is None or on < self.withdrawn_on)
        )


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person starts from: compound, floor, whether a lift runs."""

    compound_id: int
    floor: int = 1
    has_lift: bool = False

    @property
    def floors_down(self) -> int:
        """Floors to climb on foot."""
        return 0 if self.has_lift else max(0, self.floor - 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that a person has on weekdays (bit 0 = Monday) from one day to another; None: no end."""

    weekdays: int
    starts_on: date
    ends_on: date | None


class Claimant(Protocol):
    """What the priority class reads of a person."""

    @property
    def role(self) -> Role | None:
        """Elder or child."""

    @property
    def born_on(self) -> date:
        """Date of birth."""

    @property
    def proofs(self) -> Sequence[Proof]:
        """Dated evidence."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A person's claim to a priority class, and nothing else of the person."""

    role: Role | None
    born_on: date
    proofs: Sequence[Proof]


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules may know of a person; no name, number or note."""

    id: int
    code: str
    role: Role | None
    born_on: date
    sex: Sex
    stairs: Stairs
    mobility: Mobility
    home: Home
    other_homes: Mapping[int, Home] = field(default_factory=dict)
    """By weekday, where the person starts from elsewhere."""
    proofs: Sequence[Proof] = ()
    leaves: Sequence[Leave] = ()
    area_codes: frozenset[str] = frozenset()
    """Codes of the compound lived in and of every area above it."""
    pickup_ids: Sequence[int | None] = ()
    """Verified adults to whom a child may be handed over; None for an adult who is not registered."""
    other_care_minutes: int = 0
    """Minutes a week that other placements and visits draw on the long-term-care hours."""
    standing_meals: Sequence[Standing] = ()
    """Meals that the person has every week."""
    meal_dates: Sequence[date] = ()
    """Dates of single meals that are booked."""
    has_other_wishes: bool = False
    """Whether another need of the same person is decided in the same night."""

    def get_home(self, weekday: int) -> Home:
        """Return where the person starts from on a weekday (0 = Monday)."""
        return self.other_homes.get(weekday, self.home)


@dataclass(frozen=True, slots=True)
class Rule:
    """An eligibility rule of a service with the days it is in force."""

    kind: RuleKind
    value: int
    data: Mapping[str, Any]
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Return whether the rule is in force on `on`."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a class's week (a slot template) with its capacities."""

    id: int
    code: str
    weekday: int
    part: Part
    starts_at: time
    ends_at: time
    valid_from: date
    valid_to: date | None
    capacities: Mapping[CapacityKind, int]

    def is_valid(self, on: date) -> bool:
        """Return whether the cell is part of the week on `on`."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class CareClass:
    """A class with the cells of its week by (weekday, part)."""

    id: int
    code: str
    age_from_months: int | None
    age_to_months: int | None
    unit_use: int
    skills: Sequence[str]
    cells: Mapping[tuple[int, Part], Sequence[Cell]]

    @cached_property
    def is_timeless(self) -> bool:
        """Whether no cell of the week ever ends."""
        return all(cell.valid_to is None for cells in self.cells.values() for cell in cells)

    @cached_property
    def kinds(self) -> frozenset[CapacityKind]:
        """Capacity kinds that any of its cells limits."""
        return frozenset(kind for cells in self.cells.values() for cell in cells for kind in cell.capacities)


@dataclass(frozen=True, slots=True)
class Service:
    """A service at its site, with rules and classes."""

    id: int
    code: str
    site_id: int
    site_code: str
    kind: ServiceKind
    mode: Mode
    calendar_class: CalendarClass
    limit_metres: int | None
    end_rule: EndRule
    notice_days: int
    sends_offers: bool
    site_confirms: bool
    held_back_places: int
    is_step_free: bool
    rules: Sequence[Rule]
    classes: Sequence[CareClass]
    closures: Sequence[tuple[date, date]] = ()
    """First and last day of each closure of the site or of this service."""

    def is_closed(self, on: date) -> bool:
        """Return whether a closure covers `on`."""
        return any(first <= on <= last for first, last in self.closures)

    def find_open_day(self, on: date, last: date) -> date:
        """Return the first day from `on` that no closure covers; `on` itself where there is none until `last`."""
        found = on
        while self.is_closed(found):
            closed_until = max(end for first, end in self.closures if first <= found <= end)
            if closed_until >= last:  # asked before a day is added: the last day there is has none after it
                return on
            found = closed_until + timedelta(days=1)
        return found if found <= last else on


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that a need accepts: weekdays (bit 0 = Monday) and part, or one date."""

    rank: int
    weekdays: int
    part: WishPart
    occurs_on: date | None = None

    @property
    def days(self) -> tuple[int, ...]:
        """Weekdays of the pattern, 0 = Monday."""
        return _DAYS[self.weekdays]


@dataclass(frozen=True, slots=True)
class Need:
    """What one person asks for."""

    id: int
    code: str
    person_id: int
    kind: ServiceKind
    rhythm: NeedRhythm
    entered_on: date
    starts_on: date
    ends_on: date | None
    limit_metres: int | None
    visit_minutes: int | None
    needs_escort: bool
    gate_site_id: int | None
    group_id: int | None
    round_id: int | None
    wants_transfer: bool
    draw_number: int | None
    version: int
    patterns: Sequence[Pattern]
    wishes: Mapping[int, int] = field(default_factory=dict)
    """Rank by service id, 1 the first wish."""

    def find_last_date(self) -> date | None:
        """Return the last single date that the need asks for; None where it asks for weekdays."""
        return max((p.occurs_on for p in self.patterns if p.occurs_on is not None), default=None)

    def get_rank(self, service_id: int) -> int:
        """Return the wish's rank; services not named rank behind all named ones."""
        return self.wishes.get(service_id, len(self.wishes) + 1)
