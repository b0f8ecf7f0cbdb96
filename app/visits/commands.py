"""Keeps the order of a half-day as staff put it; refuses one that does not fit. Who is visited is not decided here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from app.actor import Actor
from app.audit.commands import record
from app.db import WriteSession
from app.errors import NotFound, StaleVersion
from app.models import CareClass, Service, Slot, VisitStop
from app.models.enums import ServiceKind
from app.scope import check_runs_slot
from app.visits.errors import NotAHalfDay, OrderDoesNotFit, SheetChanged
from app.visits.queries import HalfDay, list_half_days, load_travel
from app.visits.rules import check_order, is_no_worse


def reorder(
    session: WriteSession, actor: Actor, slot_id: int, need_ids: Sequence[int], version: int | None = None
) -> HalfDay:
    """Keep an order for this half-day and the same ones after it, and return the sheet.

    `version` is that of the sheet the order was made from; without one the last order wins. Raises `SheetChanged`
    where it names other visits, `StaleVersion` where somebody ordered them meanwhile, `OrderDoesNotFit` where it
    runs over longer than before.
    """
    half_day = lock_half_day(session, actor, slot_id)
    stops = {stop.need_id: stop for stop in half_day.stops}
    if sorted(need_ids) != sorted(stops):
        raise SheetChanged(
            missing=sorted(set(stops) - set(need_ids)), unknown=sorted(set(need_ids) - set(stops))
        )
    if version is not None and version != half_day.version:
        raise StaleVersion
    slot = session.get_one(Slot, slot_id)
    homes = {stop.visit.compound_id for stop in half_day.stops}
    travel = load_travel(session, slot.occurs_on, half_day.site_id, homes)
    proof = check_order([stops[need_id].visit for need_id in need_ids], slot.starts_at, slot.ends_at, travel)
    if not is_no_worse(proof, half_day.proof):
        raise OrderDoesNotFit(over_minutes=proof.over_minutes, faults=list(proof.faults))
    session.execute(delete(VisitStop).where(VisitStop.slot_id == slot_id))
    session.execute(
        insert(VisitStop),
        [
            {"slot_id": slot_id, "need_id": need_id, "position": position}
            for position, need_id in enumerate(need_ids, 1)
        ],
    )
    record(session, actor.label, "visits.reorder", f"slot:{slot_id}", {"needs": list(need_ids)})
    return _get(session, actor, slot)


def move(
    session: WriteSession, actor: Actor, slot_id: int, need_id: int, by: int, version: int | None = None
) -> HalfDay:
    """Move one visit so many places later (earlier, if negative); at the end of the list it stays where it is."""
    half_day = lock_half_day(session, actor, slot_id)
    order = [stop.need_id for stop in half_day.stops]
    if need_id not in order:
        raise SheetChanged(missing=[], unknown=[need_id])
    at = order.index(need_id)
    order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
    return reorder(session, actor, slot_id, order, version)


def lock_half_day(session: WriteSession, actor: Actor, slot_id: int) -> HalfDay:
    """Return a half-day of the actor's sites with its slot locked, so that two do not order it at once."""
    check_runs_slot(session, actor, slot_id)
    slot = session.scalars(select(Slot).where(Slot.id == slot_id).with_for_update(key_share=True)).one()
    kind = session.scalar(
        select(Service.kind)
        .join(CareClass, CareClass.service_id == Service.id)
        .where(CareClass.id == slot.class_id)
    )
    if kind is not ServiceKind.home_visit:
        raise NotAHalfDay(slot_id=slot_id)
    return _get(session, actor, slot)


def _get(session: WriteSession, actor: Actor, slot: Slot) -> HalfDay:
    found = list_half_days(session, actor, slot.occurs_on, slot_id=slot.id)
    if not found:
        raise NotFound
    return found[0]
