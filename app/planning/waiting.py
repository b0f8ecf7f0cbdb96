"""Puts who was left without a place on the waitlist of the service they come closest to; once, however often it runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from app.db import WriteSession
from app.models import Need, Proposal, Service, WaitlistEntry
from app.models.enums import NeedState, ProposalOutcome, Reason, WaitlistState

LEFT = (ProposalOutcome.unplaced, ProposalOutcome.displaced)


def join_waitlists(session: WriteSession, plan_id: int, now: datetime) -> int:
    """Let every open need that found its best option full wait for that service; returns how many joined."""
    services = {row.code: row.id for row in session.execute(select(Service.code, Service.id))}
    waiting = {
        (row.need_id, row.service_id)
        for row in session.execute(
            select(WaitlistEntry.need_id, WaitlistEntry.service_id).where(
                WaitlistEntry.state == WaitlistState.waiting
            )
        )
    }
    rows = session.execute(
        select(Proposal.need_id, Proposal.data["waits_for"].as_string().label("service"))
        .join(Need, Need.id == Proposal.need_id)
        .where(
            Proposal.plan_id == plan_id,
            Proposal.outcome.in_(LEFT),
            Proposal.reason == Reason.full,
            Need.state == NeedState.open,
        )
        .order_by(Proposal.need_id)
    )
    new = [
        {
            "need_id": row.need_id,
            "service_id": services[row.service],
            "state": WaitlistState.waiting,
            "entered_at": now,
        }
        for row in rows
        if row.service in services and (row.need_id, services[row.service]) not in waiting
    ]
    if new:
        session.execute(insert(WaitlistEntry), new)
    return len(new)
