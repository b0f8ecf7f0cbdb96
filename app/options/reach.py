"""Whether a person gets to a service, or it to them: walking, visited at home, or brought to the door. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.models.enums import CapacityKind, Reason, ServiceKind
from app.options.facts import Need, Person, Refusal, Service
from app.options.walks import Way, check_way_down, find_travel_minutes, measure_way
from app.policies.rules import Policies


@dataclass(frozen=True)
class Reach:
    """Metres between compounds, school gates and sites; infinite where there is no way within the range asked for."""

    site_row: Mapping[int, int]
    from_compound: Mapping[int, Sequence[float]]
    """By compound id: metres to each site in the order of `site_row`."""
    from_gate: Mapping[int, Sequence[float]]
    is_graph: bool = True
    """False: straight line x detour, to be labelled so."""

    def find_metres(self, compound_id: int, site_id: int) -> float:
        """Return metres from a compound to a site; infinite where unknown."""
        row, column = self.from_compound.get(compound_id), self.site_row.get(site_id)
        return math.inf if row is None or column is None else row[column]

    def find_gate_metres(self, gate_id: int, site_id: int) -> float:
        """Return metres from a school gate to a site."""
        row, column = self.from_gate.get(gate_id), self.site_row.get(site_id)
        return math.inf if row is None or column is None else row[column]


@dataclass(frozen=True, slots=True)
class Trip:
    """How a person and a service come together."""

    way: Way
    is_walked: bool = True
    is_delivered: bool = False
    travel_minutes: int = 0
    """Of the visiting carer."""


def find_trip(
    need: Need, person: Person, service: Service, reach: Reach, policies: Policies
) -> tuple[Trip | None, list[Refusal]]:
    """Return the trip, or the refusals: too far by so many metres, no way down the stairs."""
    if need.kind is ServiceKind.home_visit:
        return _find_visit(person, service, reach, policies)
    way, refusals = _find_walk(need, person, service, reach, policies)
    if refusals and need.kind is ServiceKind.canteen and _delivers(service):
        # What comes to the door is in reach of the homebound, and of who lives too far to walk.
        return Trip(way or Way(0, 0, 0, 0), is_walked=False, is_delivered=True), []
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
        days = sorted({day for pattern in need.patterns for day in pattern.days}) or [0]
        homes = {person.get_home(day) for day in days}
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
