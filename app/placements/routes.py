"""Placements over HTTP: by hand, pinned, offered, answered, ended, excused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth import DESK, PEOPLE_READERS, Actor, CurrentActor, Reading, require
from app.clock import now
from app.db import WriteSession
from app.errors import NotAllowed
from app.idempotency.once import Once, OnceRunner
from app.models import Placement
from app.models.enums import StaffRole
from app.placements import absences, byhand, commands, moving, offers, queries
from app.placements.schemas import (
    AbsenceIn,
    AbsenceOut,
    AnswerIn,
    EndIn,
    MoveIn,
    PlacementFilter,
    PlacementIn,
    PlacementOut,
    PlacementsOut,
    ReasonIn,
)
from app.schemas import Day, PathId
from app.scope import check_sees_need

router = APIRouter(tags=["placements"])

_READERS = [require(*PEOPLE_READERS)]
_DESK = [require(*DESK, StaffRole.manager)]
_SITE_TOO = [require(*DESK, StaffRole.manager, StaffRole.site)]
_CHARGE = [require(StaffRole.coordinator, StaffRole.manager)]
_IN_CHARGE = frozenset({StaffRole.coordinator, StaffRole.manager})
"""Roles that may go against the rules, with a reason."""


@router.get("/placements", dependencies=_READERS)
def get_placements(
    wanted: Annotated[PlacementFilter, Query()], actor: CurrentActor, session: Reading
) -> list[PlacementOut]:
    """List the placements of people you see, by code."""
    found = queries.list_placements(session, actor, queries.PlacementsWanted(**wanted.model_dump()))
    return [show(row) for row in found]


@router.get("/placements/{placement_id}", dependencies=_READERS)
def get_placement(placement_id: PathId, actor: CurrentActor, session: Reading) -> PlacementOut:
    """Show one placement."""
    return show(queries.get_visible(session, actor, placement_id))


@router.post("/placements", status_code=201, response_model=PlacementOut, dependencies=_DESK)
def post_placement(body: PlacementIn, actor: CurrentActor, once: Once) -> Response:
    """Place a need by hand; against rules or order only by those in charge, and never above a capacity."""
    if body.overrides and actor.role not in _IN_CHARGE:
        raise NotAllowed(role=actor.role.value)

    def work(session: WriteSession) -> PlacementOut:
        check_sees_need(session, actor, body.need_id)
        order = byhand.Order(
            need_id=body.need_id,
            class_id=body.class_id,
            weekdays=sum(1 << day for day in set(body.weekdays)),
            part=body.part,
            reason=body.reason,
            said_yes_by=body.said_yes_by,
            channel=body.channel,
            starts_on=body.starts_on,
            overrides=body.overrides,
        )
        return show(byhand.place(session, actor, order, now()))

    return once.reply(work, status=201)


@router.post("/placements/{placement_id}/pin", response_model=PlacementOut, dependencies=_DESK)
def post_pin(placement_id: PathId, body: ReasonIn, actor: CurrentActor, once: Once) -> Response:
    """Make the night keep a placement where it is."""
    return _act(
        once, actor, placement_id, lambda session, id_: commands.pin(session, actor, id_, body.reason)
    )


@router.post("/placements/{placement_id}/unpin", response_model=PlacementOut, dependencies=_DESK)
def post_unpin(placement_id: PathId, body: ReasonIn, actor: CurrentActor, once: Once) -> Response:
    """Let the night decide again."""
    return _act(
        once, actor, placement_id, lambda session, id_: commands.unpin(session, actor, id_, body.reason)
    )


@router.post("/placements/{placement_id}/offer", response_model=PlacementsOut, dependencies=_DESK)
def post_offer(placement_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Offer a proposal, with those of its group."""
    return _answer(once, actor, placement_id, lambda session, id_: offers.offer(session, actor, id_, now()))


@router.post("/placements/{placement_id}/accept", response_model=PlacementsOut, dependencies=_DESK)
def post_accept(placement_id: PathId, body: AnswerIn, actor: CurrentActor, once: Once) -> Response:
    """Note a yes to an offer, for the whole group."""
    return _answer(
        once,
        actor,
        placement_id,
        lambda session, id_: offers.accept(session, actor, id_, now(), by=body.by, channel=body.channel),
    )


@router.post("/placements/{placement_id}/decline", response_model=PlacementsOut, dependencies=_DESK)
def post_decline(placement_id: PathId, body: AnswerIn, actor: CurrentActor, once: Once) -> Response:
    """Note a no to an offer, for the whole group; the places are free at once."""
    return _answer(
        once,
        actor,
        placement_id,
        lambda session, id_: offers.decline(session, actor, id_, now(), by=body.by, channel=body.channel),
    )


