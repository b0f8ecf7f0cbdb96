"""Rounds over HTTP: everybody on the staff reads dates, commitment and list; the district's manager acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fastapi import APIRouter, Response

from app.actor import Actor
from app.auth import DESK, CurrentActor, Reading, require
from app.clock import today
from app.db import WriteSession
from app.idempotency.once import Once, OnceRunner
from app.models import Round
from app.models.enums import StaffRole
from app.rounds import commands, publishing, queries
from app.rounds.preview import preview
from app.rounds.schemas import (
    CancelIn,
    Document,
    NumberIn,
    PreviewOut,
    PreviewRow,
    RoundIn,
    RoundOut,
    show_round,
)
from app.schemas import PathId
from app.scope import check_runs_district

router = APIRouter(tags=["rounds"])

_MANAGER = [require(StaffRole.manager)]
_PREVIEWERS = [require(*DESK, StaffRole.manager)]


@router.get("/rounds")
def list_rounds(_actor: CurrentActor, session: Reading) -> list[RoundOut]:
    """List rounds, the latest window first."""
    counts = queries.count_needs(session)
    return [show_round(row, counts.get(row.id, 0)) for row in queries.list_rounds(session)]


@router.get("/rounds/{round_id}")
def get_round(round_id: PathId, _actor: CurrentActor, session: Reading) -> RoundOut:
    """Show one round."""
    row = queries.get_round(session, round_id)
    return show_round(row, queries.count_needs(session).get(row.id, 0))


@router.get("/rounds/{round_id}/commitment")
def get_commitment(round_id: PathId, _actor: CurrentActor, session: Reading) -> Document:
    """Give what was announced before the window opened: hashes of secret and policy file, the key of the list."""
    return queries.get_commitment(queries.get_round(session, round_id))


@router.get("/rounds/{round_id}/list")
def get_list(round_id: PathId, _actor: CurrentActor, session: Reading) -> Document:
    """Give the published list by code, as `carematch verify` reads it."""
    return queries.get_list(session, round_id)


@router.get("/rounds/{round_id}/preview", dependencies=_PREVIEWERS)
def get_preview(round_id: PathId, actor: CurrentActor, session: Reading) -> PreviewOut:
    """Show what the draw would look like now; a trial until the public number is entered."""
    check_runs_district(session, actor)
    found = preview(session, queries.get_round(session, round_id), today())
    rows = [
        PreviewRow(position=position, need=need, band=band, draw=draw)
        for position, (need, band, draw) in enumerate(found.rows, 1)
    ]
    return PreviewOut(is_trial=found.is_trial, bands=found.bands, rows=rows)


@router.post("/rounds", status_code=201, response_model=RoundOut, dependencies=_MANAGER)
def post_round(body: RoundIn, actor: CurrentActor, once: Once) -> Response:
    """Make a round with a sealed secret; nothing is public until it is announced."""

    def work(session: WriteSession) -> RoundOut:
        check_runs_district(session, actor)
        return show_round(commands.create(session, actor, commands.Wanted(**body.values()), today()), 0)

    return once.reply(work, status=201)


@router.post("/rounds/{round_id}/announce", response_model=RoundOut, dependencies=_MANAGER)
def announce_round(round_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Publish the commitment, before the window opens."""
    return _act(once, actor, round_id, commands.announce)


@router.post("/rounds/{round_id}/open", response_model=RoundOut, dependencies=_MANAGER)
def open_round(round_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Let needs in; a round opens by itself on its first day."""
    return _act(once, actor, round_id, commands.open_window)


@router.post("/rounds/{round_id}/close", response_model=RoundOut, dependencies=_MANAGER)
def close_round(round_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Fix who takes part; a round closes by itself after its last day."""
    return _act(once, actor, round_id, commands.close)


@router.post("/rounds/{round_id}/draw", response_model=RoundOut, dependencies=_MANAGER)
def draw_round(round_id: PathId, body: NumberIn, actor: CurrentActor, once: Once) -> Response:
    """Enter the public number and draw: every need gets its number, once."""
    number = commands.Number(body.public_number, body.source, body.arose_on)

    def draw(session: WriteSession, actor: Actor, id_: int, on: date) -> Round:
        return commands.draw(session, actor, id_, number, on)

    return _act(once, actor, round_id, draw)


@router.post("/rounds/{round_id}/publish", response_model=RoundOut, dependencies=_MANAGER)
def publish_round(round_id: PathId, actor: CurrentActor, once: Once) -> Response:
    """Publish the list of a round that the plan in force has decided; the night does so by itself."""
    return _act(once, actor, round_id, lambda session, who, id_, _on: publishing.publish(session, who, id_))


@router.post("/rounds/{round_id}/cancel", response_model=RoundOut, dependencies=_MANAGER)
def cancel_round(round_id: PathId, body: CancelIn, actor: CurrentActor, once: Once) -> Response:
    """Cancel a round that is not drawn; its needs go on as rolling ones."""
    return _act(
        once,
        actor,
        round_id,
        lambda session, who, id_, _on: commands.cancel(session, who, id_, body.reason),
    )


def _act(
    once: OnceRunner,
    actor: Actor,
    round_id: int,
    do: Callable[[WriteSession, Actor, int, date], Round],
) -> Response:
    def work(session: WriteSession) -> RoundOut:
        check_runs_district(session, actor)
        row = do(session, actor, round_id, today())
        return show_round(row, queries.count_needs(session).get(row.id, 0))

    return once.reply(work)
