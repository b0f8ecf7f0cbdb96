"""Reads sites, services and classes; everybody who is signed in sees all of them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.areas.queries import list_descendant_ids
from app.errors import NotFound
from app.models import CareClass, Service, ServiceRule, Site
from app.models.enums import ServiceKind


def list_sites(session: Session, area_id: int | None = None, kind: ServiceKind | None = None) -> list[Site]:
    """Return sites by code: of an area and all below it, with an active service of a kind."""
    query = select(Site).order_by(Site.code)
    if area_id is not None:
        query = query.where(Site.area_id.in_(list_descendant_ids(session, [area_id])))
    if kind is not None:
        offering = select(Service.site_id).where(Service.kind == kind, Service.is_active)
        query = query.where(Site.id.in_(offering))
    return list(session.scalars(query))


def get_site(session: Session, site_id: int) -> Site:
    """Return a site. Raises `NotFound`."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound
    return site


def list_services(
    session: Session, site_id: int | None = None, kind: ServiceKind | None = None
) -> list[Service]:
    """Return active services by code, of a site or a kind."""
    query = select(Service).where(Service.is_active).order_by(Service.code)
    if site_id is not None:
        query = query.where(Service.site_id == site_id)
    if kind is not None:
        query = query.where(Service.kind == kind)
    return list(session.scalars(query))


def get_service(session: Session, service_id: int) -> Service:
    """Return a service with its classes. Raises `NotFound`."""
    query = select(Service).where(Service.id == service_id).options(selectinload(Service.classes))
    service = session.scalar(query)
    if service is None:
        raise NotFound
    return service


def list_rules(session: Session, service_id: int, on: date) -> list[ServiceRule]:
    """Return the eligibility rules of a service in force on a day."""
    query = select(ServiceRule).where(
        ServiceRule.service_id == service_id,
        ServiceRule.valid_from <= on,
        or_(ServiceRule.valid_to.is_(None), ServiceRule.valid_to >= on),
    )
    return list(session.scalars(query.order_by(ServiceRule.kind, ServiceRule.id)))


def get_class(session: Session, class_id: int) -> CareClass:
    """Return a class. Raises `NotFound`."""
    care_class = session.get(CareClass, class_id)
    if care_class is None:
        raise NotFound
    return care_class
