"""How full the services are: places taken of places there are, by service and weekday, in one week of dated slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select

from app.db import ReadSession
from app.ledger.queries import weigh_placements
from app.models import CareClass, Placement, Service, Site, Slot, SlotCapacity
from app.models.enums import CapacityKind, ServiceKind

MAIN_KIND: Final[dict[ServiceKind, CapacityKind]] = {
    ServiceKind.canteen: CapacityKind.meals,
    ServiceKind.home_visit: CapacityKind.visit_minutes,
}
"""What a service of a kind counts first; places, where nothing else is said."""


@dataclass(frozen=True)
class Use:
    """Taken of capacity on one weekday."""

    taken: int
    capacity: int

    @property
    def share(self) -> float:
        """Taken over capacity, 0 to 1 (above 1 where an import brought more)."""
        return self.taken / self.capacity if self.capacity else 0.0


@dataclass
class ServiceUse:
    """A service's week: one entry per weekday (0 = Monday), None where it is closed."""

    site_zh: str
    site_en: str
    kind: ServiceKind
    days: list[Use | None]
    given: int = 0
    """What of the week's `taken` a plan gave: long-term places that it made and that still set their place aside."""

    @property
    def total(self) -> Use:
        """The whole week."""
        days = [day for day in self.days if day is not None]
        return Use(sum(day.taken for day in days), sum(day.capacity for day in days))

    @property
    def before(self) -> Use:
        """The whole week without what the plan gave."""
        return Use(self.total.taken - self.given, self.total.capacity)


def list_use(session: ReadSession, first: date, plan_id: int) -> list[ServiceUse]:
    """Return each active service's use over the seven days from `first`, by kind and site, and what a plan gave of it."""
    rows = session.execute(
        select(
            Service.id,
            Service.kind,
            Site.name_zh,
            Site.name_en,
            Slot.occurs_on,
            SlotCapacity.kind,
            func.sum(SlotCapacity.taken),
            func.sum(SlotCapacity.capacity),
        )
        .join(CareClass, CareClass.service_id == Service.id)
        .join(Site, Site.id == Service.site_id)
        .join(Slot, Slot.class_id == CareClass.id)
        .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
        .where(Service.is_active, Slot.occurs_on >= first, Slot.occurs_on < first + timedelta(days=7))
        .group_by(Service.id, Service.kind, Site.name_zh, Site.name_en, Slot.occurs_on, SlotCapacity.kind)
        .order_by(Service.kind, Site.name_zh)
    ).all()
    found: dict[int, ServiceUse] = {}
    for service_id, kind, site_zh, site_en, occurs_on, capacity_kind, taken, capacity in rows:
        if capacity_kind is not MAIN_KIND.get(kind, CapacityKind.places):
            continue
        use = found.setdefault(service_id, ServiceUse(site_zh, site_en or site_zh, kind, [None] * 7))
        use.days[occurs_on.weekday()] = Use(int(taken), int(capacity))
    for service_id, given in _count_given(session, first, plan_id):
        if service_id in found:
            found[service_id].given = given
    return sorted(found.values(), key=lambda use: (list(ServiceKind).index(use.kind), use.site_zh))


def _count_given(session: ReadSession, first: date, plan_id: int) -> list[tuple[int, int]]:
    """Return for each service how much of its main kind the plan's placements take in the seven days."""
    given = weigh_placements(select(Placement.id).where(Placement.plan_id == plan_id)).subquery("given")
    rows = session.execute(
        select(Service.id, Service.kind, given.c.kind, func.sum(given.c.amount))
        .join(CareClass, CareClass.service_id == Service.id)
        .join(Slot, Slot.class_id == CareClass.id)
        .join(given, given.c.slot_id == Slot.id)
        .where(Slot.occurs_on >= first, Slot.occurs_on < first + timedelta(days=7))
        .group_by(Service.id, Service.kind, given.c.kind)
    )
    return [
        (service_id, int(amount))
        for service_id, kind, capacity_kind, amount in rows
        if capacity_kind is MAIN_KIND.get(kind, CapacityKind.places)
    ]
