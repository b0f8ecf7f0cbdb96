"""Reads what the kitchen has to know of a date: orders, guests of the last weeks, diets, compounds. Decides nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.queries import runs_site
from app.calendars.queries import load_calendar
from app.calendars.rules import Calendar
from app.clock import SHANGHAI
from app.consents.sharing import EATING, list_told
from app.meals.orders import Order, find_cooking, list_orders
from app.meals.rules import Drop, MealState, Way, count_to_cook, forecast, list_drops
from app.models import (
    Area,
    Building,
    CareClass,
    Household,
    Person,
    Service,
    Site,
    Slot,
    SlotCapacity,
    SlotTemplate,
    SlotTemplateCapacity,
    WalkIn,
)
from app.models.enums import CapacityKind, Part, ServiceKind, SlotState
from app.placements.rules import parse_cut_off
from app.policies.queries import load_policies


@dataclass(frozen=True)
class Sitting:
    """One sitting of one kitchen on a date, in figures."""

    service_id: int
    service_zh: str
    service_en: str
    site_id: int
    part: Part
    slot_id: int | None
    """None beyond the horizon of dated slots."""
    cut_off_at: datetime
    is_final: bool
    """Whether the cut-off has passed: what is ordered now is cooked."""
    capacities: dict[CapacityKind, int]
    delivery: int
    take_away: int
    spare: int
    freed: int
    pending: int
    """Kept for people who have not said yes; not cooked."""
    guests: int
    """Ticked so far."""
    expected_guests: int | None
    """Forecast from the last same weekdays; None where nobody ever ticked."""
    to_cook: int
    drops: list[Drop] = field(default_factory=list)
    diets: list[tuple[str, int]] = field(default_factory=list)
    withheld: int = 0
    """Orders of people with a diet or an allergy that the kitchen may not be told: it has to ask them."""

    @property
    def ordered(self) -> int:
        """Meals that are ordered and wanted."""
        return self.delivery + self.take_away


@dataclass(frozen=True)
class Eater:
    """Who gets a meal, as the kitchen's list names them; the address is for who brings it."""

    order: Order
    name: str
    compound: str
    home: str
    """Compound and building."""
    address: str | None
    """Of deliveries only."""
    diets: tuple[str, ...]
    is_withheld: bool = False
    """There is a diet or an allergy that the kitchen may not be told."""


def list_canteens(session: Session, actor: Actor) -> list[Service]:
    """Return the active canteens of the sites that the actor runs, by site."""
    return list(
        session.scalars(
            select(Service)
            .join(Site, Site.id == Service.site_id)
            .where(Service.kind == ServiceKind.canteen, Service.is_active, runs_site(actor))
            .order_by(Site.code, Service.id)
        )
    )


def list_sittings(session: Session, services: Sequence[Service], on: date, now: datetime) -> list[Sitting]:
    """Return every sitting of these canteens on a date, by service and time of day; none where nothing runs."""
    calendar = load_calendar(session)
    cooking = find_cooking(calendar, services, on)
    cut_offs = find_cut_offs(calendar, services, on)
    orders = list_orders(session, cooking, on, cut_offs)
    compounds = load_compounds(session, {order.person_id for order in orders})
    diets = load_diets(session, {order.person_id for order in orders}, on)
    policies = load_policies(session, on)
    minimum, weeks = int(policies.get("round_minimum_orders")), int(policies.get("meal_forecast_weeks"))
    by_sitting: dict[tuple[int, Part], list[Order]] = defaultdict(list)
    for order in orders:
        by_sitting[order.service_id, order.part].append(order)
    found = []
    for service in services:
        if service.id not in cooking:
            continue
        for part, template_ids in _list_cells(session, service.id, cooking[service.id], on):
            mine = by_sitting[service.id, part]
            sure = [order for order in mine if order.is_sure]
            wanted = [order for order in sure if order.state is MealState.ordered]
            slot_id, is_open = _find_slot(session, template_ids, on)
            if not is_open:
                continue
            guests, left_over = _count_guests(session, slot_id)
            expected = forecast(_list_past_guests(session, template_ids, min(on, now.date()), weeks))
            capacities = _load_capacities(session, template_ids, slot_id)
            states = Counter(order.state for order in sure)
            # Each left-over meal was eaten by a guest: it is spare no more, and its eater counts as a guest.
            spare = max(0, states[MealState.spare] - left_over)
            ways = Counter(order.way for order in wanted)
            found.append(
                Sitting(
                    service_id=service.id,
                    service_zh=service.name_zh,
                    service_en=service.name_en or service.name_zh,
                    site_id=service.site_id,
                    part=part,
                    slot_id=slot_id,
                    cut_off_at=cut_offs[service.id],
                    is_final=now > cut_offs[service.id],
                    capacities=capacities,
                    delivery=ways[Way.delivery],
                    take_away=ways[Way.take_away],
                    spare=spare,
                    freed=states[MealState.freed],
                    pending=sum(not order.is_sure for order in mine),
                    guests=guests,
                    expected_guests=expected,
                    to_cook=count_to_cook(
                        ordered=len(wanted),
                        spare=states[MealState.spare],
                        guests=max(guests, expected or 0),
                        capacity=capacities.get(CapacityKind.meals, 0),
                    ),
                    drops=list_drops(
                        [compounds[order.person_id] for order in wanted if order.way is Way.delivery], minimum
                    ),
                    diets=sorted(
                        Counter(diet for order in wanted for diet in diets[order.person_id].values).items()
                    ),
                    withheld=sum(diets[order.person_id].is_withheld for order in wanted),
                )
            )
    return found


