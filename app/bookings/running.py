"""Lets long-term places run again on days that they skipped for a closure, as far as the person and the room are there."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import WriteSession
from app.ledger.commands import take
from app.ledger.errors import SlotFull
from app.ledger.queries import LIVE_BOOKINGS, OCCUPYING
from app.models import Booking, Person, Placement, PlacementException, PlacementUse, Slot
from app.models.enums import CapacityKind, ExceptionKind


class Skip(NamedTuple):
    """A date that a placement skips."""

    placement_id: int
    on: date


def run_again(session: WriteSession, slot_ids: list[int]) -> tuple[list[str], list[str]]:
    """Take the places back that were skipped; return the codes of those that run, and of those that go on skipping."""
    skips = _list_skips(session, slot_ids)
    codes = {skip.placement_id: code for skip, (code, _) in skips.items()}
    people = sorted({person_id for _, person_id in skips.values()})
    lock_people(session, people)
    elsewhere = _list_elsewhere(session, skips)
    staying = set(elsewhere)
    by_date: dict[date, list[Skip]] = defaultdict(list)
    for skip in skips:
        if skip not in elsewhere:
            by_date[skip.on].append(skip)
    for _, wanted in sorted(by_date.items()):
        if not _take_back(session, wanted):  # no room for all of them: one by one, as far as it goes
            staying.update(skip for skip in wanted if not _take_back(session, [skip]))
    running = {skip.placement_id for skip in skips.keys() - staying}
    return (
        sorted(codes[id_] for id_ in running),
        sorted({codes[skip.placement_id] for skip in staying}),
    )


def lock_people(session: WriteSession, person_ids: list[int]) -> None:
    """Lock people in order: a booking of one of them elsewhere waits for what is decided here, or is seen."""
    of_people = select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id)
    session.execute(of_people.with_for_update(key_share=True)).all()


def _list_skips(session: Session, slot_ids: list[int]) -> dict[Skip, tuple[str, int]]:
    """Return the dates that placements skip in these slots, with code and person, who was told first coming first."""
    rows = session.execute(
        select(Placement.id, PlacementException.on_date, Placement.code, Placement.person_id)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .join(Slot, Slot.template_id == PlacementUse.template_id)
        .join(
            PlacementException,
            and_(
                PlacementException.placement_id == Placement.id,
                PlacementException.on_date == Slot.occurs_on,
            ),
        )
        .where(
            Slot.id.in_(slot_ids),
            PlacementException.kind == ExceptionKind.skipped,
            Placement.state.in_(OCCUPYING),
            Placement.starts_on <= Slot.occurs_on,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= Slot.occurs_on),
        )
        .order_by(Placement.confirmed_at.is_(None), Placement.confirmed_at, Placement.id)
    )
    return {Skip(id_, on): (code, person_id) for id_, on, code, person_id in rows}


def _list_elsewhere(session: Session, skips: dict[Skip, tuple[str, int]]) -> set[Skip]:
    """Return the skipped dates at whose times the person has booked something else."""
    mine, theirs = aliased(Slot), aliased(Slot)
    rows = session.execute(
        select(Placement.id, mine.occurs_on)
        .join(PlacementUse, PlacementUse.placement_id == Placement.id)
        .join(mine, mine.template_id == PlacementUse.template_id)
        .join(Booking, Booking.person_id == Placement.person_id)
        .join(theirs, theirs.id == Booking.slot_id)
        .where(
            Placement.id.in_({skip.placement_id for skip in skips}),
            mine.occurs_on.in_({skip.on for skip in skips}),
            mine.starts_at < theirs.ends_at,
            mine.ends_at > theirs.starts_at,
            Booking.state.in_(LIVE_BOOKINGS),
        )
    )
    return {Skip(*row) for row in rows} & skips.keys()


def _take_back(session: WriteSession, skips: list[Skip]) -> bool:
    """Take what these placements use on one date and delete their exceptions, all or none."""
    on = skips[0].on
    placement_ids = [skip.placement_id for skip in skips]
    rows = session.execute(
        select(Slot.id, PlacementUse.kind, func.sum(PlacementUse.amount))
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .where(Slot.occurs_on == on, PlacementUse.placement_id.in_(placement_ids))
        .group_by(Slot.id, PlacementUse.kind)
    )
    wanted: dict[int, dict[CapacityKind, int]] = defaultdict(dict)
    for slot_id, kind, amount in rows:
        wanted[slot_id][kind] = int(amount)
    try:
        with session.begin_nested():
            for slot_id, uses in sorted(wanted.items()):
                take(session, slot_id, uses)
    except SlotFull:
        return False
    session.execute(
        delete(PlacementException).where(
            PlacementException.on_date == on, PlacementException.placement_id.in_(placement_ids)
        )
    )
    return True
