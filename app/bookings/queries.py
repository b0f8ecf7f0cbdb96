"""Reads bookings and holds, and what a person has at the time of a slot; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.actor import Actor
from app.clock import today
from app.db import UtcDateTime, WriteSession
from app.errors import NotFound
from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING
from app.models import (
    Booking,
    BookingUse,
    CareClass,
    Hold,
    HoldUse,
    Need,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Slot,
    SlotCapacity,
    SlotTemplate,
)
from app.models.enums import CapacityKind, HoldState, Part, ServiceKind, SlotState
from app.scope import reduce_to_scope, sees_person_id


@dataclass(frozen=True)
class SlotFacts:
    """A dated slot with what a booking has to know of its class and service."""

    id: int
    class_id: int
    service_id: int
    kind: ServiceKind
    occurs_on: date
    starts_at: datetime
    ends_at: datetime
    weekday: int
    part: Part
    state: SlotState
    held_back_places: int
    has_loose_holds: bool
    """Whether some of what is taken is the need's own hold, or one whose time is over."""
    capacities: Mapping[CapacityKind, tuple[int, int]]
    """(capacity, taken) by kind."""


_SLOT = (
    select(
        Slot.id,
        Slot.class_id,
        CareClass.service_id,
        Service.kind,
        Slot.occurs_on,
        Slot.starts_at,
        Slot.ends_at,
        SlotTemplate.weekday,
        SlotTemplate.part,
        Slot.state,
        Service.held_back_places,
        exists()
        .where(
            Hold.slot_id == Slot.id,
            Hold.state == HoldState.live,
            or_(Hold.need_id == bindparam("need_id"), Hold.expires_at <= bindparam("now")),
        )
        .label("has_loose_holds"),
        SlotCapacity.kind.label("capacity_kind"),
        SlotCapacity.capacity,
        SlotCapacity.taken,
    )
    .join(CareClass, CareClass.id == Slot.class_id)
    .join(Service, Service.id == CareClass.service_id)
    .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
    .join(SlotCapacity, SlotCapacity.slot_id == Slot.id)
    .where(Slot.id == bindparam("slot_id"), Service.is_active)
)
"""Built once: most requests of a rush hour read this and are told that the slot is full."""
_OF_SLOT = 12
"""So many leading columns of `_SLOT` are the slot's; the rest is one row per capacity."""


def get_slot_facts(session: Session, slot_id: int, *, need_id: int, now: datetime) -> SlotFacts:
    """Return a slot as a need meets it, or raise `NotFound`."""
    rows = session.execute(_SLOT, {"slot_id": slot_id, "need_id": need_id, "now": now}).all()
    if not rows:
        raise NotFound
    capacities = {row.capacity_kind: (row.capacity, row.taken) for row in rows}
    facts: list[Any] = [*rows[0][:_OF_SLOT], capacities]
    return SlotFacts(*facts)


def get_visible_need(session: Session, actor: Actor, need_id: int) -> Need:
    """Return a need whose person the actor sees, or raise `NotFound`."""
    row = session.scalars(_select_need(reduce_to_scope(actor), today()), {"need_id": need_id}).first()
    if row is None:
        raise NotFound
    return row


@lru_cache(maxsize=256)
def _select_need(scope: Actor, on: date) -> Select[Need]:
    """Build once for everybody who sees the same: building the condition costs more than asking it."""
    return select(Need).where(Need.id == bindparam("need_id"), sees_person_id(scope, Need.person_id, on))


def get_booking(session: Session, actor: Actor, booking_id: int) -> Booking:
    """Return a booking whose person the actor sees, or raise `NotFound`."""
    return _one(session, actor, booking_id, lock=False)


def lock_booking(session: WriteSession, actor: Actor, booking_id: int) -> Booking:
    """Return a booking as it is now, locked until the commit, or raise `NotFound`."""
    return _one(session, actor, booking_id, lock=True)


def _one(session: Session, actor: Actor, booking_id: int, *, lock: bool) -> Booking:
    query = select(Booking).where(Booking.id == booking_id, sees_person_id(actor, Booking.person_id))
    if lock:
        query = query.with_for_update(of=Booking).execution_options(populate_existing=True)
    row = session.scalars(query).first()
    if row is None:
        raise NotFound
    return row


def list_bookings(
    session: Session,
    actor: Actor,
    *,
    need_id: int | None = None,
    slot_id: int | None = None,
    limit: int = 200,
) -> list[Booking]:
    """Return the bookings of people whom the actor sees, the newest first, narrowed to a need or a slot."""
    query = select(Booking).where(sees_person_id(actor, Booking.person_id))
    if need_id is not None:
        query = query.where(Booking.need_id == need_id)
    if slot_id is not None:
        query = query.where(Booking.slot_id == slot_id)
    return list(session.scalars(query.order_by(Booking.id.desc()).limit(limit)))


def get_hold(session: Session, actor: Actor, hold_id: int) -> Hold:
    """Return a hold whose person the actor sees, or raise `NotFound`."""
    row = session.scalars(
        select(Hold).where(Hold.id == hold_id, sees_person_id(actor, Hold.person_id))
    ).first()
    if row is None:
        raise NotFound
    return row


