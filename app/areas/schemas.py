"""What goes out about areas and buildings."""

from __future__ import annotations

from pydantic import Field

from app.models.enums import AreaKind
from app.schemas import Reply


class CompoundOut(Reply):
    """What is known of a compound; the point is WGS-84."""

    latitude: float = Field(examples=[31.203])
    longitude: float = Field(examples=[121.478])
    residents: int
    residents_60_plus: int
    residents_under_12: int


class AreaOut(Reply):
    """One node of the tree subdistrict, block, committee, compound."""

    id: int
    code: str
    kind: AreaKind
    parent_id: int | None
    name_zh: str
    name_en: str
    compound: CompoundOut | None


class BuildingOut(Reply):
    """A building of a compound."""

    id: int
    code: str
    name: str
    floors: int
    has_lift: bool
    lift_retrofitted: bool
