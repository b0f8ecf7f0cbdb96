"""Closes a site or a service for some days: bookings are moved where another slot takes them, else ended; series skip.

Everything in one transaction: nobody is left booked in a closed slot, and the reply says what became of whom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.bookings.checks import Wish, check_wish
from app.bookings.closed import Closing, list_classes
from app.bookings.commands import cancel, move
from app.bookings.queries import list_hold_uses
from app.bookings.telling import tell_skipping
from app.clock import to_local
from app.codes import find_free_code
from app.db import WriteSession
from app.errors import DomainError, NotFound
from app.ledger.commands import lock_templates, release
from app.ledger.queries import OCCUPYING
from app.models import (
    Booking,
    CareClass,
    Closure,
    Hold,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Site,
    Slot,
    SlotTemplate,
)
from app.models.enums import (
    BookingState,
    CapacityKind,
    ExceptionKind,
    HoldState,
    SlotState,
)
from app.notices.commands import Draft, put

MOST_TRIES = 6
"""So many other slots are tried for a booking before it is ended."""


@dataclass
class Closed:
    """What a closure did: codes of bookings moved and ended, and of placements that skip dates."""

    closure: Closure
    moved: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    skipping: list[str] = field(default_factory=list)


def close(session: WriteSession, actor: Actor, closing: Closing, now: datetime) -> Closed:
    """Close, move or end what is booked, let placements skip the days, and return what became of whom."""
    site = session.get(Site, closing.site_id)
    if site is None:
        raise NotFound
    if closing.service_id is not None:
        service = session.get(Service, closing.service_id)
        if service is None or service.site_id != site.id:
            raise NotFound
    lock_templates(session)
    done = Closed(_add_closure(session, site, closing))
    shut(session, closing, now, done)
    record(
        session,
        actor.label,
        "site.close",
        f"closure:{done.closure.code}",
        {"moved": done.moved, "ended": done.ended, "skipping": done.skipping},
    )
    return done


def shut(session: WriteSession, closing: Closing, now: datetime, done: Closed) -> None:
    """Close the dated slots of a closure that is written already (an import's, too) and say what became of whom."""
    slot_ids = _shut_slots(session, closing, now)
    _release_holds(session, slot_ids)
    done.skipping = _skip_placements(session, slot_ids)
    tell_skipping(session, closing, done.skipping, now)
    # A closure concerns everybody booked there, also people outside the actor's own areas.
    everybody = system_actor()
    for booking_id in _list_booked(session, slot_ids, now):
        row = session.get_one(Booking, booking_id)
        was_moved = _try_move(session, everybody, row, closing, now)
        if not was_moved:
            cancel(session, everybody, booking_id, now)
            row.by_closure = True
            told = Draft("booking_cancelled", row.code, person_id=row.person_id, more=(row.version,))
            put(session, [told], now)
        (done.moved if was_moved else done.ended).append(row.code)


def _add_closure(session: WriteSession, site: Site, closing: Closing) -> Closure:
    count = session.scalar(select(func.count(Closure.id)).where(Closure.site_id == site.id)) or 0
    row = Closure(
        code=find_free_code(session, Closure.code, f"CL-{site.code}", count + 1),
        site_id=site.id,
        service_id=closing.service_id,
        starts_on=closing.starts_on,
        ends_on=closing.ends_on,
        reason=closing.reason,
    )
    session.add(row)
    session.flush()
    return row


def _shut_slots(session: WriteSession, closing: Closing, now: datetime) -> list[int]:
    """Shut the slots from today on: what has been is not changed by a closure that is noted later."""
    ids = list(
        session.scalars(
            select(Slot.id)
            .where(
                Slot.class_id.in_(list_classes(closing)),
                Slot.occurs_on >= max(closing.starts_on, to_local(now).date()),
                Slot.occurs_on <= closing.ends_on,
            )
            .order_by(Slot.id)
            .with_for_update()
        )
    )
    # What the office had shut by itself stays its own: the end of the closure does not open it.
    session.execute(
        update(Slot)
        .where(Slot.id.in_(ids), Slot.state == SlotState.open)
        .values(state=SlotState.closed, by_closure=True)
    )
    return ids


def _release_holds(session: WriteSession, slot_ids: Sequence[int]) -> None:
    rows = session.scalars(
        select(Hold)
        .where(Hold.slot_id.in_(slot_ids), Hold.state == HoldState.live)
        .order_by(Hold.slot_id, Hold.id)
        .with_for_update()
    )
    for row in rows.all():
        release(session, row.slot_id, list_hold_uses(session, row.id))
        row.state = HoldState.released
    session.flush()


def _skip_placements(session: WriteSession, slot_ids: Sequence[int]) -> list[str]:
    """Give back what placements use in the closed slots and note the skipped dates; return their codes."""
    rows = session.execute(
        select(
            Slot.id,
            Slot.occurs_on,
            Placement.id.label("placement_id"),
            Placement.code,
            PlacementUse.kind,
            PlacementUse.amount,
        )
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .outerjoin(
            PlacementException,
            (PlacementException.placement_id == Placement.id)
            & (PlacementException.on_date == Slot.occurs_on),
        )
        .where(
            Slot.id.in_(slot_ids),
            Placement.state.in_(OCCUPYING),
            Placement.starts_on <= Slot.occurs_on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= Slot.occurs_on),
            PlacementException.id.is_(None),
        )
        .order_by(Slot.id)
    ).all()
    freed: dict[int, dict[CapacityKind, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        freed[row.id][row.kind] += row.amount
    for slot_id, uses in sorted(freed.items()):
        release(session, slot_id, uses)
    dates = sorted({(row.placement_id, row.occurs_on) for row in rows})
    if dates:
        session.execute(
            insert(PlacementException),
            [
                {"placement_id": id_, "on_date": on, "kind": ExceptionKind.skipped, "frees_place": True}
                for id_, on in dates
            ],
        )
    return sorted({row.code for row in rows})


def _list_booked(session: Session, slot_ids: Sequence[int], now: datetime) -> list[int]:
    """Return the bookings to be moved or ended; who was booked for this morning has been there by the afternoon."""
    return list(
        session.scalars(
            select(Booking.id)
            .join(Slot, Slot.id == Booking.slot_id)
            .where(Booking.slot_id.in_(slot_ids), Booking.state == BookingState.booked, Slot.ends_at > now)
            .order_by(Booking.booked_at, Booking.code)
        )
    )


def _try_move(session: WriteSession, actor: Actor, row: Booking, closing: Closing, now: datetime) -> bool:
    """Move a booking to another slot of its date, part and kind; who was told a place comes before the night's turn."""
    reason = f"closure: {closing.reason}"[:200]
    for slot_id in _list_others(session, row.slot_id):
        try:
            with session.begin_nested():
                wish = Wish(row.need_id, slot_id, urgent=True, reason=reason, moves=True)
                move(session, actor, row.id, check_wish(session, actor, wish, now), now)
        except DomainError:
            continue
        return True
    return False


def _list_others(session: Session, slot_id: int) -> list[int]:
    """Return open slots of the same kind, date and part, those of the same service first."""
    mine = session.execute(
        select(Slot.occurs_on, SlotTemplate.part, Service.kind, Service.id.label("service_id"))
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Slot.id == slot_id)
    ).one()
    return list(
        session.scalars(
            select(Slot.id)
            .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
            .join(CareClass, CareClass.id == Slot.class_id)
            .join(Service, Service.id == CareClass.service_id)
            .where(
                Slot.occurs_on == mine.occurs_on,
                Slot.state == SlotState.open,
                SlotTemplate.part == mine.part,
                Service.kind == mine.kind,
                Service.is_active,
            )
            .order_by(Service.id != mine.service_id, Slot.id)
            .limit(MOST_TRIES)
        )
    )
