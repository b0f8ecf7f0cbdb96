"""What a need has: holds, bookings, a placement, an offer, waitlists; and a stamp that changes when any of it does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING
from app.models import (
    Booking,
    CareClass,
    Hold,
    Need,
    NeedGroup,
    NeedPattern,
    Offer,
    Placement,
    Service,
    Site,
    Slot,
    SlotCapacity,
    SlotTemplate,
    WaitlistEntry,
)
from app.models.enums import (
    BookingState,
    HoldState,
    NeedRhythm,
    Origin,
    PlacementState,
    ServiceKind,
    WaitlistState,
    WishPart,
)
from app.options.patterns import PARTS
from app.waitlist.queries import list_waiting


@dataclass(frozen=True)
class Held:
    """A live hold: which slot, until when."""

    id: int
    on: date
    starts_at: datetime
    ends_at: datetime
    until: datetime
    site_zh: str
    site_en: str
    class_id: int


@dataclass(frozen=True)
class Booked:
    """A live dated booking."""

    id: int
    code: str
    state: BookingState
    on: date
    starts_at: datetime
    ends_at: datetime
    site_id: int
    site_zh: str
    site_en: str
    service_zh: str
    service_en: str
    address: str
    phone: str
    kind: ServiceKind
    person_id: int
    need_id: int


@dataclass(frozen=True)
class Placed:
    """A placement that sets a place aside, with its open offer if it has one."""

    id: int
    code: str
    state: PlacementState
    weekdays: int
    part: WishPart
    starts_on: date
    ends_on: date | None
    origin: Origin
    confirmed_at: datetime | None
    class_id: int
    class_zh: str
    site_id: int
    site_zh: str
    site_en: str
    service_zh: str
    service_en: str
    address: str
    phone: str
    kind: ServiceKind
    person_id: int
    need_id: int
    is_transfer: bool
    is_bound: bool
    """One of a group that is placed together or not at all."""
    offer_until: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """Where a need stands on one service's waitlist, and what put it there."""

    entry_id: int
    service_id: int
    site_zh: str
    site_en: str
    position: int
    waiting: int
    priority: int
    months_waited: int
    draw: int
    before_by_class: int
    before_by_months: int
    before_by_draw: int


def find_slots(session: Session, class_id: int, part: WishPart, on: date) -> list[int]:
    """Return the slots of a class on a date that a part of the day covers, by id."""
    return list(
        session.scalars(
            select(Slot.id)
            .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
            .where(Slot.class_id == class_id, Slot.occurs_on == on, SlotTemplate.part.in_(PARTS[part]))
            .order_by(Slot.id)
        )
    )


