"""Reads the visits of a date by carer and half-day, with the order that staff kept; decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.queries import runs_site
from app.ledger.queries import LIVE_BOOKINGS
from app.models import (
    Area,
    Booking,
    Building,
    CareClass,
    Household,
    Need,
    Person,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Site,
    Slot,
    SlotTemplate,
    VisitStop,
)
from app.models.enums import CapacityKind, Part, PlacementState, ServiceKind, SlotState
from app.options.amounts import DEFAULT_VISIT_MINUTES
from app.policies.queries import load_policies
from app.versions import version_of
from app.visits.rules import FindTravel, Proof, Visit, arrange, check_order
from app.walking.queries import load_walking


@dataclass(frozen=True)
class Stop:
    """One visit as the sheet shows it."""

    need_id: int
    person_id: int
    name: str
    home: str
    floor: int
    visit: Visit


@dataclass(frozen=True)
class HalfDay:
    """One carer's half-day: its visits in order, and the proof that they fit."""

    slot_id: int
    service_id: int
    site_id: int
    class_id: int
    class_zh: str
    class_en: str
    part: Part
    starts_at: datetime
    ends_at: datetime
    stops: tuple[Stop, ...]
    proof: Proof

    @property
    def version(self) -> int:
        """What an edit of the order was made from: who is visited, and in which order."""
        return version_of([self.slot_id, *(stop.need_id for stop in self.stops)])


def list_half_days(
    session: Session,
    actor: Actor,
    on: date,
    *,
    slot_id: int | None = None,
    site_id: int | None = None,
) -> list[HalfDay]:
    """Return the half-days with visits on a date, of sites that the actor runs, by service, carer and time."""
    query = (
        select(
            Slot,
            SlotTemplate.part,
            CareClass.name_zh,
            CareClass.name_en,
            Service.id.label("service_id"),
            Service.site_id,
        )
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(
            Service.kind == ServiceKind.home_visit,
            Slot.occurs_on == on,
            Slot.state == SlotState.open,
            runs_site(actor),
        )
        .order_by(Service.id, CareClass.code, Slot.starts_at, Slot.id)
    )
    if slot_id is not None:
        query = query.where(Slot.id == slot_id)
    if site_id is not None:
        query = query.where(Service.site_id == site_id)
    rows = session.execute(query).all()
    slots = [row[0] for row in rows]
    stops = _load_stops(session, slots, on)
    if not any(stops.values()):
        return []
    kept = _load_orders(session, slots)
    homes: dict[int, set[int]] = defaultdict(set)
    for slot, *_, at_site in rows:
        homes[at_site].update(stop.visit.compound_id for stop in stops[slot.id])
    travels = {at_site: load_travel(session, on, at_site, homes[at_site]) for at_site in homes}
    found = []
    for slot, part, class_zh, class_en, service_id, at_site in rows:
        mine = {stop.need_id: stop for stop in stops[slot.id]}
        if not mine:
            continue
        travel = travels[at_site]
        order = arrange([stop.visit for stop in mine.values()], kept.get(slot.id, {}), travel)
        ordered = tuple(mine[need_id] for need_id in order)
        proof = check_order([stop.visit for stop in ordered], slot.starts_at, slot.ends_at, travel)
        found.append(
            HalfDay(
                slot.id,
                service_id,
                at_site,
                slot.class_id,
                class_zh,
                class_en or class_zh,
                part,
                slot.starts_at,
                slot.ends_at,
                ordered,
                proof,
            )
        )
    return found


def load_travel(session: Session, on: date, site_id: int, compound_ids: Collection[int]) -> FindTravel:
    """Return the travel allowance between these homes, and from a site to the first, by the zone table of a date."""
    zones: Sequence[tuple[int, int]] = load_policies(session, on).get("travel_zones")
    walking, last = load_walking(session), float(zones[-1][0])
    homes = sorted(compound_ids)
    row_of = {compound_id: row for row, compound_id in enumerate(homes)}
    from_site = walking.metres(homes, [site_id], last)[:, 0]
    between = walking.metres_between_compounds(homes, homes, last)
    np.fill_diagonal(between, 0.0)

    def find(from_compound_id: int | None, to_compound_id: int) -> int | None:
        near = from_site if from_compound_id is None else between[row_of[from_compound_id]]
        metres = near[row_of[to_compound_id]]
        return next((int(minutes) for up_to, minutes in zones if metres <= up_to), None)

    return find


def _load_stops(session: Session, slots: Sequence[Slot], on: date) -> dict[int, list[Stop]]:
    """Return who is visited in each slot, by name of the compound; who is excused is not."""
    slot_ids = [slot.id for slot in slots]
    placed = session.execute(
        select(Slot.id, Placement.need_id)
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .outerjoin(
            PlacementException,
            and_(PlacementException.placement_id == Placement.id, PlacementException.on_date == on),
        )
        .where(
            Slot.id.in_(slot_ids),
            PlacementUse.kind == CapacityKind.visit_minutes,
            Placement.state.in_((PlacementState.confirmed, PlacementState.active)),
            Placement.starts_on <= on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= on),
            PlacementException.id.is_(None),
        )
    )
    booked = session.execute(
        select(Booking.slot_id, Booking.need_id).where(
            Booking.slot_id.in_(slot_ids), Booking.state.in_(LIVE_BOOKINGS)
        )
    )
    pairs = sorted({(slot_id, need_id) for slot_id, need_id in [*placed, *booked]})
    known = _load_people(session, {need_id for _, need_id in pairs})
    found: dict[int, list[Stop]] = defaultdict(list)
    for slot_id, need_id in pairs:
        found[slot_id].append(known[need_id])
    for stops in found.values():
        stops.sort(key=lambda stop: (stop.home, stop.need_id))
    return found


def _load_people(session: Session, need_ids: Iterable[int]) -> dict[int, Stop]:
    rows = session.execute(
        select(
            Need.id,
            Need.visit_minutes,
            Person.id.label("person_id"),
            Person.name,
            Household.compound_id,
            Household.floor,
            Area.name_zh,
            Building.name.label("building"),
        )
        .join(Person, Person.id == Need.person_id)
        .join(Household, Household.id == Person.household_id)
        .join(Area, Area.id == Household.compound_id)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(Need.id.in_(list(need_ids)))
    )
    return {
        row.id: Stop(
            row.id,
            row.person_id,
            row.name,
            f"{row.name_zh} {row.building or ''}".strip(),
            row.floor,
            Visit(row.id, row.compound_id, row.visit_minutes or DEFAULT_VISIT_MINUTES),
        )
        for row in rows
    }


def _load_orders(session: Session, slots: Sequence[Slot]) -> dict[int, dict[int, int]]:
    """Return by slot the order that was kept: its own, else that of the last same half-day before it."""
    templates = {slot.template_id for slot in slots}
    rows = session.execute(
        select(Slot.template_id, Slot.occurs_on, VisitStop.need_id, VisitStop.position)
        .join(Slot, Slot.id == VisitStop.slot_id)
        .where(Slot.template_id.in_(templates))
    )
    by_template: dict[int, dict[date, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        by_template[row.template_id][row.occurs_on][row.need_id] = row.position
    found = {}
    for slot in slots:
        dates = [on for on in by_template[slot.template_id] if on <= slot.occurs_on]
        if dates:
            found[slot.id] = by_template[slot.template_id][max(dates)]
    return found
