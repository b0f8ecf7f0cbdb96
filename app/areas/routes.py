"""The area tree and its buildings over HTTP: for everybody who is signed in."""

from __future__ import annotations

from fastapi import APIRouter

from app.areas.queries import list_areas, list_buildings
from app.areas.schemas import AreaOut, BuildingOut, CompoundOut
from app.auth import Reading, require
from app.models.enums import StaffRole
from app.schemas import PathId

router = APIRouter(tags=["areas"], dependencies=[require(*StaffRole)])


@router.get("/areas")
def get_areas(session: Reading) -> list[AreaOut]:
    """List the whole tree, parents before children."""
    return [
        AreaOut(
            id=area.id,
            code=area.code,
            kind=area.kind,
            parent_id=area.parent_id,
            name_zh=area.name_zh,
            name_en=area.name_en,
            compound=CompoundOut.model_validate(compound) if compound else None,
        )
        for area, compound in list_areas(session)
    ]


@router.get("/areas/{area_id}/buildings")
def get_buildings(area_id: PathId, session: Reading) -> list[BuildingOut]:
    """List the buildings of a compound."""
    return [BuildingOut.model_validate(building) for building in list_buildings(session, area_id)]
