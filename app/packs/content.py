"""Reads what a site's pack holds: roll with pickup, dangers and phones, meals, visits, escorts. Writes nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.children import Child, load_children
from app.attendance.queries import list_stays
from app.attendance.rules import Stay
from app.meals.queries import Eater, Sitting, list_eaters, list_sittings
from app.models import AuditHead, CareClass, Guardianship, Person, RollTick, Service, Site
from app.models.enums import ServiceKind, StaffRole
from app.visits.contacts import load_contacts
from app.visits.escorts import Group, list_groups
from app.visits.queries import HalfDay, list_half_days

_ELSEWHERE = (ServiceKind.canteen, ServiceKind.home_visit)
"""Kinds that have lists of their own in the pack."""


@dataclass(frozen=True)
class Pack:
    """One site's day."""

    site_id: int
    site: str
    name_zh: str
    name_en: str
    on: date
    stays: Sequence[Stay] = ()
    children: dict[int, Child] = field(default_factory=dict)
    phones: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By person: the person's own and the guardians'."""
    classes: dict[int, tuple[str, str]] = field(default_factory=dict)
    sittings: Sequence[Sitting] = ()
    eaters: Sequence[Eater] = ()
    half_days: Sequence[HalfDay] = ()
    contacts: dict[int, tuple[str, str]] = field(default_factory=dict)
    escorts: Sequence[Group] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing happens at the site on the day."""
        return not (self.stays or self.sittings or self.half_days)

    @property
    def fingerprint(self) -> str:
        """What changes if and only if the paper would say something else; tells nothing of what it says."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def list_sites(session: Session, code: str | None = None) -> list[Site]:
    """Return the sites with active services, or the one with this code, by code."""
    with_services = select(Service.site_id).where(Service.is_active)
    query = select(Site).where(Site.id.in_(with_services)).order_by(Site.code)
    if code is not None:
        query = query.where(Site.code == code)
    return list(session.scalars(query))


def load_pack(session: Session, site: Site, on: date, now: datetime) -> Pack:
    """Return what a site's pack holds on a date; `now` is on Shanghai's clock (a count is final after its cut-off)."""
    services = session.scalars(
        select(Service).where(Service.site_id == site.id, Service.is_active).order_by(Service.id)
    ).all()
    here = Actor(None, "packs", StaffRole.site, site_ids=frozenset({site.id}))
    canteens = [row for row in services if row.kind is ServiceKind.canteen]
    stays = list_stays(session, [row.id for row in services if row.kind not in _ELSEWHERE], on)
    half_days = list_half_days(session, here, on)
    visited = sorted({stop.person_id for one in half_days for stop in one.stops})
    people = sorted({stay.person_id for stay in stays})
    return Pack(
        site_id=site.id,
        site=site.code,
        name_zh=site.name_zh,
        name_en=site.name_en or site.name_zh,
        on=on,
        stays=stays,
        children=dict(sorted(load_children(session, people, on).items())),
        phones=_load_phones(session, people, on),
        classes=_load_classes(session, {stay.class_id for stay in stays}),
        sittings=list_sittings(session, canteens, on, now),
        eaters=list_eaters(session, canteens, on),
        half_days=half_days,
        contacts=dict(sorted(load_contacts(session, visited).items())),
        escorts=list_groups(session, here, on, site_id=site.id),
    )


def find_state(session: Session) -> tuple[int, int]:
    """Return two counters that grow with everything that may change a pack: the audit chain and the roll's ticks."""
    audited = session.scalar(select(func.max(AuditHead.sequence))) or 0
    ticked = session.scalar(select(func.max(RollTick.id))) or 0
    return audited, ticked


def _load_phones(session: Session, person_ids: Sequence[int], on: date) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for person in session.scalars(select(Person).where(Person.id.in_(person_ids)).order_by(Person.id)):
        if person.phone:
            found[person.id].append(person.phone)
    guardians = session.execute(
        select(Guardianship.child_id, Guardianship.relation, Person)
        .join(Person, Person.id == Guardianship.guardian_id)
        .where(
            Guardianship.child_id.in_(person_ids),
            Guardianship.valid_from <= on,
            or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= on),
        )
        .order_by(Guardianship.id)
    )
    for child_id, relation, guardian in guardians:
        if guardian.phone:
            found[child_id].append(f"{relation} {guardian.name} {guardian.phone}")
    return {id_: tuple(phones) for id_, phones in sorted(found.items())}


def _load_classes(session: Session, class_ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(CareClass.id, CareClass.name_zh, CareClass.name_en)
        .where(CareClass.id.in_(class_ids))
        .order_by(CareClass.id)
    )
    return {row.id: (row.name_zh, row.name_en or row.name_zh) for row in rows}
