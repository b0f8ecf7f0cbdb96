"""The walk-up buildings where a lift would bring most unmet needs within reach of a service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Area, Building, Household, Need, Person, Plan, Proposal
from app.models.enums import Reason, Stairs
from app.options.facts import Home
from app.policies.queries import load_policies
from app.reports.gaps import UNMET
from app.scope import sees_person_id


@dataclass
class LiftCase:
    """One building without a lift, with what a lift would change for the unmet needs of its people."""

    code: str
    name: str
    compound_zh: str
    compound_en: str
    floors: int
    freed: int = 0
    """Unmet needs that no service is open to today and at least one would be."""
    wider: int = 0
    """Unmet needs whose services in reach are full, and to which further ones would open."""
    homebound: int = 0
    """Of both: of people who cannot take the stairs at all."""


def list_lift_cases(session: Session, actor: Actor, plan: Plan, on: date) -> list[LiftCase]:
    """Return the buildings of the actor's areas where a lift would help somebody, the most helped first.

    Reach is not yet a place: what would be in reach may be full.
    """
    seconds = load_policies(session, on).get("floor_seconds")
    rows = session.execute(
        select(Building, Area, Household.floor, Person.stairs, Proposal.data)
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Person, Person.id == Need.person_id)
        .join(Household, Household.id == Person.household_id)
        .join(Building, Building.id == Household.building_id)
        .join(Area, Area.id == Building.compound_id)
        .where(
            Proposal.plan_id == plan.id,
            Proposal.outcome.in_(UNMET),
            Building.has_lift.is_(False),
            Need.gate_site_id.is_(None),
            sees_person_id(actor, Need.person_id),
        )
    )
    found: dict[str, LiftCase] = {}
    for building, area, floor, stairs, data in rows:
        home = Home(building.compound_id, floor, has_lift=False)
        saved = home.floors_down * int(seconds.get(stairs.value, 0))
        options = data.get("options", ())
        if home.floors_down == 0 or not opens_by_lift(options, saved):
            continue
        case = found.setdefault(
            building.code,
            LiftCase(
                building.code, building.name, area.name_zh, area.name_en or area.name_zh, building.floors
            ),
        )
        if any("weekdays" in option for option in options):
            case.wider += 1
        else:
            case.freed += 1
        case.homebound += stairs is Stairs.no
    return sorted(found.values(), key=lambda case: (-case.freed, -case.wider, case.code))


def opens_by_lift(options: Iterable[Mapping[str, Any]], saved_metres: int) -> bool:
    """Return whether a service that refuses the person now would not, were the stairs gone.

    `options` are a proposal's; `saved_metres` is what the stairs cost of the way. A service opens where the stairs
    are all that stands against it. A refusal of the need as a whole (no consent) no lift can change.
    """
    against: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for option in options:
        if "weekdays" in option:
            continue  # within reach today
        if "service" not in option:
            return False
        against[option["service"]].append(option)
    return any(all(_falls(row, saved_metres) for row in rows) for rows in against.values())


def _falls(refusal: Mapping[str, Any], saved_metres: int) -> bool:
    if refusal["reason"] == Reason.no_way_down.value:
        return True
    over = refusal.get("over_metres")
    return refusal["reason"] == Reason.too_far.value and over is not None and over <= saved_metres
