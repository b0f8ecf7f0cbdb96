"""Reads the day: who is expected where, what the roll says, who looks after them. Decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, func, null, or_, select, true
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.rules import ROLL_KINDS, Marked, Stay, get_group
from app.ledger.queries import LIVE_BOOKINGS
from app.models import (
    Alarm,
    Area,
    Attendance,
    Booking,
    BookingUse,
    CareClass,
    Need,
    Placement,
    PlacementException,
    PlacementUse,
    RollTick,
    Service,
    Site,
    Slot,
    SlotTemplate,
    StaffArea,
    Staffing,
    StaffSite,
    StaffUser,
)
from app.models.enums import (
    AlarmState,
    CapacityKind,
    ExceptionKind,
    Part,
    PlacementState,
    RollMark,
    SlotState,
    StaffRole,
)

_SLOT = (
    Slot.id,
    Slot.class_id,
    Slot.occurs_on,
    Slot.starts_at,
    Slot.ends_at,
    SlotTemplate.part,
    CareClass.service_id,
    Service.site_id,
)


def list_roll_services(session: Session, actor: Actor | None = None) -> list[Service]:
    """Return the active services that keep a roll, of sites that the actor runs (all, without an actor), by site."""
    query = select(Service).join(Site, Site.id == Service.site_id)
    query = query.where(Service.kind.in_(ROLL_KINDS), Service.is_active)
    if actor is not None:
        query = query.where(runs_site(actor))
    return list(session.scalars(query.order_by(Site.code, Service.kind, Service.id)))


def list_stays(
    session: Session, service_ids: Iterable[int], on: date, *, person_ids: Collection[int] | None = None
) -> list[Stay]:
    """Return everybody (or those named) whom these services expect on a date, excused ones too, by slot and person.

    Expected are placements in force (of proposals and unanswered offers nobody counts on) and live bookings.
    """
    wanted = list(service_ids)
    if not wanted:
        return []
    placed, booked = _placed(wanted, on), _booked(wanted, on)
    if person_ids is not None:
        placed = placed.where(Placement.person_id.in_(person_ids))
        booked = booked.where(Booking.person_id.in_(person_ids))
    rows = [*session.execute(placed), *session.execute(booked)]
    escorted = {row.need_id for row in rows if row.kind is CapacityKind.escorts and row.need_id is not None}
    gates = _find_gates(session, escorted)
    excused = _find_exceptions(session, {row.placement_id for row in rows if row.placement_id}, on)
    by_stay: dict[tuple[int, int, str], list[Row[tuple[object, ...]]]] = defaultdict(list)
    for row in rows:
        by_stay[row.person_id, row.class_id, get_group(row.part)].append(row)
    stays = [_to_stay(group, gates, excused) for group in by_stay.values()]
    return sorted(
        (stay for stay in stays if stay.excused is not ExceptionKind.skipped), key=lambda stay: stay.key
    )


def _placed(service_ids: Sequence[int], on: date) -> Select[*tuple[object, ...]]:
    in_force = or_(
        Placement.state.in_((PlacementState.confirmed, PlacementState.active)),
        # moved or ended meanwhile: in force until its last day
        and_(Placement.state == PlacementState.ended, Placement.ends_on.is_not(None)),
    )
    return (
        select(
            *_SLOT,
            Placement.person_id,
            Placement.need_id,
            Placement.id.label("placement_id"),
            PlacementUse.kind,
        )
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .join(Placement, Placement.id == PlacementUse.placement_id)
        .where(
            Slot.occurs_on == on,
            Slot.state == SlotState.open,
            CareClass.service_id.in_(service_ids),
            in_force,
            Placement.starts_on <= on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= on),
        )
        .order_by(Slot.starts_at, Slot.id)
    )


def _booked(service_ids: Sequence[int], on: date) -> Select[*tuple[object, ...]]:
    return (
        select(*_SLOT, Booking.person_id, Booking.need_id, Booking.id.label("booking_id"), BookingUse.kind)
        .add_columns(_NO_PLACEMENT)
        .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
        .join(CareClass, CareClass.id == Slot.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Booking, Booking.slot_id == Slot.id)
        .join(BookingUse, BookingUse.booking_id == Booking.id)
        .where(
            Slot.occurs_on == on,
            Slot.state == SlotState.open,
            CareClass.service_id.in_(service_ids),
            Booking.state.in_(LIVE_BOOKINGS),
        )
        .order_by(Slot.starts_at, Slot.id)
    )


_NO_PLACEMENT: ColumnElement[None] = null().label("placement_id")


def _to_stay(
    rows: Sequence[Row[tuple[object, ...]]],
    gates: dict[int, int],
    excused: dict[int, tuple[ExceptionKind, bool]],
) -> Stay:
    first, last = rows[0], rows[-1]
    kind, frees = excused.get(first.placement_id, (None, False))
    gate = gates.get(first.need_id)
    # Whose class is at the school itself is met by nobody on the way.
    uses_escort = any(row.kind is CapacityKind.escorts for row in rows) and gate != first.site_id
    return Stay(
        slot_id=first.id,
        person_id=first.person_id,
        service_id=first.service_id,
        class_id=first.class_id,
        site_id=first.site_id,
        on=first.occurs_on,
        starts_at=first.starts_at,
        ends_at=last.ends_at,
        parts=tuple(dict.fromkeys(row.part for row in rows)),
        need_id=first.need_id,
        placement_id=first.placement_id,
        booking_id=getattr(first, "booking_id", None),
        uses_escort=uses_escort,
        gate_site_id=gate if uses_escort else None,
        excused=kind,
        frees_place=frees,
    )


def _find_gates(session: Session, need_ids: Iterable[int]) -> dict[int, int]:
    rows = session.execute(
        select(Need.id, Need.gate_site_id).where(Need.id.in_(list(need_ids)), Need.gate_site_id.is_not(None))
    )
    return {need_id: gate_id for need_id, gate_id in rows if gate_id is not None}


def _find_exceptions(
    session: Session, placement_ids: Iterable[int], on: date
) -> dict[int, tuple[ExceptionKind, bool]]:
    rows = session.execute(
        select(
            PlacementException.placement_id, PlacementException.kind, PlacementException.frees_place
        ).where(PlacementException.on_date == on, PlacementException.placement_id.in_(list(placement_ids)))
    )
    return {id_: (kind, frees) for id_, kind, frees in rows}


def load_marks(session: Session, slot_ids: Iterable[int]) -> dict[tuple[int, int], Marked]:
    """Return what the roll says, by slot and person; a cleared mark is none."""
    rows = session.execute(
        select(
            Attendance.slot_id,
            Attendance.person_id,
            Attendance.mark,
            Attendance.marked_at,
            Attendance.handed_to_id,
        ).where(Attendance.slot_id.in_(list(slot_ids)), Attendance.mark != RollMark.cleared)
    )
    return {(slot, person): Marked(mark, at, to) for slot, person, mark, at, to in rows}


def list_begun(session: Session, service_ids: Iterable[int], on: date) -> set[int]:
    """Return the ids of the classes whose roll of a date has had a tick."""
    return set(
        session.scalars(
            select(Slot.class_id)
            .join(RollTick, RollTick.slot_id == Slot.id)
            .join(CareClass, CareClass.id == Slot.class_id)
            .where(Slot.occurs_on == on, CareClass.service_id.in_(list(service_ids)))
            .distinct()
        )
    )


def load_staffing(session: Session, service_ids: Iterable[int], on: date) -> dict[tuple[int, Part], Staffing]:
    """Return who looks after each part of a service's day: what is noted for the date, else as a rule."""
    rows = session.scalars(
        select(Staffing).where(
            Staffing.service_id.in_(list(service_ids)),
            or_(Staffing.on_date.is_(None), Staffing.on_date == on),
        )
    )
    ordered = sorted(rows, key=lambda row: row.on_date is not None)
    return {(row.service_id, row.part): row for row in ordered}


