"""Reads what is the same for every need of a night or a question: policies, calendar, services, walking metres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calendars.queries import load_calendar
from app.models import Compound, Need
from app.models.enums import ServiceKind
from app.options.build import Ground
from app.options.facts import Service
from app.options.load import by_kind, load_services
from app.options.reach import FARTHEST_METRES, Reach
from app.policies.queries import load_policies
from app.walking.queries import Walking, load_walking


def load_ground(
    session: Session,
    today: date,
    *,
    kinds: Iterable[ServiceKind] | None = None,
    service_id: int | None = None,
    compound_ids: Sequence[int] | None = None,
    gate_ids: Sequence[int] | None = None,
) -> Ground:
    """Return the ground for all needs, or narrowed to some kinds, a service, compounds, gates for one question."""
    policies = load_policies(session, today)
    services = load_services(session, kinds, service_id)
    if compound_ids is None:
        compound_ids = list(session.scalars(select(Compound.area_id).order_by(Compound.area_id)))
    if gate_ids is None:
        gates = select(Need.gate_site_id).where(Need.gate_site_id.is_not(None)).distinct()
        gate_ids = [gate for gate in session.scalars(gates) if gate is not None]
    return Ground(
        today=today,
        ends_on=today + timedelta(weeks=policies.get("plan_weeks")) - timedelta(days=1),
        policies=policies,
        calendar=load_calendar(session),
        reach=measure_reach(load_walking(session), services, compound_ids, gate_ids),
        services=by_kind(services),
    )


def measure_reach(
    walking: Walking, services: Sequence[Service], compound_ids: Sequence[int], gate_ids: Sequence[int]
) -> Reach:
    """Return metres between these compounds, gates and every service's site: one bulk call each, never pair by pair."""
    sites = sorted({service.site_id for service in services})
    from_compound = walking.metres(compound_ids, sites, FARTHEST_METRES).tolist() if compound_ids else []
    from_gate = walking.metres_between_sites(gate_ids, sites, FARTHEST_METRES).tolist() if gate_ids else []
    return Reach(
        site_row={site: i for i, site in enumerate(sites)},
        from_compound=dict(zip(compound_ids, from_compound, strict=True)),
        from_gate=dict(zip(gate_ids, from_gate, strict=True)),
        is_graph=walking.is_graph,
        straight=_measure_straight(walking, services, compound_ids, sites),
    )


def _measure_straight(
    walking: Walking, services: Sequence[Service], compound_ids: Sequence[int], sites: Sequence[int]
) -> dict[int, list[float]]:
    """Return straight lines where a meal may be brought along one; nothing else asks for them."""
    if not compound_ids or not any(service.kind is ServiceKind.canteen for service in services):
        return {}
    rows = walking.straight_metres(compound_ids, sites).tolist()
    return dict(zip(compound_ids, rows, strict=True))