def lock_hold(session: WriteSession, actor: Actor, hold_id: int) -> Hold:
    """Return a hold as it is now, locked until the commit, or raise `NotFound`."""
    row = session.scalars(
        select(Hold)
        .where(Hold.id == hold_id, sees_person_id(actor, Hold.person_id))
        .with_for_update(of=Hold)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    return row


def find_live_hold(session: WriteSession, need_id: int, slot_id: int) -> Hold | None:
    """Return the live hold of a need on a slot, locked, if there is one."""
    return session.scalars(_LIVE_HOLD, {"need_id": need_id, "slot_id": slot_id}).first()


_LIVE_HOLD: Final = (
    select(Hold)
    .where(
        Hold.need_id == bindparam("need_id"),
        Hold.slot_id == bindparam("slot_id"),
        Hold.state == HoldState.live,
    )
    .with_for_update()
)


def list_booking_uses(session: Session, booking_id: int) -> dict[CapacityKind, int]:
    """Return what a booking uses, by kind."""
    rows = session.execute(_BOOKING_USES, {"booking_id": booking_id})
    return {row.kind: row.amount for row in rows}


def list_hold_uses(session: Session, hold_id: int) -> dict[CapacityKind, int]:
    """Return what a hold sets aside, by kind."""
    rows = session.execute(_HOLD_USES, {"hold_id": hold_id})
    return {row.kind: row.amount for row in rows}


_BOOKING_USES: Final = select(BookingUse.kind, BookingUse.amount).where(
    BookingUse.booking_id == bindparam("booking_id")
)
_HOLD_USES: Final = select(HoldUse.kind, HoldUse.amount).where(HoldUse.hold_id == bindparam("hold_id"))


def find_clash(
    session: Session, person_id: int, slot: SlotFacts, now: datetime, *, but_booking_id: int | None = None
) -> str | None:
    """Return what the person has at the time of a slot (`booking:B1`, `placement:P1`, `hold:3`), or None.

    A hold of another need counts while its minutes run; one on the very same slot is the caller's affair.
    """
    asked = {
        "person_id": person_id,
        "slot_id": slot.id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "on": slot.occurs_on,
        "now": now,
        "but_booking_id": but_booking_id or 0,
    }
    found = session.execute(_CLASH, asked).first()
    return None if found is None else f"{found.what}:{found.code}"


def _make_clash() -> Select[*tuple[Any, ...]]:
    person_id: BindParameter[int] = bindparam("person_id")
    other, on = aliased(Slot), bindparam("on", type_=Date())
    at_once = and_(
        other.starts_at < bindparam("ends_at", type_=UtcDateTime()),
        other.ends_at > bindparam("starts_at", type_=UtcDateTime()),
    )
    booked = (
        select(literal(1).label("place"), literal("booking").label("what"), Booking.code.label("code"))
        .join(other, other.id == Booking.slot_id)
        .where(
            Booking.person_id == person_id,
            Booking.state.in_(LIVE_BOOKINGS),
            at_once,
            Booking.id != bindparam("but_booking_id"),
        )
    )
    excused = exists().where(
        PlacementException.placement_id == Placement.id, PlacementException.on_date == on
    )
    placed = (
        select(literal(2), literal("placement"), Placement.code)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .join(other, other.template_id == PlacementUse.template_id)
        .where(
            Placement.person_id == person_id,
            Placement.state.in_(OCCUPYING),
            other.occurs_on == on,
            at_once,
            Placement.starts_on <= on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= on),
            ~excused,
        )
    )
    held = (
        select(literal(3), literal("hold"), cast(Hold.id, String))
        .join(other, other.id == Hold.slot_id)
        .where(
            Hold.person_id == person_id,
            Hold.state == HoldState.live,
            Hold.expires_at > bindparam("now", type_=UtcDateTime()),
            Hold.slot_id != bindparam("slot_id"),
            at_once,
        )
    )
    every = union_all(booked, placed, held).subquery()
    return select(every.c.what, every.c.code).order_by(every.c.place).limit(1)


_CLASH: Final = _make_clash()
"""Built once, as every booking asks it under its locks."""


def count_visit_minutes(
    session: Session,
    person_id: int,
    first: date,
    last: date,
    *,
    default_minutes: int,
    but_booking_id: int | None = None,
) -> int:
    """Return the minutes of care that the person's live dated visits have between two dates; travel is not theirs.

    A booking that is about to move is left out: whichever week it comes to, it draws there with what it then has.
    """
    minutes = session.scalar(
        select(func.sum(func.coalesce(Need.visit_minutes, default_minutes)))
        .select_from(Booking)
        .join(Need, Need.id == Booking.need_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            Booking.person_id == person_id,
            Booking.state.in_(LIVE_BOOKINGS),
            Need.kind == ServiceKind.home_visit,
            Slot.occurs_on >= first,
            Slot.occurs_on <= last,
            Booking.id != (but_booking_id or 0),
        )
    )
    return int(minutes or 0)


def count_placed_visit_minutes(session: Session, person_id: int, on: date, *, default_minutes: int) -> int:
    """Return the minutes of care a week that the person's visit placements in force on a date have."""
    rows = session.execute(
        select(Placement.weekdays, Need.visit_minutes)
        .join(Need, Need.id == Placement.need_id)
        .where(
            Placement.person_id == person_id,
            Placement.state.in_(OCCUPYING),
            Placement.is_transfer.is_(False),  # who changes places draws once
            Need.kind == ServiceKind.home_visit,
            Placement.starts_on <= on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= on),
        )
    )
    return sum(weekdays.bit_count() * (minutes or default_minutes) for weekdays, minutes in rows)
