"""The map of one person: home, sites and compounds within the walking rings; the list beside it says the same."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.auth import DESK, CurrentActor, CurrentContext, Reading, require
from app.desk.nearby import BANDS, Nearby, Point, load_nearby
from app.language.catalogue import say
from app.language.labels import N_, label
from app.people.queries import get_whole_person
from app.schemas import PathId
from app.web.templating import get_language, render

router = APIRouter(prefix="/desk/people", include_in_schema=False, dependencies=[require(*DESK)])

ON_FOOT = N_("{metres} m on foot")
OUT_OF_REACH = N_("no way on foot within 3 km")


@router.get("/{person_id}/map")
def show_map(
    person_id: PathId, request: Request, actor: CurrentActor, session: Reading, context: CurrentContext
) -> Response:
    """Show the map with its list."""
    person = get_whole_person(session, actor, person_id)
    return render(
        request,
        "adviser/map.html",
        actor=actor,
        person=person,
        nearby=load_nearby(session, person_id),
        bands=BANDS,
        tile_url=context.settings.tile_url,
    )


@router.get("/{person_id}/map.json")
def get_map(person_id: PathId, request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Return the shapes that the map draws."""
    get_whole_person(session, actor, person_id)
    nearby = load_nearby(session, person_id)
    return JSONResponse(_show(nearby, get_language(request)), headers={"Cache-Control": "no-store"})


def _show(nearby: Nearby, language: str) -> dict[str, Any]:
    return {
        "home": _show_point(nearby.home, language),
        "is_graph": nearby.is_graph,
        "bands": list(BANDS),
        "compounds": [_show_point(one, language) for one in nearby.compounds],
        "sites": [_show_point(one, language) for one in nearby.sites],
    }


def _show_point(one: Point, language: str) -> dict[str, Any]:
    way = (
        say(OUT_OF_REACH, language)
        if one.metres is None
        else say(ON_FOOT, language, {"metres": f"{one.metres:,}"})
    )
    return {
        "name": one.name_zh if language == "zh" else one.name_en,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "band": one.band,
        "facts": " · ".join([way, *(label(kind, language) for kind in one.kinds)]),
    }
