"""What the buttons of a need's page do, each in one short write: hold, confirm, undo, place, answer, wait.

Holds and bookings are checked in a read session first, so that the write lock is held for milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.actor import Actor
from app.bookings import commands as bookings
from app.bookings import holds
from app.bookings.checks import Wish, check_wish
from app.bookings.errors import NothingHeld
from app.bounds import read_day, read_id
from app.clock import to_local
from app.db import Database, WriteSession
from app.desk.needs import find_slots, list_holds
from app.errors import NotFound
from app.language.labels import N_
from app.models import Booking, Placement, WaitlistEntry
from app.models.enums import Channel, WishPart
from app.placements import commands as placements
from app.placements import offers
from app.placements.byhand import Order, place
from app.placements.errors import NotUndoable
from app.placements.queries import get_placement, lock_placement
from app.placements.rules import may_undo
from app.scope import check_sees_need
from app.waitlist import commands as waitlist

UNDONE = N_("Undone at the desk")


def hold_option(database: Database, actor: Actor, need_id: int, key: str, now: datetime) -> None:
    """Set a place aside in every slot of a dated option, or in none. Raises `NotFound` and what `check_wish` does."""
    class_id, _, part, on = parse_key(key)
    with database.reading() as session:
        slot_ids = find_slots(session, class_id, part, on)
        if not slot_ids:
            raise NotFound
        allowed = [check_wish(session, actor, Wish(need_id, slot_id), now) for slot_id in slot_ids]

    def work(session: WriteSession) -> None:
        for one in allowed:
            holds.hold(session, actor, one, now)

    database.write(work)


def confirm_holds(database: Database, actor: Actor, need_id: int, now: datetime) -> None:
    """Book whatever the need holds. Raises `NothingHeld` where nothing is held any more."""
    with database.reading() as session:
        check_sees_need(session, actor, need_id)
        held = [row.id for row in list_holds(session, need_id, now)]
        if not held:
            raise NothingHeld
        allowed = [
            check_wish(session, actor, holds.find_wish(session, actor, hold_id, now), now) for hold_id in held
        ]

    def work(session: WriteSession) -> None:
        for one in allowed:
            bookings.book(session, actor, one, now)

    database.write(work)


def release_holds(session: WriteSession, actor: Actor, need_id: int, now: datetime) -> None:
    """Give up whatever the need holds. Raises `NothingHeld` where nothing is held any more."""
    check_sees_need(session, actor, need_id)
    held = list_holds(session, need_id, now)
    if not held:
        raise NothingHeld
    for row in held:
        holds.release_hold(session, actor, row.id)


def cancel_booking(session: WriteSession, actor: Actor, need_id: int, booking_id: int, now: datetime) -> None:
    """Cancel one booking of the need."""
    check_sees_need(session, actor, need_id)
    first = session.get(Booking, booking_id)
    if first is None or first.need_id != need_id:
        raise NotFound
    bookings.cancel(session, actor, booking_id, now)


def place_weekly(session: WriteSession, actor: Actor, order: Order, now: datetime) -> Placement:
    """Give a weekly place that nobody of equal or higher class waits for."""
    check_sees_need(session, actor, order.need_id)
    return place(session, actor, order, now)


def undo_placement(
    session: WriteSession, actor: Actor, need_id: int, placement_id: int, reason: str, now: datetime
) -> None:
    """Take back a weekly place that the desk gave and that has not begun. Raises `NotUndoable` for any other."""
    _get_own(session, actor, need_id, placement_id)
    row = lock_placement(session, placement_id)
    if not may_undo(row.origin, row.state, row.starts_on, to_local(now).date()):
        raise NotUndoable(placement=row.code)
    placements.end(session, actor, row.id, row.starts_on - timedelta(days=1), reason, now)


@dataclass(frozen=True)
class Said:
    """Somebody's answer to an offer."""

    says_yes: bool
    by: str
    channel: Channel


def answer_offer(
    session: WriteSession, actor: Actor, need_id: int, placement_id: int, said: Said, now: datetime
) -> None:
    """Note the person's answer to an offer."""
    row = _get_own(session, actor, need_id, placement_id)
    answer = offers.accept if said.says_yes else offers.decline
    answer(session, actor, row.id, now, by=said.by, channel=said.channel)


def join_waitlist(session: WriteSession, actor: Actor, need_id: int, service_id: int, now: datetime) -> None:
    """Put the need on a service's waitlist."""
    check_sees_need(session, actor, need_id)
    waitlist.join(session, actor, need_id, service_id, now)


def leave_waitlist(session: WriteSession, actor: Actor, need_id: int, entry_id: int) -> None:
    """Take the need off a waitlist."""
    check_sees_need(session, actor, need_id)
    entry = session.get(WaitlistEntry, entry_id)
    if entry is None or entry.need_id != need_id:
        raise NotFound
    waitlist.leave(session, actor, entry_id)


_WEEKDAYS = {str(bits): bits for bits in range(128)}


def parse_key(key: str) -> tuple[int, int, WishPart, date]:
    """Return class, weekdays, part and first day of an option that a form names. Raises `NotFound`."""
    try:
        class_id, weekdays, part, starts_on = key.split(".")
        return read_id(class_id), _WEEKDAYS[weekdays], WishPart(part), read_day(starts_on)
    except (ValueError, KeyError) as fault:
        raise NotFound from fault


def _get_own(session: WriteSession, actor: Actor, need_id: int, placement_id: int) -> Placement:
    check_sees_need(session, actor, need_id)
    row = get_placement(session, placement_id)
    if row.need_id != need_id:
        raise NotFound
    return row
