"""How much of each capacity kind a person uses in a class, and the person's own weekly allowance. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.models.enums import CapacityKind, Reason, RuleKind, ServiceKind, Stairs
from app.options.facts import CareClass, Need, Pattern, Person, Refusal, Service
from app.options.quotas import check_meals
from app.options.reach import Trip
from app.options.rules import find_grade
from app.policies.rules import Policies

DEFAULT_VISIT_MINUTES = 60
"""Long-term-care visits are of one hour (domain-rules, V)."""


def list_amounts(
    need: Need, person: Person, care_class: CareClass, trip: Trip, on: date, policies: Policies
) -> dict[CapacityKind, int]:
    """Return what one cell of the class gives this person, by capacity kind; kinds it does not use are left out."""
    grade = str(find_grade(person, on) or 0)
    wanted = {
        CapacityKind.places: 1,
        CapacityKind.carer_minutes: int(policies.get("carer_minutes_by_grade").get(grade, 0)),
        CapacityKind.carer_units: care_class.unit_use,
        CapacityKind.visit_minutes: (need.visit_minutes or DEFAULT_VISIT_MINUTES) + trip.travel_minutes,
        CapacityKind.meals: 1,
        # Dine-in is walk-in (lifecycle.md): a standing order takes a meal, and a drop where it is brought.
        CapacityKind.drops: 1 if trip.is_delivered else 0,
        CapacityKind.escorts: 1 if needs_escort(need, person) else 0,
    }
    return {kind: amount for kind, amount in wanted.items() if amount and kind in care_class.kinds}


def needs_escort(need: Need, person: Person) -> bool:
    """Return whether somebody must go along: asked for, or the stairs are taken only with help."""
    return need.needs_escort or (person.stairs is Stairs.with_help and person.home.floors_down > 0)


def check_amounts(
    need: Need,
    person: Person,
    service: Service,
    pattern: Pattern,
    amounts: Mapping[CapacityKind, int],
    on: date,
    policies: Policies,
) -> Refusal | None:
    """Refuse where nobody can go along, or the week's care hours or the month's meals would be overdrawn."""
    if need.needs_escort and CapacityKind.escorts not in amounts:
        return Refusal(Reason.escort_missing)
    if service.kind is ServiceKind.canteen:
        return check_meals(person, service, pattern, on, need.ends_on)
    if not draws_on_hours(service):
        return None
    hours = policies.get("weekly_care_hours").get(str(find_grade(person, on)))
    if hours is None:  # the service's own rule has said so already
        return None
    wanted = count_care_minutes(need, pattern)
    left = hours * 60 - person.other_care_minutes
    if wanted > left:
        return Refusal(
            Reason.quota_used_up, {"hours": hours, "wanted_minutes": wanted, "left_minutes": max(0, left)}
        )
    return None


def draws_on_hours(service: Service) -> bool:
    """Return whether the service draws on the person's weekly long-term-care hours."""
    return service.kind is ServiceKind.home_visit and any(
        rule.kind is RuleKind.weekly_hours_quota for rule in service.rules
    )


def count_care_minutes(need: Need, pattern: Pattern) -> int:
    """Return the minutes of care a week; travel is not the person's."""
    return (need.visit_minutes or DEFAULT_VISIT_MINUTES) * len(pattern.days)
