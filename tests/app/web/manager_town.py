"""A small town for the manager: a block with two compounds, one canteen far away, a draft and a plan to decide on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.clock import now, today
from app.models import Plan, Proposal
from app.models.enums import (
    CapacityKind,
    Part,
    PlacementState,
    PlanState,
    ProposalOutcome,
    Reason,
    ServiceKind,
    WishPart,
)
from tests.factories import areas, needs, people, placements, plans, providers

if TYPE_CHECKING:
    from app.db import WriteSession
    from app.models import CareClass, Compound, Need, Service, Site, SlotTemplate

DEGREES_PER_METRE = 1 / 111_195
GATES = {"revoked": 0, "split": 0, "over_capacity": 0, "ineligible": 0, "double_booked": 0}


@dataclass
class Town:
    """Rows of one session; ids only outside of it."""

    root: str
    block: str
    compound: Compound
    site: Site
    service: Service
    care_class: CareClass
    cells: list[SlotTemplate]


def make_town(session: WriteSession) -> Town:
    """Make a compound in a block of its own, and day care 300 m away with dated slots for two weeks."""
    committee = areas.make_committee(session, own_block=True)
    compound = areas.make_compound(session, committee)
    site = providers.make_site(session, latitude=compound.latitude + 300 * DEGREES_PER_METRE)
    service = providers.make_service(
        session, ServiceKind.day_care, site, limit_metres=500, sends_offers=False
    )
    care_class = providers.make_class(session, service)
    cells = [
        providers.make_template(session, care_class, day, Part.morning, {CapacityKind.places: 10})
        for day in range(7)
    ]
    first = today() + timedelta(days=1)
    for i in range(14):
        on = first + timedelta(days=i)
        providers.make_slot(session, cells[on.weekday()], on)
    block = session.get_one(type(committee), committee.parent_id)
    root = session.get_one(type(committee), block.parent_id)
    return Town(root.code, block.code, compound, site, service, care_class, cells)


def add_need(session: WriteSession, town: Town, name: str = "王桂英", **columns: object) -> Need:
    """Make an elder of the compound who asks for a morning in day care."""
    elder = people.make_elder(session, people.make_household(session, town.compound), name=name)
    given = {"entered_on": today() - timedelta(days=100), "starts_on": today()}
    return needs.make_need(
        session, elder, ServiceKind.day_care, [((0,), WishPart.morning)], **(given | columns)
    )


def make_plan(
    session: WriteSession, town: Town, state: PlanState = PlanState.draft, *, placed: int = 2, later: int = 0
) -> Plan:
    """Make a plan that gives so many elders a place and leaves one without because it is full."""
    plan = plans.make_plan(
        session, state, gates=dict(GATES), needs_decided=placed + 1, made_at=now() + timedelta(seconds=later)
    )
    to = PlacementState.draft if state is PlanState.draft else PlacementState.proposed
    for _ in range(placed):
        need = add_need(session, town)
        row = placements.make_placement(
            session,
            need,
            town.care_class,
            town.cells[:1],
            state=to,
            plan_id=plan.id,
            starts_on=today() + timedelta(days=1),
        )
        plans.make_proposal(session, plan, need, row)
    missing = plans.make_proposal(session, plan, add_need(session, town, "李大爷"))
    missing.data = missing.data | {
        "options": [{"service": town.service.code, "reason": "full", "short_by": 1, "metres": 300}]
    }
    return plan


def add_proposal(
    session: WriteSession, plan: Plan, need: Need, outcome: ProposalOutcome, reason: Reason, **data: object
) -> Proposal:
    """Make what the plan decided for a need, with the reasons of its options."""
    row = plans.make_proposal(session, plan, need)
    row.outcome, row.reason = outcome, reason
    row.data = row.data | data
    session.flush()
    return row


def days_ago(days: int) -> date:
    """Return the day so many days before today."""
    return today() - timedelta(days=days)
