"""The panel of a move: choose, see what it would change, commit; a conflict is answered with the next best at once."""

# ruff: noqa: FAST003 - `placement_id` is read by the dependency `Desk`

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from app.actor import Actor
from app.auth import CurrentActor, CurrentDatabase, require
from app.clock import now, today
from app.db import Database, ReadSession, WriteSession
from app.errors import DomainError, NotFound
from app.language.catalogue import say
from app.language.labels import N_
from app.ledger.beyond import WeekFull
from app.ledger.errors import SlotFull
from app.models import Placement
from app.models.enums import Channel
from app.placements.errors import Contested
from app.placements.moving import Move, move
from app.placements.queries import get_service_of_class, get_visible
from app.schemas import Day, PathId, RowId
from app.scope import check_runs_site
from app.texts import SaidBy
from app.web.coordinator.move_view import Asked, load_move, name_target, parse_target
from app.web.coordinator.site_desk import IN_CHARGE, say_refusal
from app.web.templating import get_language, render

router = APIRouter(
    prefix="/coordinator/placements", include_in_schema=False, dependencies=[require(*IN_CHARGE)]
)

MOVED = N_("Moved. The family knows from you; the roll shows it from the day you chose.")
GONE = N_("The last place there went a moment ago. The next best is chosen below; look at it and move.")
ALL_GONE = N_("There is no room there any more, and nothing else in this wave has room.")


@dataclass(frozen=True)
class MoveDesk:
    """One request about one child's place: who asks, in which language, over which database."""

    placement_id: int
    request: Request
    actor: Actor
    database: Database
    language: str

    def find(self, session: ReadSession | WriteSession, placement_id: int | None = None) -> Placement:
        """Return a placement at a site that the actor runs, or raise `NotFound`."""
        row = get_visible(session, self.actor, placement_id or self.placement_id)
        check_runs_site(session, self.actor, get_service_of_class(session, row.class_id).site_id)
        return row

    def show(self, asked: Asked, *, refused: DomainError | None = None, told: str = "") -> Response:
        """Show the panel; after a conflict with the next best already chosen."""
        with self.database.reading() as session:
            placement = self.find(session)
            values = self._load(session, placement, asked)
            if isinstance(refused, (SlotFull, WeekFull)):
                best = values["next_best"]
                if best is not None:
                    again = replace(asked, to=name_target(best), drop="")
                    values = self._load(session, placement, again)
                values["conflict"] = say(GONE if best is not None else ALL_GONE, self.language)
            elif refused is not None:
                values["conflict"] = say_refusal(refused, self.language)
                values["contested"] = isinstance(refused, Contested)
        status = 200 if refused is None else refused.status
        return render(self.request, "coordinator/_move.html", status=status, **values | {"told": told})

    def _load(self, session: ReadSession, placement: Placement, asked: Asked) -> dict[str, Any]:
        return load_move(session, self.actor, placement, asked, today(), self.language)


def get_move_desk(
    placement_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
) -> MoveDesk:
    """Return what a route about a move needs to know."""
    return MoveDesk(placement_id, request, actor, database, get_language(request))


Desk = Annotated[MoveDesk, Depends(get_move_desk)]
Ids = Annotated[list[RowId], Query(max_length=8)]


@router.get("/{placement_id}/move")
def show_move(
    desk: Desk,
    first: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[str, Query(max_length=60)] = "",
    drop: Annotated[str, Query(max_length=60)] = "",
    along: Ids = [],  # noqa: B006 - a query parameter's default is never changed
    chosen: Annotated[bool, Query()] = False,
) -> Response:
    """Show what a move would change; nothing is done. `chosen`: the ticks beside the siblings count."""
    with_ids = list(along) if chosen else None
    return desk.show(Asked(max(first or today(), today()), to, drop, with_ids))


@dataclass(frozen=True)
class MoveForm:
    """What the panel's form says."""

    to: str
    first: date
    reason: str
    by: str
    channel: Channel
    along: list[int]
    overrides: bool = False


def read_form(
    to: Annotated[str, Form(max_length=60)],
    first: Annotated[Day, Form(alias="from")],
    reason: Annotated[str, Form(max_length=200)],
    by: Annotated[SaidBy, Form()],
    channel: Annotated[Channel, Form()],
    along: Annotated[list[RowId], Form(max_length=8)] = [],  # noqa: B006
    overrides: Annotated[bool, Form()] = False,
) -> MoveForm:
    """Return the form as one thing."""
    return MoveForm(to, first, reason, by, channel, along, overrides)


@router.post("/{placement_id}/move")
def commit_move(desk: Desk, form: Annotated[MoveForm, Depends(read_form)]) -> Response:
    """Move the child, and the siblings ticked, through the ledger: all of them or nobody."""
    target = parse_target(form.to)
    said = {"reason": form.reason, "by": form.by, "channel": form.channel.value}
    asked = Asked(form.first, form.to, "", form.along, said)
    if target is None:
        raise NotFound

    def work(session: WriteSession) -> None:
        rows = [desk.find(session, id_) for id_ in (desk.placement_id, *form.along)]
        check_runs_site(session, desk.actor, get_service_of_class(session, target[0]).site_id)
        order = Move(
            placement_ids=[row.id for row in rows],
            class_id=target[0],
            part=target[1],
            from_on=form.first,
            reason=form.reason,
            said_yes_by=form.by,
            channel=form.channel,
            overrides=form.overrides,
        )
        move(session, desk.actor, order, now())

    try:
        desk.database.write(work)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return desk.show(asked, refused=refused)
    reply = render(desk.request, "coordinator/_moved.html", told=say(MOVED, desk.language))
    reply.headers["HX-Trigger"] = "care:ticked"
    return reply
