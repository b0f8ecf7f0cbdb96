"""Names for what is on a shopping list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CareClass, Need, Person, Service, Site
from app.models.enums import ServiceKind


@dataclass(frozen=True)
class ClassName:
    """A class as people know it."""

    site_zh: str
    site_en: str
    class_zh: str
    class_en: str
    kind: ServiceKind


@dataclass(frozen=True)
class Wanting:
    """A need on the list, with whose it is."""

    need_id: int
    person_id: int
    name: str
    kind: ServiceKind


def load_class_names(session: Session, codes: Iterable[str]) -> dict[str, ClassName]:
    """Return the names of classes by code; one that is no longer there is left out."""
    rows = session.execute(
        select(CareClass.code, Site.name_zh, Site.name_en, CareClass.name_zh, CareClass.name_en, Service.kind)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(CareClass.code.in_(list(codes)))
    )
    return {row[0]: ClassName(row[1], row[2] or row[1], row[3], row[4] or row[3], row[5]) for row in rows}


def list_offerable(session: Session) -> dict[str, ClassName]:
    """Return the classes that a room or volunteers can strengthen, by kind and site; visiting carers are not among them."""
    codes = session.scalars(
        select(CareClass.code)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.is_active, Service.kind != ServiceKind.home_visit)
    )
    order = list(ServiceKind)
    names = load_class_names(session, codes)
    return dict(sorted(names.items(), key=lambda row: (order.index(row[1].kind), row[1].site_zh, row[0])))


def load_wanting(session: Session, need_ids: Iterable[int]) -> dict[int, Wanting]:
    """Return needs with their people's names, by need."""
    rows = session.execute(
        select(Need.id, Person.id, Person.name, Need.kind)
        .join(Person, Person.id == Need.person_id)
        .where(Need.id.in_(list(need_ids)))
    )
    return {row[0]: Wanting(*row) for row in rows}
