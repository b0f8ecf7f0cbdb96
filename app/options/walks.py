"""What a way costs a person: metres by the planning standard, and this person's own metres and minutes. Pure.

The limit is compared with the *cost*: metres of the way, lengthened for a walking aid or a wheelchair, plus the
stairs at one metre a second (the planning speed is 60 m/min). Both figures are reported, never mixed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.models.enums import Reason, Role, Stairs
from app.options.facts import Home, Person, Refusal
from app.policies.rules import Policies


@dataclass(frozen=True, slots=True)
class Way:
    """A way from home to a site and what it costs this person."""

    metres: int
    """On the walking network."""
    cost_metres: int
    """With the person's own stairs and pace; this is what limits are compared with."""
    planning_minutes: int
    person_minutes: int


def check_way_down(person: Person, home: Home) -> list[Refusal]:
    """Refuse every way on foot for who cannot take the stairs and has no lift: homebound, until a lift is built."""
    if person.stairs is Stairs.no and home.floors_down > 0:
        return [Refusal(Reason.no_way_down, {"floor": home.floor})]
    return []


def measure_way(person: Person, home: Home, metres: float, policies: Policies) -> Way:
    """Return what a way of `metres` costs the person who starts at `home`."""
    seconds = home.floors_down * int(policies.get("floor_seconds").get(person.stairs.value, 0))
    cost = metres * policies.get("level_factor_percent")[person.mobility.value] / 100 + seconds
    speed = policies.get(
        "senior_metres_per_minute" if person.role is Role.elder else "child_metres_per_minute"
    )
    level = metres * policies.get("level_factor_percent")[person.mobility.value] / 100
    return Way(
        metres=round(metres),
        cost_metres=round(cost),
        planning_minutes=math.ceil(metres / policies.get("planning_metres_per_minute")),
        person_minutes=math.ceil(level / speed + seconds / 60),
    )


def count_bands(cost_metres: int, own_limit: int, band_metres: int) -> int:
    """Return how many bands of `band_metres` a way goes beyond the person's own limit; 0 within it."""
    return max(0, -(-(cost_metres - own_limit) // band_metres))


def find_travel_minutes(metres: float, policies: Policies) -> int | None:
    """Return the travel allowance of a home visit by the zone table; None beyond the last zone."""
    for up_to, minutes in policies.get("travel_zones"):
        if metres <= up_to:
            return int(minutes)
    return None
