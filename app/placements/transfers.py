"""Changing places: the yes to the new place sets the last day of the old one, in the same transaction.

Until then both are kept. Nobody loses the old place by an offer that is declined, that runs out, or that the site
refuses; after one of these the wish to change rests until somebody notes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from app.actor import Actor
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.ledger.commands import lock_templates, release
from app.ledger.queries import OCCUPYING
from app.models import Need, Placement, PlacementException
from app.models.enums import ExceptionKind
from app.placements.absences import list_slot_uses
from app.placements.changes import change, set_last_day
from app.placements.rules import Act

TRANSFERRED: Final = "transferred"
"""Why the old place ended: its need goes on at the new one."""


def take_over(session: WriteSession, actor: Actor, new: Placement, now: datetime) -> Placement | None:
    """End the place that a (locked) transfer replaces, and return it; call it before the transfer is confirmed.

    The old place ends the day before the new one begins. Where the answer comes so late that the new one would have
    begun, it begins tomorrow: today the person is where they were.
    """
    if not new.is_transfer:
        return None
    old = session.scalars(
        select(Placement)
        .where(
            Placement.need_id == new.need_id,
            Placement.state.in_(OCCUPYING),
            Placement.is_transfer.is_(False),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if old is None:  # it has ended meanwhile: this is the need's only place now
        new.is_transfer = False
        session.flush()
        return None
    lock_templates(session, [old.id, new.id])
    _begin_later(session, new, to_local(now).date())
    _carry_absences(session, old, new)
    old.ended_reason = TRANSFERRED
    if old.starts_on >= new.starts_on:  # it never begins
        change(session, actor, old, Act.step_back)
        new.is_transfer = False
    else:
        set_last_day(session, old, new.starts_on - timedelta(days=1))
        old.version += 1
    session.flush()
    told = {"from": old.code, "last_on": old.ends_on, "on": new.starts_on}
    record(session, actor.label, "placement.transfer", f"placement:{new.code}", told)
    return old


def rest_wishes(session: WriteSession, placement_ids: Sequence[int]) -> None:
    """Let the wish to change rest for those of these placements that are transfers: the person said no, or nothing."""
    needs = select(Placement.need_id).where(Placement.id.in_(placement_ids), Placement.is_transfer)
    session.execute(
        update(Need)
        .where(Need.id.in_(needs), Need.wants_transfer)
        .values(wants_transfer=False, version=Need.version + 1)
        .execution_options(synchronize_session="fetch")
    )


def _begin_later(session: WriteSession, new: Placement, today: date) -> None:
    first = today + timedelta(days=1)
    if new.starts_on >= first or (new.ends_on is not None and new.ends_on < first):
        return
    skipped = _list_excepted(session, new.id)
    on = new.starts_on
    while on < first:
        if on not in skipped:
            for slot_id, uses in list_slot_uses(session, new, on):
                release(session, slot_id, uses)
        on += timedelta(days=1)
    new.starts_on = first
    session.flush()


def _carry_absences(session: WriteSession, old: Placement, new: Placement) -> None:
    """Note absences from the old place at the new one, and give back what it would use on these dates."""
    known = _list_excepted(session, new.id)
    rows = session.scalars(
        select(PlacementException).where(
            PlacementException.placement_id == old.id,
            PlacementException.on_date >= new.starts_on,
            PlacementException.kind != ExceptionKind.skipped,
        )
    ).all()
    for row in rows:
        if row.on_date in known or not new.weekdays >> row.on_date.weekday() & 1:
            continue
        session.add(
            PlacementException(
                placement_id=new.id, on_date=row.on_date, kind=row.kind, frees_place=row.frees_place
            )
        )
        session.flush()
        if row.frees_place:
            for slot_id, uses in list_slot_uses(session, new, row.on_date):
                release(session, slot_id, uses)


def _list_excepted(session: WriteSession, placement_id: int) -> set[date]:
    return set(
        session.scalars(
            select(PlacementException.on_date).where(PlacementException.placement_id == placement_id)
        )
    )
