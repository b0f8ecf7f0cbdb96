"""Locks what a plan is about to concern, so that desks and publishing take turns over one need and one person."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from app.db import WriteSession
from app.models import Need, Person, Placement, Proposal
from app.planning.elsewhere import is_draft


def lock_concerned(session: WriteSession, plan_id: int) -> list[int]:
    """Make desks and publishing wait for each other where both concern one need or one person.

    In the desks' own order, needs before people. Without these locks each of two that run at once overlooks what the
    other is about to commit: two places of one need break the night, two of one person at one time nobody notices.
    Returns the needs that are no longer as the night read them: what is locked is read as it is now.
    """
    mine = select(Placement.need_id).where(is_draft(plan_id))
    people = select(Placement.person_id).where(is_draft(plan_id))
    for concerned in (
        select(Need.id).where(Need.id.in_(mine)).order_by(Need.id),
        select(Person.id).where(Person.id.in_(people)).order_by(Person.id),
    ):
        # Counted, not read: nobody needs the ids, and twenty thousand rows take as long to read as to lock.
        locked = concerned.with_for_update(key_share=True).subquery()
        session.execute(select(func.count()).select_from(locked))
    changed = (
        select(Need.id)
        .join(Proposal, and_(Proposal.need_id == Need.id, Proposal.plan_id == plan_id))
        .where(Need.id.in_(mine), Proposal.need_version != Need.version)
    )
    return list(session.scalars(changed))