def find_owner(session: Session, site_id: int, role: StaffRole) -> int | None:
    """Return who of a role answers for a site: somebody of the site itself, else of its area or one above it.

    Where nobody has that role there, a manager; None where there is none either.
    """
    area_ids = _list_areas_above(session, site_id)
    by_site = select(StaffSite.user_id).where(StaffSite.site_id == site_id)
    by_area = select(StaffArea.user_id).where(StaffArea.area_id.in_(area_ids))
    for wanted in dict.fromkeys((role, StaffRole.manager)):
        for those in (by_site, by_area):
            found = session.scalar(
                select(func.min(StaffUser.id)).where(
                    StaffUser.role == wanted, StaffUser.disabled_at.is_(None), StaffUser.id.in_(those)
                )
            )
            if found is not None:
                return found
    return None


def _list_areas_above(session: Session, site_id: int) -> list[int]:
    found: list[int] = []
    area_id = session.scalar(select(Site.area_id).where(Site.id == site_id))
    while area_id is not None:
        found.append(area_id)
        area_id = session.scalar(select(Area.parent_id).where(Area.id == area_id))
    return found


def runs_site(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Site` under which the actor answers for the day there."""
    if actor.is_system:
        return true()
    return or_(Site.id.in_(actor.site_ids), Site.area_id.in_(actor.area_ids))


def list_open_alarms(session: Session, actor: Actor) -> list[Alarm]:
    """Return the open alarms at the actor's sites, the longest due first."""
    return list(
        session.scalars(
            select(Alarm)
            .join(Slot, Slot.id == Alarm.slot_id)
            .join(CareClass, CareClass.id == Slot.class_id)
            .join(Service, Service.id == CareClass.service_id)
            .join(Site, Site.id == Service.site_id)
            .where(Alarm.state != AlarmState.closed, runs_site(actor))
            .order_by(Alarm.due_at, Alarm.id)
        )
    )
