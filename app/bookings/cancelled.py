"""Reads what closures cancelled and nobody has made good: open again, it waits to be offered, never booked by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from app.actor import Actor
from app.bookings.closed import runs_site
from app.models import Booking, CareClass, Need, Person, Service, Site, Slot
from app.models.enums import NeedState, SlotState
from app.scope import sees_person_id


@dataclass(frozen=True)
class Cancelled:
    """A booking that a closure cancelled, for a day that is open again while its need still waits."""

    booking: Booking
    need: Need
    slot: Slot
    service: Service
    site: Site
    person: Person | None
    """None where the actor does not see the person."""


def list_cancelled(
    session: Session,
    now: datetime,
    *,
    actor: Actor | None = None,
    slot_ids: Sequence[int] | None = None,
) -> list[Cancelled]:
    """Return what closures cancelled and nobody has made good, by date: in these slots, of the actor's sites or people."""
    query = (
        select(Booking, Need, Slot, Service, Site, Person)
        .join(Need, Need.id == Booking.need_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .outerjoin(
            Person,
            and_(
                Person.id == Booking.person_id,
                true() if actor is None else sees_person_id(actor, Booking.person_id),
            ),
        )
        .where(
            Booking.by_closure,
            Slot.state == SlotState.open,
            Slot.starts_at > now,
            Need.state == NeedState.open,
        )
        .order_by(Slot.starts_at, Booking.code)
    )
    if slot_ids is not None:
        query = query.where(Slot.id.in_(slot_ids))
    if actor is not None:
        query = query.where(or_(runs_site(actor), Person.id.is_not(None)))
    return [Cancelled(*row) for row in session.execute(query)]
