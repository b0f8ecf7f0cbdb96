"""Publishes a draft in one short transaction: rebase on what happened meanwhile, flip, offers, waitlists, lists, audit.

Whatever was booked or agreed during the solve wins; a proposal that no longer fits is displaced and says why. Set-based
throughout: the number of statements does not grow with the number of people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession, refresh_statistics
from app.ledger.commands import occupy, vacate
from app.models import CareClass, Need, Placement, Plan, Proposal, Service, StaffUser
from app.models.enums import PlacementState, PlanState, ProposalOutcome, StaffRole
from app.notices.commands import Draft, put
from app.placements.offers import send_offers
from app.placements.queries import select_bound_with
from app.planning.concerned import lock_concerned
from app.planning.errors import PlanNotReady, PlanOutdated, PlanOver
from app.planning.overtaken import drop_overtaken
from app.planning.rebase import Skipped, drop_barred, make_room
from app.planning.rules import PlanAct, find_next_state
from app.planning.waiting import join_waitlists
from app.rounds.publishing import publish_lists


@dataclass(frozen=True)
class Published:
    """What publishing did."""

    proposed: int
    offered: int
    withdrawn: int
    displaced: int
    joined_waitlists: int
    lists: Sequence[str]
    skipped: Sequence[Skipped] = field(default_factory=list)


def publish_plan(
    session: WriteSession, plan_id: int, actor: str, user_id: int | None, now: datetime
) -> Published:
    """Make a draft the plan in force, with all that hangs on it: who waits, which rounds' lists are out.

    Raises `PlanNotReady`, `PlanOver` or `PlanOutdated`. The caller has fenced the write. Nothing of it may get a write of its own:
    a night that is killed in between finds its plan published, and nobody would make up for the rest.
    """
    plan = session.get(Plan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None or find_next_state(plan.state, PlanAct.publish) is None:
        raise PlanNotReady(plan=plan_id, state="?" if plan is None else plan.state)
    today = to_local(now).date()
    _supersede(session, plan, today)
    changed = lock_concerned(session, plan_id)
    displaced = drop_overtaken(session, plan_id, changed)
    withdrawn = _withdraw_replaced(session, plan_id)
    session.execute(
        update(Placement)
        .where(Placement.plan_id == plan_id, Placement.state == PlacementState.draft)
        .values(state=PlacementState.proposed, version=Placement.version + 1)
        .execution_options(synchronize_session=False)
    )
    refresh_statistics(session, Placement, "state")
    mine = select(Placement.id).where(
        Placement.plan_id == plan_id, Placement.state == PlacementState.proposed
    )
    displaced += drop_barred(session, plan_id, mine, today)
    room = make_room(session, plan_id, mine)
    occupy(session, mine, is_checked=room.is_clear)
    displaced += room.dropped
    proposed = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    offered = send_offers(session, _list_to_offer(plan_id), now)
    plan.state, plan.published_at, plan.published_by_id = PlanState.published, now, user_id
    _recount(session, plan)
    record(
        session,
        actor,
        "plan.publish",
        f"plan:{_name(plan)}",
        {"proposed": proposed, "offered": offered, "withdrawn": withdrawn, "displaced": displaced},
    )
    _tell_managers(session, plan, {"proposed": proposed, "offered": offered, "displaced": displaced}, now)
    joined = join_waitlists(session, plan_id, now)
    lists = publish_lists(session, plan_id)
    return Published(proposed, offered, withdrawn, displaced, joined, lists, room.skipped)


def check_day(session: Session, effective_on: date, today: date) -> None:
    """Raise `PlanOver` or `PlanOutdated` where no plan for this day can be published; a night asks before it solves."""
    if effective_on < today:  # its first places would have begun before anybody was told
        raise PlanOver(plan=effective_on.isoformat())
    current = session.scalar(select(Plan.effective_on).where(Plan.state == PlanState.published))
    if current is not None and effective_on < current:
        raise PlanOutdated(plan=effective_on.isoformat(), current=current.isoformat())


def _supersede(session: WriteSession, plan: Plan, today: date) -> None:
    current = session.scalar(select(Plan).where(Plan.state == PlanState.published).with_for_update())
    check_day(session, plan.effective_on, today)
    if current is None:
        return
    if (plan.effective_on, plan.made_at) < (current.effective_on, current.made_at):
        raise PlanOutdated(plan=_name(plan), current=_name(current))
    current.state = PlanState.superseded
    session.flush()  # before another one is published: at most one is


def _name(plan: Plan) -> str:
    return f"{plan.effective_on.isoformat()}/{plan.version}"


def _withdraw_replaced(session: WriteSession, plan_id: int) -> int:
    """Take back earlier proposals that this plan moves or gives up; what was told to somebody meanwhile stays.

    A transfer that is proposed stays as well, until its wish is taken back.
    """
    given_up = select(Proposal.need_id).where(
        Proposal.plan_id == plan_id,
        Proposal.outcome.in_((ProposalOutcome.moved, ProposalOutcome.unplaced)),
    )
    placed = select(Placement.need_id).where(
        Placement.plan_id == plan_id, Placement.state == PlacementState.draft
    )
    unwished = select(Need.id).where(Need.wants_transfer.is_(False))
    old = list(
        session.scalars(
            select(Placement.id)
            .where(
                Placement.state == PlacementState.proposed,
                Placement.is_pinned.is_(False),
                or_(
                    ~Placement.is_transfer
                    & or_(Placement.need_id.in_(given_up), Placement.need_id.in_(placed)),
                    Placement.is_transfer & Placement.need_id.in_(unwished),
                ),
                or_(Placement.plan_id.is_(None), Placement.plan_id != plan_id),
            )
            .order_by(Placement.id)
        )
    )
    if old:
        vacate(session, old)
        session.execute(
            update(Placement)
            .where(Placement.id.in_(old))
            .values(state=PlacementState.withdrawn, version=Placement.version + 1)
            .execution_options(synchronize_session=False)
        )
    return len(old)


def _list_to_offer(plan_id: int) -> Any:
    """Select the proposals of this plan whose service sends offers at once.

    Twins and couples are told together or by hand: where the service of one does not send, neither offer goes out.
    """
    sends = select(CareClass.id).join(Service, Service.id == CareClass.service_id).where(Service.sends_offers)
    is_proposed = Placement.state == PlacementState.proposed
    new = select(Placement.id).where(is_proposed, Placement.plan_id == plan_id)
    silent = select(Placement.id).where(is_proposed, Placement.class_id.not_in(sends))
    return select(Placement.id).where(
        is_proposed,
        Placement.class_id.in_(sends),
        or_(Placement.plan_id == plan_id, Placement.need_id.in_(select_bound_with(new))),
        Placement.need_id.not_in(select_bound_with(silent)),
    )


def _tell_managers(session: WriteSession, plan: Plan, counts: Mapping[str, int], now: datetime) -> None:
    """Tell the managers how the plan came out. Who is only proposed a place is told nothing: it may still change."""
    managers = select(StaffUser.id).where(
        StaffUser.role == StaffRole.manager, StaffUser.disabled_at.is_(None)
    )
    code = _name(plan)
    data = {"on": plan.effective_on.isoformat(), **counts}
    drafts = [Draft("plan_published", code, user_id=id_, data=data) for id_ in session.scalars(managers)]
    put(session, drafts, now)


def _recount(session: WriteSession, plan: Plan) -> None:
    rows = session.execute(
        select(Proposal.outcome, func.count().label("number"))
        .where(Proposal.plan_id == plan.id)
        .group_by(Proposal.outcome)
    )
    counts = {row.outcome: row.number for row in rows}
    plan.placed = counts.get(ProposalOutcome.placed, 0)
    plan.kept = counts.get(ProposalOutcome.kept, 0)
    plan.unplaced = sum(
        counts.get(outcome, 0)
        for outcome in (ProposalOutcome.unplaced, ProposalOutcome.displaced, ProposalOutcome.held_back)
    )
