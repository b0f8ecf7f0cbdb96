"""Where a child could move: each site and exit wave with the places left; and the light before and after. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.attendance.queries import list_stays, load_staffing
from app.attendance.rules import Light, Ratio, weigh_ratio
from app.models import (
    CareClass,
    Person,
    Placement,
    PlacementUse,
    Service,
    Slot,
    SlotCapacity,
    SlotTemplate,
)
from app.models.enums import CapacityKind, Part, ServiceKind, WishPart
from app.options.patterns import PARTS
from app.placements.moving import MOVABLE
from app.policies.queries import load_policies

LOOKS_AHEAD = timedelta(days=56)


@dataclass(frozen=True)
class Target:
    """One class and wave with how many of a family could still come, on the fullest date from then on."""

    site_id: int
    service_id: int
    class_id: int
    part: WishPart
    left: int
    held_back: int
    """Of those left, how many are kept for urgent bookings."""
    is_present: bool
    """Where the child is now."""


def list_targets(session: Session, placement: Placement, from_on: date) -> list[Target]:
    """Return the targets of a placement, one class for each site and wave: the child's own, else the emptiest."""
    own = session.get_one(CareClass, placement.class_id)
    kind = session.scalars(select(Service.kind).where(Service.id == own.service_id)).one()
    left = _count_left(session, placement, kind, from_on)
    best: dict[tuple[int, WishPart], Target] = {}
    classes = session.execute(
        select(CareClass.id, CareClass.service_id, Service.site_id, Service.held_back_places)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.kind == kind, Service.is_active)
        .order_by(CareClass.code)
    )
    for class_id, service_id, site_id, held_back in classes:
        for part in _list_waves(placement.part):
            cells = [left.get((class_id, each)) for each in PARTS[part]]
            if any(cell is None for cell in cells):
                continue
            count = min(cell for cell in cells if cell is not None)
            one = Target(
                site_id,
                service_id,
                class_id,
                part,
                count,
                held_back,
                class_id == placement.class_id and part is placement.part,
            )
            known = best.get((service_id, part))
            is_own = class_id == placement.class_id
            if known is None or is_own or (count > known.left and known.class_id != placement.class_id):
                best[service_id, part] = one
    return list(best.values())


def _list_waves(part: WishPart) -> list[WishPart]:
    waves = [WishPart.wave_1630, WishPart.wave_1700, WishPart.wave_1800]
    day = [WishPart.morning, WishPart.afternoon, WishPart.full_day]
    return waves if part in waves else day


def _count_left(
    session: Session, placement: Placement, kind: ServiceKind, from_on: date
) -> Mapping[tuple[int, Part], int]:
    """Return places left by class and part on the fullest date; what the child itself uses counts as left."""
    rows = session.execute(
        select(Slot.class_id, SlotTemplate.part, func.min(SlotCapacity.capacity - SlotCapacity.taken))
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(
            Service.kind == kind,
            SlotCapacity.kind == CapacityKind.places,
            Slot.occurs_on >= from_on,
            Slot.occurs_on <= from_on + LOOKS_AHEAD,
            SlotTemplate.weekday.in_([day for day in range(7) if placement.weekdays >> day & 1]),
        )
        .group_by(Slot.class_id, SlotTemplate.part)
    )
    found = {(class_id, part): left for class_id, part, left in rows}
    used = session.execute(
        select(SlotTemplate.class_id, SlotTemplate.part)
        .join(PlacementUse, PlacementUse.template_id == SlotTemplate.id)
        .where(PlacementUse.placement_id == placement.id, PlacementUse.kind == CapacityKind.places)
        .distinct()
    )
    for class_id, part in used:
        if (class_id, part) in found:
            found[class_id, part] += 1
    return found


@dataclass(frozen=True)
class Change:
    """The light of one part of the day at one site, before and after a move."""

    site_id: int
    part: Part
    before: Ratio
    after: Ratio

    @property
    def is_worse(self) -> bool:
        """Whether there are too few adults afterwards where there were enough."""
        return self.before.light is Light.good and self.after.light is not Light.good


def list_changes(
    session: Session, placements: list[Placement], service_id: int, part: WishPart, from_on: date
) -> tuple[date, list[Change]]:
    """Return the first day of the move and what it does to the ratio there, part by part, where anything changes."""
    classes = {row.class_id for row in placements}
    old_ids = set(session.scalars(select(CareClass.service_id).where(CareClass.id.in_(classes))))
    on = _find_first_day(session, placements[0], from_on)
    ids = old_ids | {service_id}
    stays = list_stays(session, ids, on)
    staffing = load_staffing(session, ids, on)
    rules = load_policies(session, on).get("staff_ratio")
    services = session.scalars(select(Service).where(Service.id.in_(ids)).order_by(Service.id)).all()
    moving = {row.person_id for row in placements}
    before: dict[tuple[int, Part], int] = defaultdict(int)
    after: dict[tuple[int, Part], int] = defaultdict(int)
    for stay in stays:
        for each in stay.parts:
            if stay.excused is None:
                before[stay.service_id, each] += 1
                after[stay.service_id, each] += stay.person_id not in moving
    for each in PARTS[part]:
        after[service_id, each] += len(moving)
    changes = []
    for service in services:
        for each in Part:
            counts = before[service.id, each], after[service.id, each]
            if counts[0] == counts[1]:
                continue
            row = staffing.get((service.id, each))
            adults = (0, 0) if row is None else (row.staff, row.volunteers)
            weighed = [weigh_ratio(count, 0, *adults, rules[service.kind.value]) for count in counts]
            changes.append(Change(service.site_id, each, *weighed))
    return on, changes


def _find_first_day(session: Session, placement: Placement, from_on: date) -> date:
    used = select(PlacementUse.template_id).where(PlacementUse.placement_id == placement.id)
    found = session.scalar(
        select(func.min(Slot.occurs_on)).where(Slot.template_id.in_(used), Slot.occurs_on >= from_on)
    )
    return found or from_on


def list_siblings(session: Session, placement: Placement) -> list[Placement]:
    """Return the placements of children of the same household in services of the same kind, by id."""
    mine = select(Person.household_id).where(Person.id == placement.person_id).scalar_subquery()
    kind = (
        select(Service.kind)
        .join(CareClass, CareClass.service_id == Service.id)
        .where(CareClass.id == placement.class_id)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(Placement)
            .join(Person, Person.id == Placement.person_id)
            .join(CareClass, CareClass.id == Placement.class_id)
            .join(Service, Service.id == CareClass.service_id)
            .where(
                Person.household_id == mine,
                Service.kind == kind,
                Placement.id != placement.id,
                Placement.state.in_(MOVABLE),
            )
            .order_by(Placement.id)
        )
    )
