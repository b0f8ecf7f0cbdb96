"""Books, moves and cancels dated slots, each in one short write transaction; the wish was checked before (checks.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.actor import Actor
from app.audit.commands import record
from app.bookings.changes import expire_hold, is_enough, lock_for, take_place
from app.bookings.checks import Allowed
from app.bookings.errors import BookingNotPossible, NotThisNeed
from app.bookings.queries import find_live_hold, list_booking_uses, list_hold_uses, lock_booking
from app.bookings.rules import Act, find_next_state
from app.codes import find_free_code
from app.db import WriteSession
from app.ledger.commands import release
from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking, BookingUse, Need, Slot, SlotTemplate
from app.models.enums import BookingState, HoldState, NeedState
from app.notices.commands import Draft, put
from app.placements.errors import DoubleBooked
from app.waitlist.commands import serve


def book(session: WriteSession, actor: Actor, allowed: Allowed, now: datetime) -> Booking:
    """Book a slot for a need, or raise `SlotFull`, `HeldBack`, `DoubleBooked`, `QuotaUsedUp`, `SlotClosed`, `NeedNotOpen`.

    A live hold of the need on the slot passes over to the booking.
    """
    lock_for(session, allowed, now)
    if not _use_hold(session, allowed, now):
        take_place(session, allowed, now)
    row = _insert(session, actor, allowed, now)
    _serve_need(session, allowed)
    _tell(session, row, "booking_confirmed", now)
    _note(session, actor, row, "book", allowed)
    return row


def move(session: WriteSession, actor: Actor, booking_id: int, allowed: Allowed, now: datetime) -> Booking:
    """Move a booking to another slot of the same need; where that is full, nothing has changed."""
    row = lock_booking(session, actor, booking_id)
    _check_act(row, Act.move)
    if row.need_id != allowed.need_id:
        raise NotThisNeed(need=allowed.need_code)
    lock_for(session, allowed, now, but_booking_id=row.id)
    old_slot_id, uses = row.slot_id, list_booking_uses(session, row.id)
    # Rows in id order, whichever way somebody moves: two who swap would otherwise deadlock.
    if old_slot_id < allowed.slot.id:
        release(session, old_slot_id, uses)
        take_place(session, allowed, now)
    else:
        take_place(session, allowed, now)
        release(session, old_slot_id, uses)
    session.execute(delete(BookingUse).where(BookingUse.booking_id == row.id))
    session.execute(insert(BookingUse), _list_uses(row.id, allowed))
    row.slot_id = allowed.slot.id
    row.origin, row.reason = allowed.origin, allowed.reason
    row.version += 1
    _flush_unique(session, allowed)
    _tell(session, row, "booking_moved", now)
    _note(session, actor, row, "move", allowed, from_slot=old_slot_id)
    return row


def cancel(session: WriteSession, actor: Actor, booking_id: int, now: datetime) -> Booking:
    """Cancel a booking: its place is free at once, its need waits again."""
    row = lock_booking(session, actor, booking_id)
    row.state = _check_act(row, Act.cancel)
    row.cancelled_at = now
    row.version += 1
    session.flush()
    # The need before the capacity, as booking locks them.
    session.execute(
        update(Need)
        .where(Need.id == row.need_id, Need.state == NeedState.placed)
        .values(state=NeedState.open, version=Need.version + 1)
    )
    release(session, row.slot_id, list_booking_uses(session, row.id))
    record(session, actor.label, "booking.cancel", f"booking:{row.code}", {"slot": row.slot_id})
    return row


def _check_act(row: Booking, act: Act) -> BookingState:
    to = find_next_state(row.state, act)
    if to is None:
        raise BookingNotPossible(state=row.state, act=act)
    return to


def _use_hold(session: WriteSession, allowed: Allowed, now: datetime) -> bool:
    hold = find_live_hold(session, allowed.need_id, allowed.slot.id)
    if hold is None:
        return False
    if hold.expires_at <= now or not is_enough(allowed.amounts, list_hold_uses(session, hold.id)):
        expire_hold(session, hold)
        return False
    hold.state = HoldState.used
    session.flush()
    return True


def _insert(session: WriteSession, actor: Actor, allowed: Allowed, now: datetime) -> Booking:
    count = session.scalar(_COUNT, {"need_id": allowed.need_id}) or 0
    row = Booking(
        code=find_free_code(session, Booking.code, f"B-{allowed.need_code}", count + 1),
        need_id=allowed.need_id,
        person_id=allowed.person_id,
        slot_id=allowed.slot.id,
        state=BookingState.booked,
        origin=allowed.origin,
        reason=allowed.reason,
        booked_at=now,
        booked_by_id=actor.user_id,
    )
    session.add(row)
    _flush_unique(session, allowed)
    session.execute(insert(BookingUse), _list_uses(row.id, allowed))
    return row


_COUNT: Final = select(func.count(Booking.id)).where(Booking.need_id == bindparam("need_id"))


def _flush_unique(session: WriteSession, allowed: Allowed) -> None:
    """Flush; the unique index stands behind the person's lock, should a writer ever come without it.

    After `DoubleBooked` the transaction (or the savepoint around it) must be rolled back.
    """
    try:
        session.flush()
    except IntegrityError as fault:
        raise DoubleBooked(**{"slot_id": allowed.slot.id, "with": "booking"}) from fault


def _list_uses(booking_id: int, allowed: Allowed) -> list[dict[str, object]]:
    return [
        {"booking_id": booking_id, "kind": kind, "amount": amount}
        for kind, amount in sorted(allowed.amounts.items())
    ]


def _serve_need(session: WriteSession, allowed: Allowed) -> None:
    """A need is served once every part of its day is booked: a full day takes a morning and an afternoon."""
    if len(allowed.parts) > 1:
        booked = session.scalars(
            select(SlotTemplate.part)
            .join(Slot, Slot.template_id == SlotTemplate.id)
            .join(Booking, Booking.slot_id == Slot.id)
            .where(
                Booking.need_id == allowed.need_id,
                Booking.state.in_(LIVE_BOOKINGS),
                Slot.occurs_on == allowed.slot.occurs_on,
            )
        )
        if allowed.parts - {part.value for part in booked}:
            return
    session.execute(_PLACE_NEED, {"need_id": allowed.need_id})
    serve(session, allowed.need_id)


_PLACE_NEED: Final = (
    update(Need)
    .where(Need.id == bindparam("need_id"))
    .values(state=NeedState.placed, version=Need.version + 1)
    .execution_options(synchronize_session=False)
)


def _tell(session: WriteSession, row: Booking, template: str, now: datetime) -> None:
    put(session, [Draft(template, row.code, person_id=row.person_id, more=(row.version,))], now)


def _note(
    session: WriteSession, actor: Actor, row: Booking, act: str, allowed: Allowed, **data: object
) -> None:
    record(
        session,
        actor.label,
        f"booking.{act}",
        f"booking:{row.code}",
        {"slot": row.slot_id, "origin": allowed.origin, "reason": allowed.reason} | data,
    )
