"""What a closure is, which slots it concerns, and who may see and end it; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, false, literal, or_, select, true
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import CareClass, Closure, Service, Site, Slot
from app.scope import check_runs_site


@dataclass(frozen=True)
class Closing:
    """What is closed, from when to when, why; `service_id` None closes the whole site."""

    site_id: int
    service_id: int | None
    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True)
class ClosureRow:
    """A closure with what it closes; `service` None is the whole site."""

    closure: Closure
    site: Site
    service: Service | None


def shut_by_closure() -> ColumnElement[bool]:
    """Return the condition, where `Slot` and its `CareClass` are to hand, that a closure in force shuts the slot."""
    there = (
        select(Closure.id)
        .join(Service, Service.site_id == Closure.site_id)
        .where(
            Closure.taken_back_at.is_(None),
            or_(Closure.service_id.is_(None), Closure.service_id == Service.id),
            Closure.starts_on <= Slot.occurs_on,
            Closure.ends_on >= Slot.occurs_on,
            Service.id.in_(select(CareClass.service_id).where(CareClass.id == Slot.class_id).correlate(Slot)),
        )
        .correlate(Slot)
    )
    return there.exists()


def list_classes(closing: Closing) -> Select[int]:
    """Return a query of the ids of the classes that a closure concerns."""
    return (
        select(CareClass.id)
        .join(Service, Service.id == CareClass.service_id)
        .where(
            Service.site_id == closing.site_id,
            literal(closing.service_id is None) | (Service.id == closing.service_id),
        )
    )


def runs_site(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Site` under which the actor may close it: one of its own, or in its areas."""
    if actor.is_system:
        return true()
    ways = [Site.id.in_(actor.site_ids), Site.area_id.in_(actor.area_ids)]
    return or_(*ways) if actor.site_ids or actor.area_ids else false()


def check_runs_closure(session: Session, actor: Actor, closure_id: int) -> None:
    """Raise `NotFound`, or `NotAllowed` unless the closure's site is the actor's or lies in the actor's areas."""
    site_id = session.scalar(select(Closure.site_id).where(Closure.id == closure_id))
    if site_id is None:
        raise NotFound
    check_runs_site(session, actor, site_id)


def list_closures(
    session: Session, actor: Actor | None, today: date, *, site_id: int | None = None
) -> list[ClosureRow]:
    """Return the closures that are not over, of the sites which the actor runs or of all, by first day."""
    query = (
        select(Closure, Site, Service)
        .join(Site, Site.id == Closure.site_id)
        .outerjoin(Service, Service.id == Closure.service_id)
        .where(Closure.taken_back_at.is_(None), Closure.ends_on >= today)
        .order_by(Closure.starts_on, Site.code, Closure.id)
    )
    if actor is not None:
        query = query.where(runs_site(actor))
    if site_id is not None:
        query = query.where(Site.id == site_id)
    return [ClosureRow(*row) for row in session.execute(query)]
