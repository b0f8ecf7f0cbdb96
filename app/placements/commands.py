"""Pinning, ending and starting placements; placing by hand is in byhand.py, offers in offers.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, exists, update
from sqlalchemy.orm import aliased

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.ledger.queries import OCCUPYING
from app.models import Need, Placement
from app.models.enums import NeedState, PlacementState
from app.placements.changes import (
    CODES_PER_AUDIT_ROW,
    change,
    check_act,
    has_no_place,
    set_last_day,
)
from app.placements.errors import EndsEarlier, NotPossibleInState, ReasonRequired
from app.placements.queries import lock_inseparable, lock_placement
from app.placements.rules import Act
from app.placements.standby import promote
from app.placements.transfers import TRANSFERRED


def pin(session: WriteSession, actor: Actor, placement_id: int, reason: str) -> Placement:
    """Make the night keep a placement where it is, whatever else it would prefer."""
    return _set_pin(session, actor, placement_id, reason, is_pinned=True)


def unpin(session: WriteSession, actor: Actor, placement_id: int, reason: str) -> Placement:
    """Let the night decide again; what is offered, confirmed or active it keeps anyway."""
    return _set_pin(session, actor, placement_id, reason, is_pinned=False)


def end(
    session: WriteSession, actor: Actor, placement_id: int, last_on: date, reason: str, now: datetime
) -> Placement:
    """Set the last day of a confirmed or active placement; before its first day it is given up altogether.

    The dates after the last day are free at once, and offered to the first in the standby order. The state follows
    when the last day has passed. Raises `EndsEarlier` where it would not end any earlier: a longer stay takes a place
    and has to be asked for.
    """
    if not reason.strip():
        raise ReasonRequired
    row = lock_placement(session, placement_id)
    if last_on < row.starts_on:
        # A placement that never ran has not ended: it was given up, and has no last day.
        row.ended_reason = reason
        change(session, actor, row, Act.step_back)
        promote(session, [row.class_id], now)
        return row
    check_act(row, Act.end)
    if row.ends_on is not None and row.ends_on <= last_on:
        raise EndsEarlier(placement=row.code, ends_on=row.ends_on.isoformat(), last_on=last_on.isoformat())
    row.ended_reason = reason
    set_last_day(session, row, last_on)
    row.version += 1
    if last_on < to_local(now).date():
        change(session, actor, row, Act.end)
    else:
        record(session, actor.label, "placement.last_day", f"placement:{row.code}", {"last_on": last_on})
    promote(session, [row.class_id], now)
    return row


def withdraw(session: WriteSession, actor: Actor, placement_id: int) -> Placement:
    """Take back a draft or a proposal that nobody was told of; of twins and couples both, so that nobody goes alone."""
    row = lock_placement(session, placement_id)
    for each in lock_inseparable(session, row):
        change(session, actor, each, Act.withdraw)
    return row


def follow_dates(session: WriteSession, today: date) -> int:
    """Start what begins today and end what is over, set-based; return how many changed. Safe to run again.

    Neither changes what is taken: a place is set aside before its first day, and free after its last.
    """
    yesterday = today - timedelta(days=1)
    # The end first: whoever changes places has one of them at a time.
    ended = _move_all(
        session,
        Act.end,
        PlacementState.ended,
        Placement.state.in_((PlacementState.confirmed, PlacementState.active))
        & (Placement.ends_on <= yesterday),
    )
    started = _move_all(
        session,
        Act.start,
        PlacementState.active,
        (Placement.state == PlacementState.confirmed) & (Placement.starts_on <= today),
    )
    _settle_transfers(session, today)
    # Who gave the new place up after the old one had its last day waits for another.
    for reason_is, to in ((False, NeedState.ended), (True, NeedState.open)):
        need_ids = [row.need_id for row in ended if (row.ended_reason == TRANSFERRED) is reason_is]
        session.execute(
            update(Need)
            .where(Need.id.in_(need_ids), Need.state == NeedState.placed, has_no_place())
            .values(state=to, version=Need.version + 1)
        )
    return len(started) + len(ended)


def _settle_transfers(session: WriteSession, today: date) -> None:
    """Let the new place of who changed be the need's place once it has begun and the old one has ended."""
    other = aliased(Placement)
    has_other = exists().where(
        other.need_id == Placement.need_id, other.state.in_(OCCUPYING), other.is_transfer.is_(False)
    )
    session.execute(
        update(Placement)
        .where(
            Placement.is_transfer,
            Placement.state == PlacementState.active,
            Placement.starts_on <= today,
            ~has_other,
        )
        .values(is_transfer=False, version=Placement.version + 1)
        .execution_options(synchronize_session="fetch")
    )


def _move_all(
    session: WriteSession, act: Act, to: PlacementState, wanted: ColumnElement[bool]
) -> Sequence[Row[int, str, str]]:
    rows = session.execute(
        update(Placement)
        .where(wanted)
        .values(state=to, version=Placement.version + 1)
        .returning(Placement.need_id, Placement.code, Placement.ended_reason)
        .execution_options(synchronize_session="fetch")
    ).all()
    moved = sorted(rows, key=lambda row: (row.need_id, row.code))
    for first in range(0, len(moved), CODES_PER_AUDIT_ROW):
        codes = [row.code for row in moved[first : first + CODES_PER_AUDIT_ROW]]
        record(session, system_actor().label, f"placement.{act}", "placements", {"codes": codes})
    return moved


def _set_pin(
    session: WriteSession, actor: Actor, placement_id: int, reason: str, *, is_pinned: bool
) -> Placement:
    if not reason.strip():
        raise ReasonRequired
    row = lock_placement(session, placement_id)
    act = "pin" if is_pinned else "unpin"
    if row.state not in OCCUPYING or row.is_pinned is is_pinned:
        raise NotPossibleInState(placement=row.code, state=row.state, act=act)
    row.is_pinned, row.pin_reason = is_pinned, reason if is_pinned else ""
    row.version += 1
    session.flush()
    record(session, actor.label, f"placement.{act}", f"placement:{row.code}", {"reason": reason})
    return row
