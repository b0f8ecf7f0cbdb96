"""The map: shapes from the record, no tiles needed; two tables hold the same for those who do not see it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.auth import CurrentActor, CurrentContext, Reading
from app.language.catalogue import say
from app.language.labels import N_, label
from app.reports.queries import CompoundOnMap, SiteOnMap, list_compounds_on_map, list_sites_on_map
from app.status.queries import find_published_plan
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)

COMPOUND_FACTS = N_("{residents} residents, {aged} aged 60+, {young} under 12; unplaced needs: {unplaced}")


@router.get("/map")
def show_map(request: Request, actor: CurrentActor, session: Reading, context: CurrentContext) -> Response:
    """Show the map with its lists."""
    return render(
        request,
        "map.html",
        actor=actor,
        tile_url=context.settings.tile_url,
        sites=list_sites_on_map(session),
        compounds=list_compounds_on_map(session, find_published_plan(session)),
    )


@router.get("/map/data.json")
def get_map_data(request: Request, _actor: CurrentActor, session: Reading) -> Response:
    """Return what the map draws, in the reader's language."""
    language = get_language(request)
    compounds = list_compounds_on_map(session, find_published_plan(session))
    return JSONResponse(
        {
            "compounds": [_compound(row, language) for row in compounds],
            "sites": [_site(row, language) for row in list_sites_on_map(session)],
            "barriers": [],
        },
        headers={"Cache-Control": "no-store"},
    )


def _compound(row: CompoundOnMap, language: str) -> dict[str, Any]:
    facts = {
        "residents": row.residents,
        "aged": row.residents_60_plus,
        "young": row.residents_under_12,
        "unplaced": "<5" if row.unplaced is None else row.unplaced,
    }
    return {
        "name": row.name_zh if language == "zh" else row.name_en,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "residents": row.residents,
        "facts": say(COMPOUND_FACTS, language, facts),
    }


def _site(row: SiteOnMap, language: str) -> dict[str, Any]:
    return {
        "name": row.name_zh if language == "zh" else row.name_en,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "facts": " · ".join(label(kind, language) for kind in row.kinds),
    }
