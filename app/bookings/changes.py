"""What holds and bookings share in the write transaction: the person's lock, the slot's, the capacity, the quota."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from app.bookings.checks import Allowed, raise_full
from app.bookings.errors import MealsUsedUp, QuotaUsedUp
from app.bookings.queries import (
    count_placed_visit_minutes,
    count_visit_minutes,
    find_clash,
    list_hold_uses,
)
from app.bookings.rules import find_week
from app.clock import to_local
from app.consents.queries import check_may_process, find_youngest
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.commands import release, take
from app.ledger.errors import SlotFull
from app.ledger.queries import OCCUPYING
from app.models import Hold, Need, Person, Slot
from app.models.enums import CapacityKind, HoldState, NeedState, SlotState
from app.options.amounts import DEFAULT_VISIT_MINUTES
from app.options.drawn import load_drawn
from app.options.quotas import count_meals
from app.placements.errors import DoubleBooked, NeedNotOpen
from app.slots.errors import SlotClosed


def lock_for(
    session: WriteSession, allowed: Allowed, now: datetime, *, but_booking_id: int | None = None
) -> None:
    """Lock person and slot (in this order), and raise what has come in the way since the wish was checked.

    The person's lock makes two bookings of one person wait for each other, so that neither overlooks the other; the
    slot's, shared, makes a closure wait for the booking or the booking see the closure.
    """
    found = session.execute(_LOCK_NEED, {"need_id": allowed.need_id}).first()
    if found is None:
        raise NotFound
    state, today = found.state, to_local(now).date()
    if found.born_on > find_youngest(session, today):
        check_may_process(session, [allowed.person_id], today)
    if but_booking_id is None and state is not NeedState.open:
        raise NeedNotOpen(need=allowed.need_code, state=state)
    slot_state = session.scalar(_LOCK_SLOT, {"slot_id": allowed.slot.id})
    if slot_state is not SlotState.open:
        raise SlotClosed(slot_id=allowed.slot.id, on=allowed.slot.occurs_on.isoformat())
    clash = find_clash(session, allowed.person_id, allowed.slot, now, but_booking_id=but_booking_id)
    if clash is not None:
        raise DoubleBooked(**{"slot_id": allowed.slot.id, "with": clash})
    _check_quota(session, allowed, but_booking_id)
    _check_meals(session, allowed, but_booking_id)


_LOCK_NEED: Final = (
    select(Need.state, Person.born_on)
    .join(Person, Person.id == Need.person_id)
    .where(Need.id == bindparam("need_id"))
    .with_for_update(of=[Person, Need], key_share=True)
)
_LOCK_SLOT: Final = select(Slot.state).where(Slot.id == bindparam("slot_id")).with_for_update(read=True)


def take_place(session: WriteSession, allowed: Allowed, now: datetime) -> None:
    """Take what the wish uses; where the slot is full, give up holds whose time is over and try once more."""
    try:
        take(session, allowed.slot.id, allowed.amounts, keep_free=allowed.keep_free)
    except SlotFull as full:
        if not expire_holds_of(session, allowed.slot.id, now):
            raise_full(full, allowed.keep_free.get(full.data["kind"], 0))
        try:
            take(session, allowed.slot.id, allowed.amounts, keep_free=allowed.keep_free)
        except SlotFull as again:
            raise_full(again, allowed.keep_free.get(again.data["kind"], 0))


def expire_holds_of(session: WriteSession, slot_id: int, now: datetime) -> int:
    """Give up the holds on a slot whose time is over, and return how many."""
    rows = session.scalars(
        select(Hold)
        .where(Hold.slot_id == slot_id, Hold.state == HoldState.live, Hold.expires_at <= now)
        .order_by(Hold.id)
        .with_for_update()
    ).all()
    for row in rows:
        expire_hold(session, row)
    return len(rows)


def expire_hold(session: WriteSession, hold: Hold) -> None:
    """Give back what a (locked, live) hold set aside because its time is over."""
    release(session, hold.slot_id, list_hold_uses(session, hold.id))
    hold.state = HoldState.expired
    session.flush()


def is_enough(amounts: Mapping[CapacityKind, int], held: Mapping[CapacityKind, int]) -> bool:
    """Return whether a hold set aside exactly what a booking uses."""
    return dict(amounts) == dict(held)


def _check_quota(session: WriteSession, allowed: Allowed, but_booking_id: int | None) -> None:
    """Count the week's hours again, under the person's lock; a visit that moves draws where it comes to, once."""
    if allowed.hours_a_week is None:
        return
    monday, sunday = find_week(allowed.slot.occurs_on)
    default = DEFAULT_VISIT_MINUTES
    used = count_visit_minutes(
        session,
        allowed.person_id,
        monday,
        sunday,
        default_minutes=default,
        but_booking_id=but_booking_id,
    ) + count_placed_visit_minutes(
        session, allowed.person_id, allowed.slot.occurs_on, default_minutes=default
    )
    left = allowed.hours_a_week * 60 - used
    if allowed.care_minutes > left:
        raise QuotaUsedUp(
            hours=allowed.hours_a_week,
            wanted_minutes=allowed.care_minutes,
            left_minutes=max(0, left),
            week_from=monday.isoformat(),
        )


def _check_meals(session: WriteSession, allowed: Allowed, but_booking_id: int | None) -> None:
    """Count the month's meals again, under the person's lock: two clerks may have checked at once."""
    if allowed.meals_a_month is None:
        return
    month = allowed.slot.occurs_on.replace(day=1)
    drawn = load_drawn(
        session, month, OCCUPYING, person_id=allowed.person_id, but_booking_id=but_booking_id
    ).get(allowed.person_id)
    used = 0 if drawn is None else count_meals(drawn.standing_meals, drawn.meal_dates, month)
    if used + 1 > allowed.meals_a_month:
        raise MealsUsedUp(
            meals=allowed.meals_a_month,
            wanted_meals=1,
            left_meals=max(0, allowed.meals_a_month - used),
            month=f"{month:%Y-%m}",
        )
