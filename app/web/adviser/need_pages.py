"""A need's page: ranked options, why not the rest, and the buttons; each answers with the part that changes."""

# ruff: noqa: FAST003 - `need_id` is read by the dependency `Desk`

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from app.auth import DESK, require
from app.bounds import LAST_ID
from app.clock import now, today
from app.db import WriteSession
from app.desk.needs import stamp_need
from app.language.catalogue import say
from app.language.labels import N_
from app.models.enums import Channel
from app.needs.queries import get_need
from app.placements.byhand import Order
from app.schemas import PathId
from app.texts import SaidBy
from app.web.adviser import acts
from app.web.adviser.need_view import Desk, load_view
from app.web.templating import render

router = APIRouter(prefix="/desk/needs", include_in_schema=False, dependencies=[require(*DESK)])

Key = Annotated[str, Form(max_length=80)]

HELD = N_("Held. Confirm it before the time runs out.")
BOOKED = N_("Booked.")
RELEASED = N_("Released; the place is free again.")
CANCELLED = N_("Undone; the place is free again.")
PLACED = N_("The place is given.")
ANSWERED = N_("The answer is noted.")
WAITS = N_("On the waitlist.")
LEFT = N_("Off the waitlist.")


@router.get("/{need_id}")
def show_need(desk: Desk) -> Response:
    """Show a need with everything it may have and why not the rest."""
    with desk.database.reading() as session:
        values = load_view(session, desk.actor, desk.need_id, desk.language)
    return render(desk.request, "adviser/need.html", actor=desk.actor, **values)


@router.get("/{need_id}/live")
def show_live(
    desk: Desk,
    stamp: Annotated[str, Query(max_length=40)] = "",
    chosen: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Answer 204 while nothing has changed since the stamp, else the changed part: how two advisers see each other."""
    with desk.database.reading() as session:
        get_need(session, desk.actor, desk.need_id)
        if stamp and stamp == stamp_need(session, desk.need_id, today(), now()):
            return Response(status_code=204)
        values = load_view(session, desk.actor, desk.need_id, desk.language, chosen=chosen)
    return render(desk.request, "adviser/_need_live.html", actor=desk.actor, **values)


@router.post("/{need_id}/hold")
def hold(desk: Desk, key: Key) -> Response:
    """Set the option's place aside for some minutes; where it has just gone, name the next best."""

    def act() -> None:
        acts.hold_option(desk.database, desk.actor, desk.need_id, key, now())

    return desk.answer(act, HELD, key=key)


@router.post("/{need_id}/confirm")
def confirm(desk: Desk) -> Response:
    """Book what is held."""
    return desk.answer(lambda: acts.confirm_holds(desk.database, desk.actor, desk.need_id, now()), BOOKED)


@router.post("/{need_id}/release")
def release(desk: Desk) -> Response:
    """Give up what is held."""

    def work(session: WriteSession) -> None:
        acts.release_holds(session, desk.actor, desk.need_id, now())

    return desk.answer(lambda: desk.database.write(work), RELEASED)


@router.post("/{need_id}/bookings/{booking_id}/cancel")
def cancel(desk: Desk, booking_id: PathId) -> Response:
    """Undo a booking."""

    def work(session: WriteSession) -> None:
        acts.cancel_booking(session, desk.actor, desk.need_id, booking_id, now())

    return desk.answer(lambda: desk.database.write(work), CANCELLED)


@router.post("/{need_id}/choose")
def choose(desk: Desk, key: Key) -> Response:
    """Open the panel that asks who said yes, before a weekly place is given; nothing is set aside yet."""
    with desk.database.reading() as session:
        values = load_view(session, desk.actor, desk.need_id, desk.language, chosen=key)
    return render(desk.request, "adviser/_need_live.html", actor=desk.actor, **values)


@router.post("/{need_id}/place")
def place(
    desk: Desk,
    key: Key,
    by: Annotated[SaidBy, Form()],
    channel: Annotated[Channel, Form()],
    reason: Annotated[str, Form(max_length=200)],
) -> Response:
    """Give a weekly place by day, where nobody of equal or higher class waits for it."""
    class_id, weekdays, part, starts_on = acts.parse_key(key)
    order = Order(desk.need_id, class_id, weekdays, part, reason, by, channel, starts_on)
    return desk.answer(
        lambda: desk.database.write(lambda session: acts.place_weekly(session, desk.actor, order, now())),
        PLACED,
        key=key,
    )


@router.post("/{need_id}/placements/{placement_id}/undo")
def undo(desk: Desk, placement_id: PathId) -> Response:
    """Take back a weekly place that has not begun."""

    def work(session: WriteSession) -> None:
        why = say(acts.UNDONE, desk.language)
        acts.undo_placement(session, desk.actor, desk.need_id, placement_id, why, now())

    return desk.answer(lambda: desk.database.write(work), CANCELLED)


@router.post("/{need_id}/placements/{placement_id}/answer")
def answer(
    desk: Desk,
    placement_id: PathId,
    says: Annotated[str, Form(pattern="^(yes|no)$")],
    by: Annotated[SaidBy, Form()],
    channel: Annotated[Channel, Form()],
) -> Response:
    """Note yes or no to an offer."""
    said = acts.Said(says == "yes", by, channel)

    def work(session: WriteSession) -> None:
        acts.answer_offer(session, desk.actor, desk.need_id, placement_id, said, now())

    return desk.answer(lambda: desk.database.write(work), ANSWERED)


@router.post("/{need_id}/wait")
def wait(desk: Desk, service_id: Annotated[int, Form(ge=1, le=LAST_ID)]) -> Response:
    """Join a waitlist."""

    def work(session: WriteSession) -> None:
        acts.join_waitlist(session, desk.actor, desk.need_id, service_id, now())

    return desk.answer(lambda: desk.database.write(work), WAITS)


@router.post("/{need_id}/waits/{entry_id}/leave")
def leave(desk: Desk, entry_id: PathId) -> Response:
    """Leave a waitlist."""

    def work(session: WriteSession) -> None:
        acts.leave_waitlist(session, desk.actor, desk.need_id, entry_id)

    return desk.answer(lambda: desk.database.write(work), LEFT)
