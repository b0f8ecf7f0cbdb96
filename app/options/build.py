"""The options of one need: classes x accepted patterns x start, each with what it uses or why it is refused. Pure.

The night turns candidates into solver options, the desk ranks them, a booking checks one: one code for the three.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zlib import crc32

from app.calendars.rules import Calendar
from app.models.enums import CapacityKind, NeedRhythm, Reason, ServiceKind
from app.options.amounts import check_amounts, list_amounts
from app.options.facts import CareClass, Cell, Need, Pattern, Person, Refusal, Service
from app.options.patterns import check_days, list_variants
from app.options.reach import Reach, Trip, find_trip, rank_trip
from app.options.rules import check_class, check_consent, check_service
from app.options.stages import Stage, list_stages
from app.options.walks import count_bands
from app.policies.rules import Policies


@dataclass(frozen=True)
class Ground:
    """What is the same for every need of one night or question."""

    today: date
    """The day on which the plan takes effect."""
    ends_on: date
    """Last day that the plan looks at."""
    policies: Policies
    calendar: Calendar
    reach: Reach
    services: Mapping[ServiceKind, Sequence[Service]]
    _first: dict[int, date] = field(default_factory=dict)
    _days: dict[Any, Pattern | Refusal] = field(default_factory=dict)

    def find_first_day(self, notice_days: int) -> date:
        """Return the first day that may be given to somebody new: today plus the notice in working days."""
        if notice_days not in self._first:
            self._first[notice_days] = self.calendar.add_working_days(self.today, notice_days)
        return self._first[notice_days]

    def check_days(
        self, service: Service, care_class: CareClass, pattern: Pattern, first: date
    ) -> Pattern | Refusal:
        """Answer `patterns.check_days`, each question once: thousands of needs ask the same."""
        key = (care_class.id, pattern, None if care_class.is_timeless else first)
        if key not in self._days:
            self._days[key] = check_days(service, care_class, pattern, first, self.calendar)
        return self._days[key]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a need may have."""

    service: Service
    care_class: CareClass
    pattern: Pattern
    """What is placed: its part may be one variant of the wish (a visit in the morning or the afternoon)."""
    starts_on: date
    ends_on: date | None
    """Last day; None while open-ended."""
    trip: Trip
    rank: int
    bands: int
    """Bands of 100 m beyond the person's own limit."""
    stages: Sequence[Stage]
    amounts: Mapping[CapacityKind, int]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A service that is not in question, with every reason."""

    service: Service
    refusals: Sequence[Refusal]
    trip: Trip | None
    rank: int


@dataclass(frozen=True, slots=True)
class Choice:
    """All that a need may have, best first, and all that it may not."""

    candidates: Sequence[Candidate]
    excluded: Sequence[Excluded]
    refusals: Sequence[Refusal] = ()
    """Why nothing at all is in question (no consent, ended)."""


def build_choice(
    need: Need, person: Person, ground: Ground, *, starts_on: date | None = None, looks_at_all: bool = False
) -> Choice:
    """Return a need's options and refusals; `starts_on` names a later start than the first possible one.

    `looks_at_all`: what lies behind the nearest is asked the same questions, and is not merely named as behind them.
    """
    refusals = check_consent(person, ground.today, ground.policies)
    if refusals:
        return Choice((), (), refusals)
    allowed: list[Candidate] = []
    excluded: list[Excluded] = []
    by_kind = ground.policies.get("nearest_sites")
    most, near = int(by_kind.get(need.kind.value, by_kind["other"])), 0
    trips = [
        (service, *find_trip(need, person, service, ground.reach, ground.policies))
        for service in ground.services.get(need.kind, ())
    ]
    # The nearest first: once enough of them take the person, a night names the rest and does not work it out.
    for service, trip, far in sorted(trips, key=lambda row: (rank_trip(row[1]), row[0].code)):
        rank = need.get_rank(service.id)
        is_behind = near >= most and service.id not in need.wishes and not far
        if is_behind and not looks_at_all:
            unasked = Refusal(Reason.not_wished, {"nearer_sites": most})
            excluded.append(Excluded(service, [unasked], trip, rank))
            continue
        found, refused = _look_at(need, person, service, ground, starts_on, trip, far)
        if found and is_behind:
            behind = Refusal(Reason.not_wished, {"fits_behind": most})
            excluded.append(Excluded(service, [behind], trip, rank))
        elif found:
            allowed += found
            near += 1
        else:
            excluded.append(Excluded(service, refused, trip, rank))
    return Choice(sorted(allowed, key=order_of), excluded)


def order_of(candidate: Candidate) -> tuple[int, int, int, bool, int, str, str, str]:
    """Return the key of preference: wish, pattern, bands beyond the own limit, walked before brought, metres.

    Codes break ties.
    """
    return (
        candidate.rank,
        candidate.pattern.rank,
        candidate.bands,
        candidate.trip.is_delivered,
        candidate.trip.metres,
        candidate.service.code,
        candidate.care_class.code,
        candidate.pattern.part,
    )


def _look_at(
    need: Need,
    person: Person,
    service: Service,
    ground: Ground,
    starts_on: date | None,
    trip: Trip | None,
    far: list[Refusal],
) -> tuple[list[Candidate], list[Refusal]]:
    """Return the candidates at one service, or every reason why there is none."""
    first = max(ground.find_first_day(service.notice_days), need.starts_on, starts_on or need.starts_on)
    if need.rhythm is NeedRhythm.dated:
        first = next((p.occurs_on for p in need.patterns if p.occurs_on is not None), first)
    else:  # some closed days put the start off; they refuse nobody
        first = service.find_open_day(first, ground.ends_on)
    ended = _check_dates(need, first, ground)
    if ended is not None:
        return [], [ended]
    refused = [*check_service(person, service, first, ground.policies), *far]
    if refused or trip is None:
        return [], refused
    found: list[Candidate] = []
    classes, unfit = _list_classes(need, person, service, first, ground.policies)
    refused += unfit
    for care_class in classes:
        for one in _list_in_class(need, person, service, care_class, first, trip, ground):
            if isinstance(one, Refusal):
                refused.append(one)
            else:
                found.append(one)
    return found, _first_of_each(refused)


def _check_dates(need: Need, first: date, ground: Ground) -> Refusal | None:
    """Refuse a start that the plan cannot reach: beyond its window, in an unpublished year, after the need's end."""
    if first > ground.ends_on:
        return Refusal(Reason.beyond_horizon, {"last_day": ground.ends_on.isoformat()})
    if need.ends_on is not None and need.ends_on < first:
        return Refusal(Reason.no_option, {"ended_on": need.ends_on.isoformat()})
    over = need.find_last_date()
    if over is not None and over < ground.today:
        return Refusal(Reason.no_option, {"ended_on": over.isoformat()})
    if not ground.calendar.is_published(first):
        return Refusal(Reason.calendar_not_published, {"year": first.year})
    return None


