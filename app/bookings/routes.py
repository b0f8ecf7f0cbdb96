"""Holds and bookings over HTTP: checked in a read session, done in a short write transaction, once per key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import DESK, PEOPLE_READERS, CurrentActor, Reading, require
from app.bookings import commands, holds, queries
from app.bookings.checks import Allowed, Wish, check_wish
from app.bookings.closed import Closing, check_runs_closure, list_closures
from app.bookings.closures import close
from app.bookings.reopening import open_again
from app.bookings.schemas import (
    BookingIn,
    BookingOut,
    ClosureIn,
    ClosureOut,
    ClosureRowOut,
    HoldIn,
    HoldOut,
    MoveIn,
    OpenAgainIn,
    OpenAgainOut,
)
from app.bounds import LAST_ID
from app.clock import now, today
from app.db import ReadSession, WriteSession
from app.idempotency.once import Once
from app.models.enums import StaffRole
from app.schemas import PathId
from app.scope import check_runs_site

router = APIRouter(tags=["bookings"])

OptionalId = Annotated[int | None, Query(ge=1, le=LAST_ID)]
_READERS = [require(*PEOPLE_READERS)]
_IN_CHARGE = [require(StaffRole.coordinator, StaffRole.manager)]
_BOOKERS = [require(*DESK, StaffRole.manager)]


@router.post("/bookings", status_code=201, response_model=BookingOut, dependencies=_BOOKERS)
def post_booking(body: BookingIn, actor: CurrentActor, once: Once) -> Response:
    """Book a slot for a need; a live hold of the need on the slot is used up."""
    at = now()
    wish = Wish(body.need_id, body.slot_id, body.urgent, body.reason)
    return once.reply_prepared(
        lambda session: check_wish(session, actor, wish, at),
        lambda session, allowed: BookingOut.model_validate(commands.book(session, actor, allowed, at)),
        status=201,
    )


@router.get("/bookings", dependencies=_READERS)
def get_bookings(
    actor: CurrentActor, session: Reading, need_id: OptionalId = None, slot_id: OptionalId = None
) -> list[BookingOut]:
    """List the bookings of people you see, the newest first, at most 200."""
    found = queries.list_bookings(session, actor, need_id=need_id, slot_id=slot_id)
    return [BookingOut.model_validate(row) for row in found]


@router.get("/bookings/{booking_id}", dependencies=_READERS)
def get_booking(booking_id: PathId, actor: CurrentActor, session: Reading) -> BookingOut:
    """Show one booking."""
    return BookingOut.model_validate(queries.get_booking(session, actor, booking_id))


@router.post("/bookings/{booking_id}/move", response_model=BookingOut, dependencies=_BOOKERS)
def post_move(booking_id: PathId, body: MoveIn, actor: CurrentActor, once: Once) -> Response:
    """Move a booking to another slot of the same need; where that is full, the booking stays where it is."""
    at = now()

    def prepare(session: ReadSession) -> Allowed:
        need_id = queries.get_booking(session, actor, booking_id).need_id
        return check_wish(session, actor, Wish(need_id, body.slot_id, moves=True), at)

    return once.reply_prepared(
        prepare,
        lambda session, allowed: BookingOut.model_validate(
            commands.move(session, actor, booking_id, allowed, at)
        ),
    )


@router.delete("/bookings/{booking_id}", status_code=204, dependencies=_BOOKERS)
def delete_booking(booking_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Cancel a booking: its place is free at once, its need waits again."""
    at = now()
    return once.reply(lambda session: _nothing(commands.cancel(session, actor, booking_id, at)))


@router.post("/slots/{slot_id}/holds", status_code=201, response_model=HoldOut, dependencies=_BOOKERS)
def post_hold(slot_id: PathId, body: HoldIn, actor: CurrentActor, once: Once) -> Response:
    """Set a place aside for some minutes while somebody decides; again prolongs it."""
    at = now()
    wish = Wish(body.need_id, slot_id)
    return once.reply_prepared(
        lambda session: check_wish(session, actor, wish, at),
        lambda session, allowed: HoldOut.model_validate(holds.hold(session, actor, allowed, at)),
        status=201,
    )


@router.post("/holds/{hold_id}/confirm", status_code=201, response_model=BookingOut, dependencies=_BOOKERS)
def post_confirm(hold_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Book what a live hold set aside."""
    at = now()
    return once.reply_prepared(
        lambda session: check_wish(session, actor, holds.find_wish(session, actor, hold_id, at), at),
        lambda session, allowed: BookingOut.model_validate(commands.book(session, actor, allowed, at)),
        status=201,
    )


@router.delete("/holds/{hold_id}", status_code=204, dependencies=_BOOKERS)
def delete_hold(hold_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Give a hold up before its time."""
    return once.reply(lambda session: _nothing(holds.release_hold(session, actor, hold_id)))


@router.post("/closures", status_code=201, response_model=ClosureOut, dependencies=_IN_CHARGE)
def post_closure(body: ClosureIn, actor: CurrentActor, once: Once) -> Response:
    """Close a site or service for some days: bookings are moved or ended, series skip the days."""

    def work(session: WriteSession) -> ClosureOut:
        check_runs_site(session, actor, body.site_id)
        closing = Closing(body.site_id, body.service_id, body.starts_on, body.ends_on, body.reason)
        done = close(session, actor, closing, now())
        return ClosureOut(
            id=done.closure.id,
            code=done.closure.code,
            moved=done.moved,
            ended=done.ended,
            skipping=done.skipping,
        )

    return once.reply(work, status=201)


@router.get("/closures", dependencies=_IN_CHARGE)
def get_closures(actor: CurrentActor, session: Reading, site_id: OptionalId = None) -> list[ClosureRowOut]:
    """List the closures that are not over, of the sites you answer for."""
    rows = list_closures(session, actor, today(), site_id=site_id)
    return [ClosureRowOut.model_validate(row.closure) for row in rows]


@router.post("/closures/{closure_id}/open-again", response_model=OpenAgainOut, dependencies=_IN_CHARGE)
def post_open_again(closure_id: PathId, body: OpenAgainIn, actor: CurrentActor, once: Once) -> Response:
    """Let a closure end before a day, or take it back: what only it shut opens, places that skipped run again.

    What it cancelled stays cancelled and is named; its needs are open.
    """

    def work(session: WriteSession) -> OpenAgainOut:
        check_runs_closure(session, actor, closure_id)
        done = open_again(session, actor, closure_id, body.from_on, now())
        row = done.closure
        return OpenAgainOut(
            id=row.id,
            code=row.code,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            taken_back=row.taken_back_at is not None,
            slots=done.slots,
            running=done.running,
            skipping=done.skipping,
            cancelled=done.cancelled,
        )

    return once.reply(work)


def _nothing(_done: object) -> None:
    """A reply without a body."""
