"""What people do with a plan: approve or reject a draft, roll a published one back, accept or reject one proposal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.actor import Actor
from app.audit.commands import record
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.commands import vacate
from app.models import Placement, Plan, Proposal
from app.models.enums import Channel, PlacementState, PlanState
from app.placements import offers
from app.placements.commands import withdraw
from app.placements.errors import ReasonRequired
from app.placements.queries import lock_placement
from app.planning.draft import discard
from app.planning.errors import NothingToAnswer, PlanNotReady
from app.planning.lease import lock_lease
from app.planning.publish import Published, publish_plan
from app.planning.rules import PlanAct, find_next_state
from app.rounds.publishing import withdraw_lists


def approve(session: WriteSession, actor: Actor, plan_id: int, now: datetime) -> Published:
    """Publish a draft; it is rebased again on what was booked since it was worked out."""
    lock_lease(session)
    return publish_plan(session, plan_id, actor.label, actor.user_id, now)


def reject(session: WriteSession, actor: Actor, plan_id: int, reason: str) -> Plan:
    """Discard a draft, with a reason; nothing was set aside for it."""
    plan = _lock_plan(session, plan_id, PlanAct.reject, reason)
    discard(session, plan.id)
    session.refresh(plan)
    record(session, actor.label, "plan.reject", _name(plan), {"reason": reason})
    return plan


def roll_back(session: WriteSession, actor: Actor, plan_id: int, reason: str) -> int:
    """Take a published plan back and return how many proposals it withdrew; what somebody was told of stays.

    A round's list that it decided is withdrawn with it: the round waits for the next night, its numbers stay.
    """
    plan = _lock_plan(session, plan_id, PlanAct.roll_back, reason)
    need_of = dict(
        session.execute(
            select(Placement.id, Placement.need_id)
            .where(Placement.plan_id == plan.id, Placement.state == PlacementState.proposed)
            .order_by(Placement.id)
            .with_for_update(key_share=True)
        ).all()
    )
    ids = list(need_of)
    if ids:
        vacate(session, ids)
        session.execute(
            update(Placement)
            .where(Placement.id.in_(ids))
            .values(state=PlacementState.withdrawn, version=Placement.version + 1)
            .execution_options(synchronize_session="fetch")
        )
    plan.state = PlanState.rolled_back
    session.flush()
    lists = withdraw_lists(session, actor, plan, list(need_of.values()), reason)
    told = {"reason": reason, "withdrawn": len(ids), "lists": lists}
    record(session, actor.label, "plan.roll_back", _name(plan), told)
    return len(ids)


def accept_proposal(
    session: WriteSession, actor: Actor, proposal_id: int, now: datetime, *, by: str, channel: Channel
) -> Proposal:
    """Note a yes to a proposal, for its whole group; one that was not sent out yet is sent and answered at once."""
    proposal, placement = _get_answerable(session, proposal_id)
    if placement.state is PlacementState.proposed:
        offers.offer(session, actor, placement.id, now)
    offers.accept(session, actor, placement.id, now, by=by, channel=channel)
    return proposal


def reject_proposal(
    session: WriteSession, actor: Actor, proposal_id: int, now: datetime, *, by: str, channel: Channel
) -> Proposal:
    """Note a no to a proposal: an offer is declined, what nobody was told of is withdrawn."""
    proposal, placement = _get_answerable(session, proposal_id)
    if placement.state is PlacementState.proposed:
        withdraw(session, actor, placement.id)
    else:
        offers.decline(session, actor, placement.id, now, by=by, channel=channel)
    return proposal


def _get_answerable(session: WriteSession, proposal_id: int) -> tuple[Proposal, Placement]:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound
    if proposal.placement_id is None:
        raise NothingToAnswer(outcome=proposal.outcome)
    return proposal, lock_placement(session, proposal.placement_id)


def _lock_plan(session: WriteSession, plan_id: int, act: PlanAct, reason: str) -> Plan:
    if not reason.strip():
        raise ReasonRequired
    lock_lease(session)
    plan = session.get(Plan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFound
    if find_next_state(plan.state, act) is None:
        raise PlanNotReady(plan=_name(plan), state=plan.state)
    return plan


def _name(plan: Plan) -> str:
    return f"plan:{plan.effective_on.isoformat()}/{plan.version}"