def _list_classes(
    need: Need, person: Person, service: Service, on: date, policies: Policies
) -> tuple[Sequence[CareClass], list[Refusal]]:
    """Return the classes to look at, and why the others do not take the person.

    Of parallel classes (a team's carers) a need is offered a few, different ones for each need: every class for
    everybody would only swell the problem. The turn comes from the need's code, never from an id.
    """
    refused: list[Refusal] = []
    fit: list[CareClass] = []
    for care_class in service.classes:
        unfit = check_class(person, care_class, on)
        refused += unfit
        if not unfit:
            fit.append(care_class)
    most = policies.get("carers_per_team" if need.kind is ServiceKind.home_visit else "parallel_classes")
    if len(fit) <= most:
        return fit, refused
    first = crc32(need.code.encode()) % len(fit)
    return [fit[(first + i) % len(fit)] for i in range(most)], refused


def _list_in_class(
    need: Need,
    person: Person,
    service: Service,
    care_class: CareClass,
    first: date,
    trip: Trip,
    ground: Ground,
) -> Iterator[Candidate | Refusal]:
    amounts = list_amounts(need, person, care_class, trip, first, ground.policies)
    for pattern in need.patterns:
        for variant in list_variants(need.kind, pattern):
            days = ground.check_days(service, care_class, variant, first)
            if isinstance(days, Refusal):
                yield days
                continue
            late = check_amounts(need, person, service, days, amounts, first, ground.policies)
            if late is not None:
                yield late
                continue
            stages, ends_on = list_stages(need, person, service, care_class, days, first, ground.policies)
            own = need.limit_metres or ground.policies.get("own_limit_metres").get(need.kind.value, 10**6)
            band = ground.policies.get("overrun_band_metres")
            yield Candidate(
                service=service,
                care_class=care_class,
                pattern=days,
                starts_on=first,
                ends_on=ends_on,
                trip=trip,
                rank=need.get_rank(service.id),
                bands=count_bands(trip.nearness[1], own, band) if trip.is_walked else 0,
                stages=stages,
                amounts=amounts,
            )


def list_cells(stage: Stage) -> Iterator[Cell]:
    """Give the cells that a place covers in one stage: all that are part of the week at some time in it."""
    for key in stage.keys:
        for cell in stage.care_class.cells.get(key, ()):
            if cell.valid_to is not None and cell.valid_to < stage.starts_on:
                continue
            if stage.ends_on is not None and cell.valid_from > stage.ends_on:
                continue
            yield cell


def _first_of_each(refusals: Sequence[Refusal]) -> list[Refusal]:
    seen: dict[Reason, Refusal] = {}
    for refusal in refusals:
        seen.setdefault(refusal.reason, refusal)
    return list(seen.values())