def find_cut_offs(calendar: Calendar, services: Sequence[Service], on: date) -> dict[int, datetime]:
    """Return by service id until when a meal of a date can be ordered or called off."""
    return {
        service.id: parse_cut_off(service.cut_off).find_moment(calendar, on).replace(tzinfo=SHANGHAI)
        for service in services
    }


def list_eaters(session: Session, services: Sequence[Service], on: date) -> list[Eater]:
    """Return who gets a meal on a date with name, home and diet, deliveries by compound first."""
    calendar = load_calendar(session)
    orders = list_orders(
        session, find_cooking(calendar, services, on), on, find_cut_offs(calendar, services, on)
    )
    wanted = [order for order in orders if order.is_sure and order.state is MealState.ordered]
    ids = {order.person_id for order in wanted}
    diets = load_diets(session, ids, on)
    people = {
        row[0].id: row
        for row in session.execute(
            select(Person, Household, Area.name_zh, Building.name)
            .join(Household, Household.id == Person.household_id)
            .join(Area, Area.id == Household.compound_id)
            .outerjoin(Building, Building.id == Household.building_id)
            .where(Person.id.in_(ids))
        )
    }
    found = []
    for order in wanted:
        person, household, compound, building = people[order.person_id]
        found.append(
            Eater(
                order,
                person.name,
                compound,
                f"{compound} {building or ''}".strip(),
                household.address if order.way is Way.delivery else None,
                tuple(diets[order.person_id].values),
                diets[order.person_id].is_withheld,
            )
        )
    return sorted(
        found,
        key=lambda one: (one.order.service_id, one.order.part, one.order.way, one.compound, one.name),
    )


def load_compounds(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Return the name of the compound in which each person lives."""
    rows = session.execute(
        select(Person.id, Area.name_zh)
        .join(Household, Household.id == Person.household_id)
        .join(Area, Area.id == Household.compound_id)
        .where(Person.id.in_(list(person_ids)))
    )
    return {row.id: row.name_zh for row in rows}


@dataclass(frozen=True)
class Diet:
    """What the kitchen is told of one person."""

    values: tuple[str, ...] = ()
    is_withheld: bool = False


def load_diets(session: Session, person_ids: Iterable[int], on: date) -> dict[int, Diet]:
    """Return what each person must not or does not eat, as proven on a date and as far as a kitchen may be told."""
    ids = list(person_ids)
    told = list_told(session, ids, on, EATING)
    return {
        id_: Diet(tuple(row.value for row in told[id_].rows if row.value), told[id_].is_withheld)
        for id_ in ids
    }


def _list_cells(session: Session, service_id: int, weekday: int, on: date) -> list[tuple[Part, list[int]]]:
    rows = session.execute(
        select(SlotTemplate.id, SlotTemplate.part)
        .join(CareClass, CareClass.id == SlotTemplate.class_id)
        .where(
            CareClass.service_id == service_id,
            SlotTemplate.weekday == weekday,
            SlotTemplate.valid_from <= on,
            or_(SlotTemplate.valid_to.is_(None), SlotTemplate.valid_to >= on),
        )
        .order_by(SlotTemplate.starts_at_local, SlotTemplate.id)
    )
    found: dict[Part, list[int]] = {}
    for row in rows:
        found.setdefault(row.part, []).append(row.id)
    return list(found.items())


def _find_slot(session: Session, template_ids: Sequence[int], on: date) -> tuple[int | None, bool]:
    """Return the first dated slot and whether the sitting takes place."""
    row = session.execute(
        select(Slot.id, Slot.state)
        .where(Slot.template_id.in_(template_ids), Slot.occurs_on == on)
        .order_by(Slot.id)
        .limit(1)
    ).first()
    return (None, True) if row is None else (row.id, row.state is SlotState.open)


def _load_capacities(
    session: Session, template_ids: Sequence[int], slot_id: int | None
) -> dict[CapacityKind, int]:
    query = (
        select(SlotTemplateCapacity.kind, func.sum(SlotTemplateCapacity.capacity).label("capacity"))
        .where(SlotTemplateCapacity.template_id.in_(template_ids))
        .group_by(SlotTemplateCapacity.kind)
        if slot_id is None
        else select(SlotCapacity.kind, SlotCapacity.capacity).where(SlotCapacity.slot_id == slot_id)
    )
    found = {row.kind: int(row.capacity) for row in session.execute(query)}
    return dict(sorted(found.items()))


def _count_guests(session: Session, slot_id: int | None) -> tuple[int, int]:
    """Return how many guests were ticked, and how many of them ate what was left over."""
    rows = session.execute(
        select(WalkIn.from_spare, func.count().label("number"))
        .where(WalkIn.slot_id == (slot_id or 0))
        .group_by(WalkIn.from_spare)
    )
    counts = {row.from_spare: row.number for row in rows}
    return counts.get(False, 0) + counts.get(True, 0), counts.get(True, 0)


def _list_past_guests(session: Session, template_ids: Sequence[int], before: date, weeks: int) -> list[int]:
    """Return the guests of the last sittings of the same weekday; earlier than half a year counts no more."""
    rows = session.execute(
        select(Slot.occurs_on, func.count(WalkIn.id).label("number"))
        .outerjoin(WalkIn, WalkIn.slot_id == Slot.id)
        .where(
            Slot.template_id.in_(template_ids),
            Slot.occurs_on < before,
            Slot.occurs_on >= before - timedelta(days=182),
            Slot.state == SlotState.open,
        )
        .group_by(Slot.occurs_on)
        .order_by(Slot.occurs_on.desc())
        .limit(weeks)
    )
    return [row.number for row in rows]
