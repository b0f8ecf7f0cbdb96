"""Smallest valid plans: a run, a draft or published plan, a proposal for a need with its placement set aside."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.clock import now
from app.models import Need, Placement, Plan, PlanRun, Proposal
from app.models.enums import PlanState, ProposalOutcome, Reason, RunState

_days = count(1)


def make_plan(session: Session, state: PlanState = PlanState.draft, **columns: Any) -> Plan:
    """Make a plan with its run, each for a later day than the one before."""
    at = now()
    effective_on = date(2027, 1, 1) + timedelta(days=next(_days))
    run = PlanRun(
        effective_on=effective_on,
        state=RunState.drafted,
        holder="test:1",
        token=1,
        heartbeat_at=at,
        started_at=at,
        ended_at=at,
    )
    session.add(run)
    session.flush()
    given: dict[str, Any] = {
        "run_id": run.id,
        "effective_on": effective_on,
        "version": 1,
        "state": state,
        "made_at": at,
        "published_at": at if state is PlanState.published else None,
        "gap": 0.0,
    }
    plan = Plan(**(given | columns))
    session.add(plan)
    session.flush()
    return plan


def make_proposal(session: Session, plan: Plan, need: Need, placement: Placement | None = None) -> Proposal:
    """Make what the plan decided for a need: placed where a placement is given, else unplaced because it is full."""
    row = Proposal(
        plan_id=plan.id,
        need_id=need.id,
        outcome=ProposalOutcome.placed if placement else ProposalOutcome.unplaced,
        reason=Reason.placed if placement else Reason.full,
        placement_id=placement.id if placement else None,
        class_id=placement.class_id if placement else None,
        weekdays=placement.weekdays if placement else 0,
        part=placement.part if placement else None,
        starts_on=placement.starts_on if placement else None,
        data={"options": [], "class": 1, "months_waited": 0, "draw": 0},
    )
    session.add(row)
    session.flush()
    return row