@router.post("/placements/{placement_id}/site-confirm", response_model=PlacementOut, dependencies=_SITE_TOO)
def post_site_confirm(placement_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Note the site's yes after its entry check or trial day; twins and couples are confirmed by the last yes, together."""
    return _act(
        once, actor, placement_id, lambda session, id_: offers.confirm_site(session, actor, id_, now())
    )


@router.post("/placements/{placement_id}/site-refuse", response_model=PlacementOut, dependencies=_SITE_TOO)
def post_site_refuse(placement_id: PathId, body: ReasonIn, actor: CurrentActor, once: Once) -> Response:
    """Note the site's no after its entry check; the need waits on."""
    return _act(
        once,
        actor,
        placement_id,
        lambda session, id_: offers.refuse_site(session, actor, id_, now(), reason=body.reason),
    )


@router.post("/placements/{placement_id}/end", response_model=PlacementOut, dependencies=_DESK)
def post_end(placement_id: PathId, body: EndIn, actor: CurrentActor, once: Once) -> Response:
    """Set the last day; the dates after it are free at once."""
    return _act(
        once,
        actor,
        placement_id,
        lambda session, id_: commands.end(session, actor, id_, body.last_on, body.reason, now()),
    )


@router.post("/placements/{placement_id}/move", response_model=PlacementsOut, dependencies=_CHARGE)
def post_move(placement_id: PathId, body: MoveIn, actor: CurrentActor, once: Once) -> Response:
    """Move a child, and siblings with it, to another class or exit wave; where it is full nothing has changed."""

    def work(session: WriteSession) -> PlacementsOut:
        ids = [queries.get_visible(session, actor, id_).id for id_ in (placement_id, *body.with_ids)]
        order = moving.Move(
            placement_ids=ids,
            class_id=body.class_id,
            part=body.part,
            from_on=body.from_on,
            reason=body.reason,
            said_yes_by=body.said_yes_by,
            channel=body.channel,
            overrides=body.overrides,
        )
        return PlacementsOut(placements=[show(row) for row in moving.move(session, actor, order, now())])

    return once.reply(work)


@router.post("/placements/{placement_id}/withdraw", response_model=PlacementOut, dependencies=_DESK)
def post_withdraw(placement_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Take back a proposal that nobody was told of."""
    return _act(once, actor, placement_id, lambda session, id_: commands.withdraw(session, actor, id_))


@router.post(
    "/placements/{placement_id}/absences",
    status_code=201,
    response_model=AbsenceOut,
    dependencies=_SITE_TOO,
)
def post_absence(placement_id: PathId, body: AbsenceIn, actor: CurrentActor, once: Once) -> Response:
    """Note that somebody will not come on a date; before the cut-off that frees place, meal and escort."""

    def work(session: WriteSession) -> AbsenceOut:
        row = queries.get_visible(session, actor, placement_id)
        return AbsenceOut.model_validate(absences.excuse(session, actor, row.id, body.on, body.kind, now()))

    return once.reply(work, status=201)


@router.delete("/placements/{placement_id}/absences/{on}", status_code=204, dependencies=_SITE_TOO)
def delete_absence(placement_id: PathId, on: Day, actor: CurrentActor, once: Once) -> Response:
    """Take an absence back; refused where the place was given away."""

    def work(session: WriteSession) -> None:
        row = queries.get_visible(session, actor, placement_id)
        absences.unexcuse(session, actor, row.id, on)

    return once.reply(work)


def show(row: Placement) -> PlacementOut:
    """Return a placement as the API shows it."""
    values = {name: getattr(row, name) for name in PlacementOut.model_fields if name != "weekdays"}
    return PlacementOut(**values, weekdays=[day for day in range(7) if row.weekdays >> day & 1])


def _act(
    once: OnceRunner, actor: Actor, placement_id: int, act: Callable[[WriteSession, int], Placement]
) -> Response:
    return once.reply(
        lambda session: show(act(session, queries.get_visible(session, actor, placement_id).id))
    )


def _answer(
    once: OnceRunner,
    actor: Actor,
    placement_id: int,
    act: Callable[[WriteSession, int], Sequence[Placement]],
) -> Response:
    def work(session: WriteSession) -> PlacementsOut:
        row = queries.get_visible(session, actor, placement_id)
        return PlacementsOut(placements=[show(each) for each in act(session, row.id)])

    return once.reply(work)
