"""Dated slots over HTTP: who is free when, visible in the whole subdistrict; capacities are set by those in charge."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import CurrentActor, Reading, require
from app.clock import today
from app.db import WriteSession
from app.idempotency.once import Once
from app.models.enums import CapacityKind, StaffRole
from app.preconditions import IfMatch, set_etag, with_etag
from app.schemas import PathId
from app.scope import check_runs_slot
from app.slots.commands import change_capacity, find_horizon
from app.slots.errors import BeyondHorizon
from app.slots.queries import SlotRow, SlotWanted, get_slot, list_slots
from app.slots.schemas import CapacityIn, CapacityOut, SlotFilter, SlotOut

router = APIRouter(tags=["slots"])

TWO_WEEKS = timedelta(days=13)


@router.get("/slots")
def get_slots(wanted: Annotated[SlotFilter, Query()], session: Reading) -> list[SlotOut]:
    """List dated slots by time: from today, for two weeks, unless dates are given."""
    first = wanted.from_on or today()
    horizon = find_horizon(today())
    if first > horizon:
        raise BeyondHorizon(on=first.isoformat(), last_on=horizon.isoformat())
    rows = list_slots(
        session,
        SlotWanted(
            first=first,
            last=wanted.to_on or first + TWO_WEEKS,
            service_id=wanted.service_id,
            class_id=wanted.class_id,
            site_id=wanted.site_id,
            kind=wanted.kind,
            limit=wanted.limit,
        ),
    )
    return [show_slot(row) for row in rows]


@router.get("/slots/{slot_id}")
def get_one_slot(slot_id: PathId, session: Reading, response: Response) -> SlotOut:
    """Show one dated slot with all its capacities."""
    row = get_slot(session, slot_id)
    set_etag(response, row.version)
    return show_slot(row)


@router.put(
    "/slots/{slot_id}/capacity",
    response_model=SlotOut,
    dependencies=[require(StaffRole.coordinator, StaffRole.manager)],
)
def put_capacity(
    slot_id: PathId, body: CapacityIn, version: IfMatch, actor: CurrentActor, once: Once
) -> Response:
    """Set what a slot offers; below what is taken is refused, naming the bookings in the way.

    `If-Match` carries the version of the slot that was read.
    """

    def work(session: WriteSession) -> SlotOut:
        check_runs_slot(session, actor, slot_id)
        change_capacity(session, actor, slot_id, body.kind, body.capacity, body.reason, version=version)
        return show_slot(get_slot(session, slot_id))

    return with_etag(once.reply(work))


def show_slot(row: SlotRow) -> SlotOut:
    """Return a slot as the API shows it."""
    capacities = [
        CapacityOut(
            kind=each.kind,
            capacity=each.capacity,
            taken=each.taken,
            available=max(0, each.capacity - each.taken),
            overfull=each.overfull,
        )
        for each in sorted(row.slot.capacities, key=lambda each: each.kind)
    ]
    places = next((each for each in capacities if each.kind is CapacityKind.places), None)
    slot = row.slot
    return SlotOut(
        id=slot.id,
        class_id=slot.class_id,
        service_id=row.service_id,
        site_id=row.site_id,
        kind=row.kind,
        part=row.template.part,
        occurs_on=slot.occurs_on,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state=slot.state,
        capacity=None if places is None else places.capacity,
        taken=None if places is None else places.taken,
        available=None if places is None else places.available,
        held_back=0 if places is None else min(row.held_back_places, places.available),
        capacities=capacities,
        version=row.version,
    )
