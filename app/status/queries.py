"""The figures that say what the record holds and how the last night went; counts only, no person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.db import ReadSession
from app.models import Area, Compound, InheritedFault, Need, Person, PersonRole, Plan, Site
from app.models.enums import AreaKind, NeedState, PlanState, Role

GATES = ("revoked", "split", "over_capacity", "ineligible", "double_booked")
"""What a plan may newly cause; each must be 0."""


def get_figures(session: ReadSession) -> dict[str, Any]:
    """Return the documented keys of `carematch status --json` (docs/status.md)."""
    residents, aged, young = session.execute(
        select(
            func.coalesce(func.sum(Compound.residents), 0),
            func.coalesce(func.sum(Compound.residents_60_plus), 0),
            func.coalesce(func.sum(Compound.residents_under_12), 0),
        )
    ).one()
    areas: dict[AreaKind, int] = dict(
        session.execute(select(Area.kind, func.count()).group_by(Area.kind)).all()
    )
    roles: dict[Role, int] = dict(
        session.execute(
            select(PersonRole.role, func.count())
            .join(Person, Person.id == PersonRole.person_id)
            .where(Person.erased_at.is_(None))
            .group_by(PersonRole.role)
        ).all()
    )
    plan = find_published_plan(session)
    return {
        "residents": residents,
        "residents_60_plus": aged,
        "residents_under_12": young,
        "people": session.scalar(select(func.count()).select_from(Person).where(Person.erased_at.is_(None))),
        "elders": roles.get(Role.elder, 0),
        "children": roles.get(Role.child, 0),
        "compounds": areas.get(AreaKind.compound, 0),
        "blocks": areas.get(AreaKind.block, 0),
        "committees": areas.get(AreaKind.committee, 0),
        "sites": session.scalar(select(func.count()).select_from(Site)),
        "needs_open": plan.needs_decided if plan is not None else _count_open_needs(session),
        "plan": None if plan is None else _get_plan_figures(session, plan),
    }


def find_published_plan(session: ReadSession) -> Plan | None:
    """Return the plan in force; None before the first night."""
    return session.scalar(select(Plan).where(Plan.state == PlanState.published))


def _count_open_needs(session: ReadSession) -> int:
    return session.scalar(select(func.count()).select_from(Need).where(Need.state == NeedState.open)) or 0


def _get_plan_figures(session: ReadSession, plan: Plan) -> dict[str, Any]:
    inherited = select(func.count()).select_from(InheritedFault).where(InheritedFault.plan_id == plan.id)
    return {
        "effective_on": plan.effective_on.isoformat(),
        "version": plan.version,
        "placed": plan.placed,
        "kept": plan.kept,
        "moved": plan.moved,
        "unplaced": plan.unplaced,
        **{gate: plan.gates.get(gate, 0) for gate in GATES},
        "inherited": session.scalar(inherited),
        "gap": plan.gap,
        "seconds": plan.seconds,
    }
