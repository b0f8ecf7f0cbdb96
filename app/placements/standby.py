"""Offers a long-term place that came free by day to the first in the published standby order, never to the fastest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.ledger.beyond import WeekFull, check_beyond
from app.ledger.commands import occupy
from app.ledger.errors import SlotFull
from app.models import CareClass, Need, NeedGroup, Placement, Service, StandbyOrder
from app.models.enums import NeedState, Origin, PlacementState
from app.options.build import Candidate
from app.options.question import load_question
from app.placements.changes import check_clash
from app.placements.errors import DoubleBooked
from app.placements.queries import find_live_placement, get_service_of_class, lock_person
from app.placements.sending import send_offers
from app.placements.writing import make_placement, to_place
from app.rounds.queries import find_round_in_way
from app.waitlist.queries import find_published_plan_id


def promote(session: WriteSession, class_ids: Sequence[int], now: datetime) -> list[Placement]:
    """Offer what came free in these classes (a class once per place) to the next in line; return what was offered.

    Without a published plan there is no order, and nothing is given away by day. Whoever the free place does not
    complete is passed over and keeps the turn; so is a group that goes together, unless the class has places for all.
    """
    plan_id = find_published_plan_id(session)
    if plan_id is None or not class_ids:
        return []
    today = to_local(now).date()
    offered: list[Placement] = []
    for class_id, freed in sorted(Counter(class_ids).items()):
        given = 0
        for need_id in _list_turns(session, plan_id, class_id):
            if given >= freed:
                break
            rows = _try_turn(session, need_id, class_id, today)
            given += len(rows)
            offered += rows
    _tell(session, offered, now)
    return offered


def _list_turns(session: Session, plan_id: int, class_id: int) -> list[int]:
    return list(
        session.scalars(
            select(StandbyOrder.need_id)
            .where(StandbyOrder.plan_id == plan_id, StandbyOrder.class_id == class_id)
            .order_by(StandbyOrder.rank)
        )
    )


def _try_turn(session: WriteSession, need_id: int, class_id: int, today: date) -> list[Placement]:
    """Set places aside for a need, or for all of a group that goes together; nothing where one of them gets none."""
    group_id = session.scalar(select(Need.group_id).where(Need.id == need_id))
    if group_id is None or not _goes_together(session, group_id):
        row = _try_need(session, need_id, class_id, today)
        return [] if row is None else [row]
    members = session.scalars(
        select(Need.id)
        .where(Need.group_id == group_id, Need.state.in_((NeedState.open, NeedState.placed)))
        .order_by(Need.id)
    ).all()
    rows: list[Placement] = []
    with session.begin_nested() as savepoint:
        for member_id in members:
            row = _try_need(session, member_id, class_id, today)
            if row is None:  # what was set aside for the others is given back
                savepoint.rollback()
                return []
            rows.append(row)
    return rows


def _try_need(session: WriteSession, need_id: int, class_id: int, today: date) -> Placement | None:
    """Set the best place of the class that fits aside for a need; None where none does."""
    need = session.scalars(
        select(Need)
        .where(Need.id == need_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    lock_person(session, need.person_id)
    if need.state is not NeedState.open or find_live_placement(session, need_id) is not None:
        return None
    if find_round_in_way(session, need.round_id, need.kind, today, need.ends_on) is not None:
        return None  # the place belongs to a round that is not decided
    service_id = get_service_of_class(session, class_id).id
    for candidate in load_question(session, need_id, today, service_id=service_id).build().candidates:
        if candidate.care_class.id == class_id:
            row = _try_candidate(session, need, candidate)
            if row is not None:
                return row
    return None


def _goes_together(session: Session, group_id: int) -> bool:
    group = session.get_one(NeedGroup, group_id)
    return group.all_or_none or group.same_site


def _try_candidate(session: WriteSession, need: Need, candidate: Candidate) -> Placement | None:
    try:
        with session.begin_nested():
            row = make_placement(session, need, to_place(candidate), Origin.standby, PlacementState.proposed)
            check_clash(session, row)
            check_beyond(session, row.id)
            occupy(session, [row.id])
    except (SlotFull, WeekFull, DoubleBooked):
        return None
    return row


def _tell(session: WriteSession, rows: Sequence[Placement], now: datetime) -> None:
    """Send the offers where the service's policy says so, and note each."""
    sends = set(
        session.scalars(
            select(CareClass.id)
            .join(Service, Service.id == CareClass.service_id)
            .where(Service.sends_offers, CareClass.id.in_([row.class_id for row in rows]))
        )
    )
    send_offers(session, [row.id for row in rows if row.class_id in sends], now)
    for row in rows:
        record(
            session,
            system_actor().label,
            "placement.standby",
            f"placement:{row.code}",
            {"class": row.class_id, "to": row.state},
        )
