"""Smallest valid areas: a compound with all above it in one call; a parent that exists is used again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Area, AreaAlias, Building, Compound
from app.models.enums import AreaKind, Datum
from tests.factories.serials import start_serials

_serials = start_serials()

LATITUDE, LONGITUDE = 31.203, 121.478
"""A point in the district, WGS-84."""

_ABOVE = {
    AreaKind.block: AreaKind.subdistrict,
    AreaKind.committee: AreaKind.block,
    AreaKind.compound: AreaKind.committee,
}


def make_area(
    session: Session, kind: AreaKind, parent: Area | None = None, *, code: str | None = None
) -> Area:
    """Make an area; without a parent it goes below the first area of the kind above, made if missing."""
    serial = next(_serials)
    if parent is None and kind in _ABOVE:
        parent = _get_or_make(session, _ABOVE[kind])
    area = Area(
        code=code or f"F-{kind.value}-{serial}",
        kind=kind,
        parent_id=parent.id if parent else None,
        name_zh=f"测试{kind.value}{serial}",
        name_en=f"Test {kind.value} {serial}",
    )
    session.add(area)
    session.flush()
    return area


def make_committee(session: Session, *, own_block: bool = False) -> Area:
    """Make a residential committee, in a block of its own if wanted (for tests of scope)."""
    block = make_area(session, AreaKind.block) if own_block else None
    return make_area(session, AreaKind.committee, block)


def make_compound(
    session: Session,
    committee: Area | None = None,
    *,
    code: str | None = None,
    latitude: float = LATITUDE,
    longitude: float = LONGITUDE,
) -> Compound:
    """Make a compound with its area row (`compound.area`)."""
    area = make_area(session, AreaKind.compound, committee, code=code)
    compound = Compound(
        area=area,
        latitude=latitude,
        longitude=longitude,
        source_datum=Datum.wgs84,
        residents=100,
        residents_60_plus=38,
        residents_under_12=9,
    )
    session.add(compound)
    session.flush()
    return compound


def make_building(
    session: Session, compound: Compound | None = None, *, floors: int = 6, has_lift: bool = False
) -> Building:
    """Make a building: a six-storey walk-up unless said otherwise."""
    serial = next(_serials)
    building = Building(
        code=f"F-building-{serial}",
        compound_id=(compound or make_compound(session)).area_id,
        name=f"{serial}号",
        floors=floors,
        has_lift=has_lift,
    )
    session.add(building)
    session.flush()
    return building


def make_alias(session: Session, area_id: int, alias: str) -> AreaAlias:
    """Make another (already normalised) name of an area."""
    row = AreaAlias(area_id=area_id, alias=alias)
    session.add(row)
    session.flush()
    return row


def _get_or_make(session: Session, kind: AreaKind) -> Area:
    found = session.scalars(select(Area).where(Area.kind == kind).order_by(Area.id).limit(1)).first()
    return found or make_area(session, kind)
