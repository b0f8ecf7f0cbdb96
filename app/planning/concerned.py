"""Locks what a plan is about to concern, so that desks and publishing take turns over one need and one person."""

from __future__ import annotations

from sqlalchemy import and_, select

from app.db import WriteSession
from app.models import Need, Person, Placement, Proposal
from app.planning.elsewhere import is_draft


def lock_concerned(session: WriteSession, plan_id: int) -> list[int]:
    """Make desks and publishing wait for each other where both concern one need or one person.

    In the desks' own order, needs before people. Without these locks each of two that run at once overlooks what the
    other is about to commit: two places of one need break the night, two of one person at one time nobody notices.
    Returns the needs that are no longer as the night read them: what is locked is read as it is now.
    """
    needs = session.execute(
        select(Need.id, Need.version, Proposal.need_version)
        .join(Proposal, and_(Proposal.need_id == Need.id, Proposal.plan_id == plan_id))
        .where(Need.id.in_(select(Placement.need_id).where(is_draft(plan_id))))
        .order_by(Need.id)
        .with_for_update(of=Need, key_share=True)
    ).all()
    people = select(Placement.person_id).where(is_draft(plan_id))
    session.execute(
        select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update(key_share=True)
    ).all()
    return [row.id for row in needs if row.need_version not in {None, row.version}]
