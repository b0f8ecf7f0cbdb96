"""Opens again what a closure shut, where it is taken back or ends earlier: slots, and the places that skipped them.

What the closure cancelled for people stays cancelled, and what it moved stays moved: they were told so and may have
made other plans. Their needs are open, and `list_cancelled` names them to whoever offers the days again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update

from app.actor import Actor
from app.audit.commands import record
from app.bookings.cancelled import list_cancelled
from app.bookings.closed import Closing, list_classes, shut_by_closure
from app.bookings.errors import ClosureOver, OpensInThePast
from app.bookings.running import run_again
from app.bookings.telling import tell_running_again
from app.clock import to_local
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.commands import lock_templates
from app.models import Closure, Slot
from app.models.enums import SlotState
from app.slots.commands import extend_horizon

ONE_DAY = timedelta(days=1)


@dataclass
class Reopened:
    """What opened again: the closure as it now stands, how many slots, whose places run again and whose do not."""

    closure: Closure
    slots: int = 0
    running: list[str] = field(default_factory=list)
    skipping: list[str] = field(default_factory=list)
    """Codes of placements that go on skipping some of the days: booked elsewhere meanwhile, or no room any more."""
    cancelled: list[str] = field(default_factory=list)
    """Codes of bookings that the closure cancelled and that nobody has made good yet."""


def open_again(
    session: WriteSession, actor: Actor, closure_id: int, from_on: date, now: datetime
) -> Reopened:
    """Let a closure end before `from_on`, or take it back where it would have begun then, and open what it shut.

    Raises `OpensInThePast` for a day that has been, `ClosureOver` where nothing is shut by it from that day on:
    somebody else was first, or it ends by itself.
    """
    # As a closure does: whoever closes or opens waits for the other, and sees what the other did.
    lock_templates(session)
    row = session.scalars(select(Closure).where(Closure.id == closure_id).with_for_update()).first()
    if row is None:
        raise NotFound
    today = to_local(now).date()
    if from_on < today:
        raise OpensInThePast(from_on=from_on.isoformat(), today=today.isoformat())
    if row.taken_back_at is not None or row.ends_on < from_on:
        last = row.starts_on - ONE_DAY if row.taken_back_at is not None else row.ends_on
        raise ClosureOver(from_on=from_on.isoformat(), last_on=last.isoformat())
    opening = Closing(row.site_id, row.service_id, max(from_on, row.starts_on), row.ends_on, row.reason)
    if from_on <= row.starts_on:
        row.taken_back_at = now
    else:
        row.ends_on = from_on - ONE_DAY
    session.flush()
    done = Reopened(row)
    reopen(session, opening, now, done)
    record(
        session,
        actor.label,
        "site.open_again",
        f"closure:{row.code}",
        {
            "from_on": opening.starts_on,
            "running": done.running,
            "skipping": done.skipping,
            "cancelled": done.cancelled,
        },
    )
    return done


def reopen(session: WriteSession, opening: Closing, now: datetime, done: Reopened) -> None:
    """Open what no closure in force shuts any more, on the days of one that was changed already (by an import, too)."""
    slot_ids = _open_slots(session, opening, now)
    newest = session.scalar(select(func.max(Slot.id))) or 0
    today = to_local(now).date()
    made = extend_horizon(session, today)
    # Nobody was expected in what has begun already: made open, it would be full of people who are missing.
    session.execute(
        update(Slot)
        .where(Slot.id > newest, Slot.occurs_on == today, Slot.starts_at <= now)
        .values(state=SlotState.closed, by_closure=True)
    )
    done.slots = len(slot_ids) + made
    done.running, done.skipping = run_again(session, slot_ids)
    done.cancelled = [row.booking.code for row in list_cancelled(session, now, slot_ids=slot_ids)]
    tell_running_again(session, opening, done.skipping, now)


def _open_slots(session: WriteSession, opening: Closing, now: datetime) -> list[int]:
    ids = list(
        session.scalars(
            select(Slot.id)
            .where(
                Slot.class_id.in_(list_classes(opening)),
                Slot.by_closure,
                Slot.occurs_on >= opening.starts_on,
                Slot.occurs_on <= opening.ends_on,
                Slot.starts_at > now,
                ~shut_by_closure(),
            )
            .order_by(Slot.id)
            .with_for_update()
        )
    )
    session.execute(update(Slot).where(Slot.id.in_(ids)).values(state=SlotState.open, by_closure=False))
    return ids
