"""Reads placements, their offers and their groups; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from app.actor import Actor
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.queries import OCCUPYING
from app.models import (
    Booking,
    CareClass,
    Need,
    NeedGroup,
    Offer,
    Person,
    Placement,
    PlacementUse,
    Service,
    Slot,
    SlotTemplate,
)
from app.models.enums import BookingState, PlacementState, StaffRole
from app.scope import sees_person_id


def get_placement(session: Session, placement_id: int) -> Placement:
    """Return a placement or raise `NotFound`."""
    row = session.get(Placement, placement_id)
    if row is None:
        raise NotFound
    return row


def get_visible(session: Session, actor: Actor, placement_id: int) -> Placement:
    """Return a placement whose person the actor sees (a site: only those at its sites), or raise `NotFound`."""
    row = session.scalars(
        select(Placement).where(Placement.id == placement_id, _sees_placement(actor))
    ).first()
    if row is None:
        raise NotFound
    return row


def _sees_placement(actor: Actor) -> ColumnElement[bool]:
    sees = sees_person_id(actor, Placement.person_id)
    if actor.role is not StaffRole.site:
        return sees
    at_sites = (
        select(CareClass.id)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.site_id.in_(actor.site_ids))
    )
    told = Placement.state.not_in((PlacementState.draft, PlacementState.proposed))
    return and_(sees, Placement.class_id.in_(at_sites), told)


def get_placement_by_code(session: Session, code: str) -> Placement:
    """Return a placement by its code or raise `NotFound`."""
    row = session.scalars(select(Placement).where(Placement.code == code)).first()
    if row is None:
        raise NotFound
    return row


def lock_placement(session: WriteSession, placement_id: int) -> Placement:
    """Return a placement as it is now, locked until the commit, or raise `NotFound`."""
    row = session.scalars(
        select(Placement)
        .where(Placement.id == placement_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    return row


def lock_person(session: WriteSession, person_id: int) -> None:
    """Lock a person, so that two acts that fill the same hours wait for each other."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)).all()


