"""What lies within 300, 500 and 1,000 m on foot of where a person lives: sites with their services, compounds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Area, Compound, Household, Person, Service, Site
from app.models.enums import ServiceKind
from app.walking.queries import load_walking

BANDS: Final = (300, 500, 1000)
"""GB 50180-2018: 5, 10 and 15 minutes."""
FARTHEST: Final = 3_000


@dataclass(frozen=True)
class Point:
    """A compound or a site with its way from home; None where no way leads there within 3 km."""

    name_zh: str
    name_en: str
    latitude: float
    longitude: float
    metres: int | None
    kinds: tuple[ServiceKind, ...] = ()

    @property
    def band(self) -> int | None:
        """The smallest ring that holds it."""
        if self.metres is None:
            return None
        return next((band for band in BANDS if self.metres <= band), None)


@dataclass(frozen=True)
class Nearby:
    """The neighbourhood of one home, the nearest first."""

    home: Point
    compounds: list[Point]
    sites: list[Point]
    is_graph: bool
    """False: straight lines with a detour, to be labelled so; then rings are plain circles."""


def load_nearby(session: Session, person_id: int) -> Nearby:
    """Return what is near a person's home; the caller has checked that the person may be seen."""
    home_id = session.scalars(
        select(Household.compound_id)
        .join(Person, Person.household_id == Household.id)
        .where(Person.id == person_id)
    ).one()
    compounds = session.execute(
        select(Compound.area_id, Area.name_zh, Area.name_en, Compound.latitude, Compound.longitude)
        .join(Area, Area.id == Compound.area_id)
        .order_by(Area.code)
    ).all()
    sites = session.execute(
        select(Site.id, Site.name_zh, Site.name_en, Site.latitude, Site.longitude).order_by(Site.code)
    ).all()
    kinds: dict[int, list[ServiceKind]] = defaultdict(list)
    for row in session.execute(
        select(Service.site_id, Service.kind).where(Service.is_active).distinct().order_by(Service.kind)
    ):
        kinds[row.site_id].append(row.kind)
    walking = load_walking(session)
    to_compounds = walking.metres_between_compounds([home_id], [row[0] for row in compounds], FARTHEST)[0]
    to_sites = walking.metres([home_id], [row[0] for row in sites], FARTHEST)[0]
    near = [
        (id_, Point(zh, en or zh, latitude, longitude, _round(metres)))
        for (id_, zh, en, latitude, longitude), metres in zip(compounds, to_compounds.tolist(), strict=True)
    ]
    return Nearby(
        home=next(point for id_, point in near if id_ == home_id),
        compounds=_sort([point for id_, point in near if id_ != home_id]),
        sites=_sort(
            [
                Point(zh, en or zh, latitude, longitude, _round(metres), tuple(kinds.get(id_, ())))
                for (id_, zh, en, latitude, longitude), metres in zip(sites, to_sites.tolist(), strict=True)
            ]
        ),
        is_graph=walking.is_graph,
    )


def _round(metres: float) -> int | None:
    return None if metres == float("inf") else round(metres)


def _sort(points: list[Point]) -> list[Point]:
    return sorted(points, key=lambda one: (one.metres is None, one.metres or 0, one.name_zh))
