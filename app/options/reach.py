"""Whether a person gets to a service, or it to them: walking, visited at home, or brought to the door. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.models.enums import CapacityKind, Reason, ServiceKind
from app.options.facts import Home, Need, Person, Refusal, Service
from app.options.walks import Way, check_way_down, find_travel_minutes, measure_way
from app.policies.rules import Policies

FARTHEST_METRES = 3_000
"""Nobody walks further and no team travels further on foot; beyond it a refusal names no metres."""


@dataclass(frozen=True)
class Reach:
    """Metres between compounds, school gates and sites; infinite where there is no way within the range asked for."""

    site_row: Mapping[int, int]
    from_compound: Mapping[int, Sequence[float]]
    """By compound id: metres to each site in the order of `site_row`."""
    from_gate: Mapping[int, Sequence[float]]
    is_graph: bool = True
    """False: straight line x detour, to be labelled so."""
    straight: Mapping[int, Sequence[float]] = field(default_factory=dict)
    """As `from_compound`, straight lines: they order what is brought from where no way on foot leads."""
    range_metres: int = FARTHEST_METRES

    def find_metres(self, compound_id: int, site_id: int) -> float:
        """Return metres from a compound to a site; infinite where unknown."""
        row, column = self.from_compound.get(compound_id), self.site_row.get(site_id)
        return math.inf if row is None or column is None else row[column]

    def find_brought_metres(self, compound_id: int, site_id: int) -> int:
        """Return how far a meal is brought: the way on foot; without one farther than any, then by the straight line."""
        metres = self.find_metres(compound_id, site_id)
        if math.isfinite(metres):
            return round(metres)
        row, column = self.straight.get(compound_id), self.site_row.get(site_id)
        return self.range_metres + (0 if row is None or column is None else round(row[column]))

    def find_gate_metres(self, gate_id: int, site_id: int) -> float:
        """Return metres from a school gate to a site."""
        row, column = self.from_gate.get(gate_id), self.site_row.get(site_id)
        return math.inf if row is None or column is None else row[column]


@dataclass(frozen=True, slots=True)
class Trip:
    """How a person and a service come together."""

    way: Way | None
    """On foot, the person's or the visiting team's; None for what is brought: nobody walks there."""
    is_walked: bool = True
    travel_minutes: int = 0
    """Of the visiting carer."""
    brought_metres: int = 0

    @property
    def is_delivered(self) -> bool:
        """Whether what is asked for comes to the door."""
        return self.way is None

    @property
    def metres(self) -> int:
        """How far the two are apart, whoever covers it: the person, the visiting team, who brings the meal."""
        return self.brought_metres if self.way is None else self.way.metres

    @property
    def nearness(self) -> tuple[bool, int]:
        """The key of 'the nearest': what one can walk to before what is brought, each by how far it is.

        A visit costs the person nothing to walk: there the team's way is what is near or far.
        """
        if self.way is not None and self.is_walked:
            return False, self.way.cost_metres
        return self.is_delivered, self.metres


def rank_trip(trip: Trip | None) -> tuple[bool, int]:
    """Return the key of 'the nearest' for a trip that there may not be: then it is the farthest."""
    return (True, 10**9) if trip is None else trip.nearness


def find_trip(
    need: Need, person: Person, service: Service, reach: Reach, policies: Policies
) -> tuple[Trip | None, list[Refusal]]:
    """Return the trip, or the refusals: too far by so many metres, no way down the stairs."""
    if need.kind is ServiceKind.home_visit:
        return _find_visit(person, service, reach, policies)
    way, refusals = _find_walk(need, person, service, reach, policies)
    if refusals and need.kind is ServiceKind.canteen and _delivers(service):
        # What comes to the door is in reach of the homebound, and of who lives too far to walk.
        brought = max(
            reach.find_brought_metres(one.compound_id, service.site_id) for one in _list_homes(need, person)
        )
        return Trip(None, is_walked=False, brought_metres=brought), []
    return (None if way is None else Trip(way)), refusals


def _find_visit(
    person: Person, service: Service, reach: Reach, policies: Policies
) -> tuple[Trip | None, list[Refusal]]:
    metres = reach.find_metres(person.home.compound_id, service.site_id)
    minutes = find_travel_minutes(metres, policies)
    if minutes is None:
        last = policies.get("travel_zones")[-1][0]
        return None, [Refusal(Reason.too_far, _say_far(metres, last))]
    planning = math.ceil(metres / policies.get("planning_metres_per_minute"))
    way = Way(round(metres), 0, planning, 0)
    return Trip(way, is_walked=False, travel_minutes=minutes), []


def _find_walk(
    need: Need, person: Person, service: Service, reach: Reach, policies: Policies
) -> tuple[Way | None, list[Refusal]]:
    if need.gate_site_id is not None:
        metres = reach.find_gate_metres(need.gate_site_id, service.site_id)
        refusals: list[Refusal] = []
        home = None
    else:
        # The longest way of the week counts: a place is for every day of its pattern.
        homes = _list_homes(need, person)
        refusals = [refusal for one in homes for refusal in check_way_down(person, one)][:1]
        metres, _, home = max(
            ((reach.find_metres(one.compound_id, service.site_id), one.floors_down, one) for one in homes),
            key=lambda row: row[:2],
        )
    if math.isinf(metres):
        return None, [*refusals, Refusal(Reason.too_far, _say_far(metres, service.limit_metres))]
    way = (
        measure_way(person, home, metres, policies)
        if home is not None
        else Way(
            round(metres),
            round(metres),
            math.ceil(metres / policies.get("planning_metres_per_minute")),
            math.ceil(metres / policies.get("child_metres_per_minute")),
        )
    )
    if service.limit_metres is not None and way.cost_metres > service.limit_metres:
        refusals.append(
            Refusal(Reason.too_far, _say_far(way.cost_metres, service.limit_metres) | {"metres": way.metres})
        )
    return way, refusals


def _list_homes(need: Need, person: Person) -> set[Home]:
    """Return where the person lives on the days asked for."""
    days = {day for pattern in need.patterns for day in pattern.days} or {0}
    return {person.get_home(day) for day in days}


def _delivers(service: Service) -> bool:
    return any(CapacityKind.drops in care_class.kinds for care_class in service.classes)


def _say_far(cost: float, limit: int | None) -> dict[str, int | None]:
    if math.isinf(cost):
        return {"limit_metres": limit}
    return {
        "cost_metres": round(cost),
        "limit_metres": limit,
        "over_metres": None if limit is None else round(cost) - limit,
    }
