"""The map: shapes from the record, no tiles needed; two tables hold the same for those who do not see it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.auth import CurrentActor, CurrentContext, Reading
from app.clock import today
from app.language.catalogue import say
from app.language.labels import N_, label
from app.models.enums import ServiceKind
from app.reports.coverage import FROM_GATES, Nearest, measure_coverage
from app.reports.queries import CompoundOnMap, SiteOnMap, list_compounds_on_map, list_sites_on_map
from app.status.queries import find_published_plan
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False)

COMPOUND_FACTS = N_("{residents} residents, {aged} aged 60+, {young} under 12; unplaced needs: {unplaced}")
NEAREST = N_("{service}: {site}, {metres} m")
NO_SITE = N_("{service}: no site within 3,000 m")
OUT = N_("out of reach")
COLOURED = tuple(kind for kind in ServiceKind if kind not in FROM_GATES)
"""Kinds that compounds can be coloured by; after-school starts at the school gate."""


@router.get("/map")
def show_map(
    request: Request, actor: CurrentActor, session: Reading, context: CurrentContext, kind: str = ""
) -> Response:
    """Show the map with its lists, coloured by a kind's reach if one is named."""
    return render(
        request,
        "map.html",
        actor=actor,
        tile_url=context.settings.tile_url,
        kinds=COLOURED,
        kind=_read(kind),
        sites=list_sites_on_map(session),
        compounds=list_compounds_on_map(session, find_published_plan(session)),
    )


@router.get("/map/data.json")
def get_map_data(request: Request, _actor: CurrentActor, session: Reading, kind: str = "") -> Response:
    """Return what the map draws, in the reader's language."""
    language = get_language(request)
    compounds = list_compounds_on_map(session, find_published_plan(session))
    chosen, nearest = _read(kind), {}
    if chosen is not None:
        covered = measure_coverage(session, today()).compounds
        nearest = {one.code: one.nearest[chosen] for one in covered if chosen in one.nearest}
    return JSONResponse(
        {
            "compounds": [
                _compound(row, language) | _colour(chosen, nearest.get(row.code), language)
                for row in compounds
            ],
            "sites": [
                _site(row, language)
                for row in list_sites_on_map(session)
                if chosen is None or chosen in row.kinds
            ],
            "barriers": [],
        },
        headers={"Cache-Control": "no-store"},
    )


def _read(kind: str) -> ServiceKind | None:
    return next((one for one in COLOURED if one.value == kind), None)


def _colour(kind: ServiceKind | None, near: Nearest | None, language: str) -> dict[str, Any]:
    """Return the band that colours a compound, and the same in words."""
    if kind is None:
        return {}
    service = label(kind, language)
    if near is None or near.metres is None:
        return {"band": "beyond", "reach": say(NO_SITE, language, {"service": service})}
    site = near.site_zh if language == "zh" else near.site_en
    text = say(NEAREST, language, {"service": service, "site": site, "metres": f"{near.metres:,}"})
    return {"band": near.band, "reach": text if near.is_reached else f"{text} · {say(OUT, language)}"}


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