def list_holds(session: Session, need_id: int, now: datetime) -> list[Held]:
    """Return the need's holds whose minutes still run, by time."""
    rows = session.execute(
        select(
            Hold.id,
            Slot.occurs_on,
            Slot.starts_at,
            Slot.ends_at,
            Hold.expires_at,
            Site.name_zh,
            Site.name_en,
            Slot.class_id,
        )
        .join(Slot, Slot.id == Hold.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(Hold.need_id == need_id, Hold.state == HoldState.live, Hold.expires_at > now)
        .order_by(Slot.starts_at)
    )
    return [Held(*row) for row in rows]


def list_booked(session: Session, person_ids: Sequence[int], first: date | None = None) -> list[Booked]:
    """Return the live bookings of people, from a date on, by time."""
    query = (
        select(
            Booking.id,
            Booking.code,
            Booking.state,
            Slot.occurs_on,
            Slot.starts_at,
            Slot.ends_at,
            Site.id,
            Site.name_zh,
            Site.name_en,
            Service.name_zh,
            Service.name_en,
            Site.address,
            Site.phone,
            Service.kind,
            Booking.person_id,
            Booking.need_id,
        )
        .join(Slot, Slot.id == Booking.slot_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(Booking.person_id.in_(person_ids), Booking.state.in_(LIVE_BOOKINGS))
        .order_by(Slot.starts_at, Booking.id)
    )
    if first is not None:
        query = query.where(Slot.occurs_on >= first)
    return [Booked(*_fields(row)) for row in session.execute(query)]


def list_placed(session: Session, person_ids: Sequence[int]) -> list[Placed]:
    """Return the placements of people that set a place aside, by start."""
    rows = session.execute(
        select(
            Placement.id,
            Placement.code,
            Placement.state,
            Placement.weekdays,
            Placement.part,
            Placement.starts_on,
            Placement.ends_on,
            Placement.origin,
            Placement.confirmed_at,
            Placement.class_id,
            CareClass.name_zh,
            Site.id,
            Site.name_zh,
            Site.name_en,
            Service.name_zh,
            Service.name_en,
            Site.address,
            Site.phone,
            Service.kind,
            Placement.person_id,
            Placement.need_id,
            Placement.is_transfer,
            func.coalesce(NeedGroup.all_or_none, false()),
            Offer.expires_at,
        )
        .join(Need, Need.id == Placement.need_id)
        .outerjoin(NeedGroup, NeedGroup.id == Need.group_id)
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .outerjoin(Offer, (Offer.placement_id == Placement.id) & Offer.answer.is_(None))
        .where(Placement.person_id.in_(person_ids), Placement.state.in_(OCCUPYING))
        .order_by(Placement.starts_on, Placement.id)
    )
    return [Placed(*_fields(row)) for row in rows]


def list_turns(session: Session, need_id: int, today: date) -> list[Turn]:
    """Return where the need stands on each waitlist that it joined, in the published order."""
    entries = session.execute(
        select(WaitlistEntry.id, WaitlistEntry.service_id, Site.name_zh, Site.name_en)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(WaitlistEntry.need_id == need_id, WaitlistEntry.state == WaitlistState.waiting)
        .order_by(WaitlistEntry.id)
    ).all()
    found = []
    for entry_id, service_id, site_zh, site_en in entries:
        waiting = list_waiting(session, service_id, today)
        at = next((i for i, row in enumerate(waiting) if row.need_id == need_id), None)
        if at is None:
            continue
        mine, before = waiting[at], waiting[:at]
        by_class = sum(row.priority > mine.priority for row in before)
        by_months = sum(
            row.priority == mine.priority and row.months_waited > mine.months_waited for row in before
        )
        found.append(
            Turn(
                entry_id=entry_id,
                service_id=service_id,
                site_zh=site_zh,
                site_en=site_en,
                position=at + 1,
                waiting=len(waiting),
                priority=mine.priority,
                months_waited=mine.months_waited,
                draw=mine.draw,
                before_by_class=by_class,
                before_by_months=by_months,
                before_by_draw=at - by_class - by_months,
            )
        )
    return found


def stamp_need(session: Session, need_id: int, today: date, now: datetime) -> str:
    """Return a short text that changes when the need, what it has, or the places of its kind change."""
    need = session.execute(
        select(Need.version, Need.state, Need.kind, Need.rhythm, Need.person_id).where(Need.id == need_id)
    ).one()
    holds = session.execute(
        select(Hold.id).where(Hold.need_id == need_id, Hold.state == HoldState.live, Hold.expires_at > now)
    ).all()
    places = session.execute(
        select(Placement.id, Placement.version).where(Placement.person_id == need.person_id)
    ).all()
    bookings = session.execute(
        select(Booking.id, Booking.state).where(Booking.person_id == need.person_id)
    ).all()
    entries = session.execute(
        select(WaitlistEntry.id, WaitlistEntry.state).where(WaitlistEntry.need_id == need_id)
    ).all()
    return _hash(need, holds, places, bookings, entries, _count_taken(session, need_id, need, today))


def stamp_people(session: Session, person_ids: Sequence[int]) -> str:
    """Return a short text that changes when what these people have or ask for changes."""
    rows = [
        session.execute(
            select(Need.id, Need.version).where(Need.person_id.in_(person_ids)).order_by(Need.id)
        ).all(),
        session.execute(
            select(Placement.id, Placement.version)
            .where(Placement.person_id.in_(person_ids))
            .order_by(Placement.id)
        ).all(),
        session.execute(
            select(Booking.id, Booking.version, Booking.state)
            .where(Booking.person_id.in_(person_ids))
            .order_by(Booking.id)
        ).all(),
    ]
    return _hash(*rows)


def _fields(row: Iterable[Any]) -> tuple[Any, ...]:
    """A row's values as untyped: a fact's fields stand in the order of its columns."""
    return tuple(row)


def _count_taken(session: Session, need_id: int, need: object, today: date) -> object:
    kind, rhythm = need.kind, need.rhythm  # type: ignore[attr-defined]
    classes = (
        select(CareClass.id).join(Service, Service.id == CareClass.service_id).where(Service.kind == kind)
    )
    query = (
        select(func.sum(SlotCapacity.taken), func.sum(SlotCapacity.capacity))
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .where(Slot.class_id.in_(classes))
    )
    if rhythm is NeedRhythm.dated:
        dates = select(NeedPattern.occurs_on).where(NeedPattern.need_id == need_id)
        query = query.where(Slot.occurs_on.in_(dates))
    else:
        query = query.where(Slot.occurs_on >= today)
    return session.execute(query).all()


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
