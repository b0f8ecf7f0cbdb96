"""What is noted beside the roll: an absence for one or several days; each answers with the roll as it now stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from app.auth import CurrentActor, CurrentDatabase, require
from app.clock import now, today
from app.db import WriteSession
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_
from app.models.enums import ExceptionKind
from app.placements.absences import Excused, excuse_days
from app.placements.queries import get_service_of_class, get_visible
from app.schemas import Day, PathId
from app.scope import check_runs_site
from app.web.coordinator.site_desk import AT_THE_SITE, SiteDesk
from app.web.templating import get_language

router = APIRouter(prefix="/coordinator", include_in_schema=False, dependencies=[require(*AT_THE_SITE)])

NOTED = N_(
    "Noted until {until}: {freed} times place, meal and escort are free for others; {spare} times they stay spare."
)
NOTHING = N_("Nothing to note: there is no class on these days, or the absence is known.")
KEPT = N_(
    "From {first} to {last} the absence is kept: the calendar of {year} is not published yet, and place, meal and escort are free for others once it is."
)


@dataclass(frozen=True)
class Away:
    """From which day to which, and why."""

    first: date
    last: date
    kind: ExceptionKind


def read_away(
    first: Annotated[Day, Form()], last: Annotated[Day, Form()], kind: Annotated[ExceptionKind, Form()]
) -> Away:
    """Return the form as one thing."""
    return Away(first, last, kind)


@router.post("/placements/{placement_id}/away")
def note_away(
    placement_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    away: Annotated[Away, Depends(read_away)],
    on: Annotated[Day | None, Query()] = None,
) -> Response:
    """Note an absence from a day to a day: before the cut-off each frees place, meal and escort in one act."""
    with database.reading() as session:
        row = get_visible(session, actor, placement_id)
        site_id = get_service_of_class(session, row.class_id).site_id
        check_runs_site(session, actor, site_id)
    language = get_language(request)

    def work(session: WriteSession) -> str:
        span = (away.first, away.last)
        return _say(excuse_days(session, actor, placement_id, span, away.kind, now()), away, language)

    return SiteDesk(site_id, on or today(), request, actor, database, language).answer(work)


def _say(excused: Excused, away: Away, language: str) -> str:
    """Return what was noted, and what of it is kept for later."""
    until, said = away.last, []
    if excused.kept:
        first = min(row.on_date for row in excused.kept)
        until = min(until, date(first.year, 1, 1) - timedelta(days=1))
        days = {
            "first": say_date(first, language),
            "last": say_date(max(row.on_date for row in excused.kept), language),
            "year": first.year,
        }
        said.append(say(KEPT, language, days))
    if excused.made:
        freed = sum(row.frees_place for row in excused.made)
        figures = {
            "until": say_date(until, language),
            "freed": freed,
            "spare": len(excused.made) - freed,
        }
        said.insert(0, say(NOTED, language, figures))
    return ("" if language == "zh" else " ").join(said) or say(NOTHING, language)
