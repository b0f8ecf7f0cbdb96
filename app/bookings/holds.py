"""Holds: a place set aside for some minutes while somebody decides; it ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.bookings.changes import expire_hold, lock_for, take_place
from app.bookings.checks import Allowed, Wish
from app.bookings.errors import BookingNotPossible, HoldExpired
from app.bookings.queries import find_live_hold, get_hold, list_hold_uses, lock_hold
from app.bookings.rules import HoldAct, find_next_hold_state
from app.clock import to_local
from app.db import WriteSession
from app.ledger.commands import release
from app.models import Hold, HoldUse
from app.models.enums import HoldState
from app.placements.errors import DoubleBooked


def hold(session: WriteSession, actor: Actor, allowed: Allowed, now: datetime) -> Hold:
    """Set a slot's place aside for a need; a live hold of the need on the slot is prolonged instead of doubled.

    Holds leave no audit row: they end by themselves and change nothing that was agreed.
    """
    lock_for(session, allowed, now)
    expires_at = now + timedelta(minutes=allowed.hold_minutes)
    found = find_live_hold(session, allowed.need_id, allowed.slot.id)
    if found is not None:
        if found.expires_at > now:
            found.expires_at = expires_at
            session.flush()
            return found
        expire_hold(session, found)
    take_place(session, allowed, now)
    row = Hold(
        need_id=allowed.need_id,
        person_id=allowed.person_id,
        slot_id=allowed.slot.id,
        state=HoldState.live,
        held_by_id=actor.user_id,
        expires_at=expires_at,
    )
    try:
        session.add(row)
        session.flush()
    except IntegrityError as fault:
        raise DoubleBooked(**{"slot_id": allowed.slot.id, "with": "hold"}) from fault
    session.execute(
        insert(HoldUse),
        [
            {"hold_id": row.id, "kind": kind, "amount": amount}
            for kind, amount in sorted(allowed.amounts.items())
        ],
    )
    return row


def release_hold(session: WriteSession, actor: Actor, hold_id: int) -> Hold:
    """Give a hold up before its time."""
    row = lock_hold(session, actor, hold_id)
    _check_act(row, HoldAct.release)
    release(session, row.slot_id, list_hold_uses(session, row.id))
    row.state = HoldState.released
    session.flush()
    return row


def find_wish(session: Session, actor: Actor, hold_id: int, now: datetime) -> Wish:
    """Return the wish that a live hold stands for, to be booked. Raises `HoldExpired`, `BookingNotPossible`, `NotFound`."""
    row = get_hold(session, actor, hold_id)
    if row.state is HoldState.expired or (row.state is HoldState.live and row.expires_at <= now):
        raise HoldExpired(hold=row.id, expired_at=to_local(row.expires_at).isoformat())
    _check_act(row, HoldAct.use)
    return Wish(row.need_id, row.slot_id)


def expire_holds(session: WriteSession, now: datetime) -> int:
    """Give up every hold whose time is over and return how many; safe to run again."""
    rows = session.scalars(
        select(Hold)
        .where(Hold.state == HoldState.live, Hold.expires_at <= now)
        .order_by(Hold.slot_id, Hold.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        expire_hold(session, row)
    return len(rows)


def _check_act(row: Hold, act: HoldAct) -> None:
    if find_next_hold_state(row.state, act) is None:
        raise BookingNotPossible(state=row.state, act=act)
