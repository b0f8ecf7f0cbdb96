"""Sites and services over HTTP: for everybody who is signed in, in the whole subdistrict."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.auth import Reading, require
from app.bounds import LAST_ID
from app.clock import today
from app.models.enums import ServiceKind, StaffRole
from app.providers import queries
from app.providers.schemas import ClassOut, RuleOut, ServiceCard, ServiceOut, SiteCard, SiteOut
from app.schemas import PathId

router = APIRouter(tags=["providers"], dependencies=[require(*StaffRole)])

Wanted = Annotated[int | None, Query(ge=1, le=LAST_ID)]


@router.get("/sites")
def list_sites(session: Reading, area_id: Wanted = None, kind: ServiceKind | None = None) -> list[SiteOut]:
    """List sites: of an area and all below it, with a service of a kind."""
    return [SiteOut.model_validate(site) for site in queries.list_sites(session, area_id, kind)]


@router.get("/sites/{site_id}")
def get_site(site_id: PathId, session: Reading) -> SiteCard:
    """Show a site with its services."""
    site = queries.get_site(session, site_id)
    services = queries.list_services(session, site_id)
    return SiteCard(
        site=SiteOut.model_validate(site), services=[ServiceOut.model_validate(row) for row in services]
    )


@router.get("/services")
def list_services(
    session: Reading, site_id: Wanted = None, kind: ServiceKind | None = None
) -> list[ServiceOut]:
    """List active services: of a site, of a kind."""
    return [ServiceOut.model_validate(row) for row in queries.list_services(session, site_id, kind)]


@router.get("/services/{service_id}")
def get_service(service_id: PathId, session: Reading) -> ServiceCard:
    """Show a service with its classes and rules."""
    service = queries.get_service(session, service_id)
    return ServiceCard(
        service=ServiceOut.model_validate(service),
        classes=[ClassOut.model_validate(row) for row in service.classes],
        rules=[RuleOut.model_validate(row) for row in queries.list_rules(session, service_id, today())],
    )
