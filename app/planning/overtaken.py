"""What of a draft the record has overtaken since the night read it: it makes way before anything is set aside.

A night reads once and publishes a minute later; a manager approves hours later. What people did in between counts.
Whoever goes together with somebody who makes way makes way, too: half a pair of twins is worse than none for a night.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, func, or_, select

from app.db import WriteSession
from app.ledger.queries import OCCUPYING
from app.models import CareClass, Need, Placement, PlacementUse, Service, Slot
from app.models.enums import NeedState, Reason, SlotState
from app.planning.clashes import list_clashing
from app.planning.elsewhere import is_draft
from app.planning.entries import SURE
from app.planning.facts import PROMISED
from app.planning.parted import list_parted
from app.planning.rebase import drop, list_together


def drop_overtaken(session: WriteSession, plan_id: int, changed: Collection[int]) -> int:
    """Drop the drafts of a plan that the record has overtaken and return how many; the first reason counts.

    `changed`: needs that `lock_concerned` found changed.
    """
    count = 0
    for reason, is_so in (
        (Reason.double_booked, _is_served()),
        (Reason.need_changed, ~Placement.is_transfer & Placement.need_id.in_(changed)),
        (Reason.closed, _is_gone()),
    ):
        found = session.scalars(select(Placement.id).where(is_draft(plan_id), is_so))
        count += _drop_together(session, plan_id, found, reason)
    count += _drop_together(session, plan_id, _list_shut(session, plan_id), Reason.closed)
    count += _drop_together(session, plan_id, list_clashing(session, plan_id), Reason.double_booked)
    return count + _drop_together(session, plan_id, list_parted(session, plan_id), Reason.group)


def _drop_together(session: WriteSession, plan_id: int, ids: Iterable[int], reason: Reason) -> int:
    going = set(ids)
    others = set(list_together(session, plan_id, going)) - going
    return drop(session, plan_id, sorted(going), reason) + drop(
        session, plan_id, sorted(others), Reason.group
    )


def _is_served() -> ColumnElement[bool]:
    """Whether the need was served, withdrawn or promised another place.

    A transfer is overtaken where the place that it would replace, or the wish, is no more, or another is under way.
    A need's own proposal of an earlier plan is replaced; one made by hand since then is not.
    """
    other = select(Placement.need_id).where(Placement.state.in_(PROMISED))
    closed = select(Need.id).where(Need.state != NeedState.open)
    sure = select(Placement.need_id).where(Placement.state.in_(SURE), Placement.is_transfer.is_(False))
    changing = select(Placement.need_id).where(Placement.state.in_(OCCUPYING), Placement.is_transfer)
    wishes = select(Need.id).where(Need.wants_transfer)
    return or_(
        ~Placement.is_transfer & or_(Placement.need_id.in_(other), Placement.need_id.in_(closed)),
        Placement.is_transfer
        & or_(
            Placement.need_id.not_in(sure),
            Placement.need_id.in_(changing),
            Placement.need_id.not_in(wishes),
        ),
    )


def _is_gone() -> ColumnElement[bool]:
    gone = select(CareClass.id).join(Service, Service.id == CareClass.service_id).where(~Service.is_active)
    return Placement.class_id.in_(gone)


def _list_shut(session: WriteSession, plan_id: int) -> set[int]:
    """Return the drafts whose first day was closed: nobody is told to come to a shut door.

    Led by the closed slots, which are few; asked about each draft, PostgreSQL takes a quarter of a second for 20,000.
    """
    first = select(func.min(Placement.starts_on)).where(is_draft(plan_id)).scalar_subquery()
    shut = {
        (row.template_id, row.occurs_on)
        for row in session.execute(
            select(Slot.template_id, Slot.occurs_on).where(
                Slot.state == SlotState.closed, Slot.occurs_on >= first
            )
        )
    }
    starting = (
        select(Placement.id, Placement.starts_on, PlacementUse.template_id)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .where(is_draft(plan_id), Placement.starts_on.in_({on for _, on in shut}))
    )
    rows = session.execute(starting) if shut else ()
    return {row.id for row in rows if (row.template_id, row.starts_on) in shut}
