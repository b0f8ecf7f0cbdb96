"""Ticks guests who eat in: a seat, and a meal unless one is spare. Orders are placements and bookings, not made here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.actor import Actor
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.commands import release, take
from app.ledger.errors import SlotFull
from app.ledger.queries import count_spare
from app.meals.errors import NoMealLeft, NotASitting, NotToday
from app.models import (
    CareClass,
    Service,
    Slot,
    SlotCapacity,
    WalkIn,
)
from app.models.enums import CapacityKind, ServiceKind, SlotState
from app.scope import check_runs_slot
from app.slots.errors import SlotClosed

_SEAT = {CapacityKind.seats: 1}
_MEAL = {CapacityKind.meals: 1}


def tick(session: WriteSession, actor: Actor, slot_id: int, now: datetime) -> WalkIn:
    """Tick a guest. A meal that nobody ordered first, so that what is spare stays for who comes last.

    Raises `SlotFull` without a seat, `NoMealLeft` without a meal, `NotToday`, `NotASitting`, `SlotClosed`.
    """
    check_runs_slot(session, actor, slot_id)
    _check_sitting(session, slot_id, now)
    take(session, slot_id, _SEAT)  # locks the row: two doors do not count the same spare meal
    from_spare = False
    try:
        with session.begin_nested():
            take(session, slot_id, _MEAL)
    except SlotFull as full:
        if count_spare(session, slot_id) < 1:
            raise NoMealLeft(
                slot_id=slot_id, capacity=full.data["capacity"], taken=full.data["taken"]
            ) from full
        from_spare = True
    row = WalkIn(slot_id=slot_id, ticked_at=now, user_id=actor.user_id, from_spare=from_spare)
    session.add(row)
    session.flush()
    record(session, actor.label, "meal.walk_in", f"slot:{slot_id}", {"from_spare": from_spare})
    return row


def untick(session: WriteSession, actor: Actor, walk_in_id: int, now: datetime) -> None:
    """Take a tick back that was one too many, on the same day. Raises `NotFound`, `NotToday`."""
    row = session.scalars(
        select(WalkIn)
        .where(WalkIn.id == walk_in_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    check_runs_slot(session, actor, row.slot_id)
    _check_sitting(session, row.slot_id, now)
    if not row.from_spare:
        release(session, row.slot_id, _MEAL)
    release(session, row.slot_id, _SEAT)
    session.delete(row)
    session.flush()
    record(session, actor.label, "meal.walk_out", f"slot:{row.slot_id}", {"from_spare": row.from_spare})


def untick_last(session: WriteSession, actor: Actor, slot_id: int, now: datetime) -> None:
    """Take the newest tick of a sitting back. Raises `NotFound` where there is none."""
    check_runs_slot(session, actor, slot_id)
    newest = session.scalar(
        select(WalkIn.id).where(WalkIn.slot_id == slot_id).order_by(WalkIn.id.desc()).limit(1)
    )
    if newest is None:
        raise NotFound
    untick(session, actor, newest, now)


def _check_sitting(session: WriteSession, slot_id: int, now: datetime) -> None:
    row = session.execute(
        select(Slot.occurs_on, Slot.state, Service.kind)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Slot.id == slot_id)
        .with_for_update(of=Slot, read=True)
    ).one()
    has_seats = session.get(SlotCapacity, (slot_id, CapacityKind.seats)) is not None
    if row.kind is not ServiceKind.canteen or not has_seats:
        raise NotASitting(slot_id=slot_id)
    if row.state is not SlotState.open:
        raise SlotClosed(slot_id=slot_id, on=row.occurs_on.isoformat())
    if row.occurs_on != to_local(now).date():
        raise NotToday(slot_id=slot_id, on=row.occurs_on.isoformat())
