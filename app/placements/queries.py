"""Reads placements, their offers and their groups; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import WriteSession
from app.errors import NotFound
from app.ledger.queries import OCCUPYING
from app.models import CareClass, Need, Offer, Placement, Service
from app.models.enums import PlacementState


def get_placement(session: Session, placement_id: int) -> Placement:
    """Return a placement or raise `NotFound`."""
    row = session.get(Placement, placement_id)
    if row is None:
        raise NotFound
    return row


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


def list_placements(
    session: Session,
    *,
    need_id: int | None = None,
    class_id: int | None = None,
    state: PlacementState | None = None,
) -> list[Placement]:
    """Return placements by code, narrowed to a need, a class, a state."""
    statement = select(Placement).order_by(Placement.code)
    if need_id is not None:
        statement = statement.where(Placement.need_id == need_id)
    if class_id is not None:
        statement = statement.where(Placement.class_id == class_id)
    if state is not None:
        statement = statement.where(Placement.state == state)
    return list(session.scalars(statement))