def lock_together(session: WriteSession, placement: Placement) -> list[Placement]:
    """Return the placement with those of its group in the same state, by id, locked: a group answers as one."""
    group_id = session.scalar(select(Need.group_id).where(Need.id == placement.need_id))
    if group_id is None:
        return [lock_placement(session, placement.id)]
    members = select(Need.id).where(Need.group_id == group_id)
    return list(
        session.scalars(
            select(Placement)
            .where(Placement.need_id.in_(members), Placement.state == placement.state)
            .order_by(Placement.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def lock_inseparable(session: WriteSession, placement: Placement) -> list[Placement]:
    """Return the placement with those that stand or fall with it, as `lock_together`: of a group that is all or none."""
    is_bound = select(NeedGroup.all_or_none).join(Need, Need.group_id == NeedGroup.id)
    if session.scalar(is_bound.where(Need.id == placement.need_id)):
        return lock_together(session, placement)
    return [lock_placement(session, placement.id)]


def select_bound_with(placement_ids: Select[int]) -> Select[int]:
    """Select the needs that stand or fall with these placements' needs, themselves among them: of groups that are all or none."""
    groups = (
        select(Need.group_id)
        .join(NeedGroup, NeedGroup.id == Need.group_id)
        .join(Placement, Placement.need_id == Need.id)
        .where(NeedGroup.all_or_none, Placement.id.in_(placement_ids.correlate(None)))
        .correlate(None)
    )
    return select(Need.id).where(Need.group_id.in_(groups)).correlate(None)


def is_ahead(session: Session, row: Placement) -> bool:
    """Return whether the other of twins or of a couple was not told of a place yet: its yes is still to come."""
    bound = select_bound_with(select(Placement.id).where(Placement.id == row.id))
    waiting = select(Placement.id).where(
        Placement.need_id.in_(bound), Placement.state == PlacementState.proposed
    )
    return session.scalars(waiting.limit(1)).first() is not None


def find_open_offers(session: Session, placement_ids: Sequence[int]) -> dict[int, Offer]:
    """Return the unanswered offer of each placement that has one."""
    rows = session.scalars(select(Offer).where(Offer.placement_id.in_(placement_ids), Offer.answer.is_(None)))
    return {row.placement_id: row for row in rows}


def find_last_offer(session: Session, placement_id: int) -> Offer | None:
    """Return the newest offer of a placement, answered or not."""
    return session.scalars(
        select(Offer).where(Offer.placement_id == placement_id).order_by(Offer.id.desc()).limit(1)
    ).first()


def find_live_placement(session: Session, need_id: int) -> Placement | None:
    """Return the need's placement that sets a place aside, if there is one."""
    return session.scalars(
        select(Placement).where(Placement.need_id == need_id, Placement.state.in_(OCCUPYING))
    ).first()


def get_service_of_class(session: Session, class_id: int) -> Service:
    """Return the service that a class belongs to."""
    return session.scalars(
        select(Service).join(CareClass, CareClass.service_id == Service.id).where(CareClass.id == class_id)
    ).one()


@dataclass(frozen=True)
class PlacementsWanted:
    """Which placements are asked for; None leaves a filter out."""

    need_id: int | None = None
    person_id: int | None = None
    class_id: int | None = None
    state: PlacementState | None = None
    limit: int = 200


def list_placements(session: Session, actor: Actor, wanted: PlacementsWanted) -> list[Placement]:
    """Return placements of people whom the actor sees, by code."""
    query = select(Placement).where(_sees_placement(actor))
    for column, value in (
        (Placement.need_id, wanted.need_id),
        (Placement.person_id, wanted.person_id),
        (Placement.class_id, wanted.class_id),
        (Placement.state, wanted.state),
    ):
        if value is not None:
            query = query.where(column == value)
    return list(session.scalars(query.order_by(Placement.code).limit(wanted.limit)))


def find_clash(session: Session, placement_id: int) -> str | None:
    """Return what else the person has at the times of a placement (`placement:P1`, `booking:B1`), or None.

    Two weekly places clash where cells of one weekday overlap in time and the spans share a day; a dated booking
    clashes with the placement's own slot of its date.
    """
    mine, theirs = aliased(Placement), aliased(Placement)
    my_use, their_use = aliased(PlacementUse), aliased(PlacementUse)
    my_cell, their_cell = aliased(SlotTemplate), aliased(SlotTemplate)
    placed = session.scalar(
        select(theirs.code)
        .join_from(mine, my_use, my_use.placement_id == mine.id)
        .join(my_cell, my_cell.id == my_use.template_id)
        .join(theirs, and_(theirs.person_id == mine.person_id, theirs.id != mine.id))
        .join(their_use, their_use.placement_id == theirs.id)
        .join(their_cell, their_cell.id == their_use.template_id)
        .where(
            mine.id == placement_id,
            theirs.state.in_(OCCUPYING),
            their_cell.weekday == my_cell.weekday,
            their_cell.starts_at_local < my_cell.ends_at_local,
            their_cell.ends_at_local > my_cell.starts_at_local,
            or_(theirs.ends_on.is_(None), theirs.ends_on >= mine.starts_on),
            or_(mine.ends_on.is_(None), theirs.starts_on <= mine.ends_on),
        )
        .limit(1)
    )
    if placed is not None:
        return f"placement:{placed}"
    my_slot, their_slot = aliased(Slot), aliased(Slot)
    booked = session.scalar(
        select(Booking.code)
        .join_from(mine, my_use, my_use.placement_id == mine.id)
        .join(my_slot, my_slot.template_id == my_use.template_id)
        .join(Booking, Booking.person_id == mine.person_id)
        .join(their_slot, their_slot.id == Booking.slot_id)
        .where(
            mine.id == placement_id,
            Booking.state == BookingState.booked,
            my_slot.occurs_on >= mine.starts_on,
            or_(mine.ends_on.is_(None), my_slot.occurs_on <= mine.ends_on),
            their_slot.starts_at < my_slot.ends_at,
            their_slot.ends_at > my_slot.starts_at,
        )
        .limit(1)
    )
    return None if booked is None else f"booking:{booked}"
