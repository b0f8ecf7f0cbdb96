"""Which compounds have a service within its limit on the walking network, kind by kind; nearest site and metres.

Measured from the compound's point, without anybody's stairs or pace: what the town offers, not what one person can do.
After-school is not among the kinds: it starts at the school gate, which has a list of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Area, Compound, Need, Service, ServiceRule, Site
from app.models.enums import AreaKind, RuleKind, ServiceKind
from app.policies.queries import get_policy
from app.walking.queries import Walking, load_walking
from app.walking.rules import Metres

FARTHEST_METRES: Final = 3_000
"""Beyond it no metres are told (app/options/ground.py)."""
NEAR_METRES: Final = 500
FOR_ELDERS: Final = frozenset({ServiceKind.day_care, ServiceKind.canteen, ServiceKind.home_visit})
FROM_GATES: Final = frozenset({ServiceKind.after_school})


@dataclass(frozen=True)
class Nearest:
    """The nearest site of a kind, of those whose limit allows the way where there is one; no metres: beyond 3,000 m."""

    site_zh: str
    site_en: str
    metres: int | None
    is_reached: bool

    @property
    def band(self) -> str:
        """Return `near` (within 500 m), `reach` (within the service's limit) or `beyond`."""
        if not self.is_reached or self.metres is None:
            return "beyond"
        return "near" if self.metres <= NEAR_METRES else "reach"


@dataclass(frozen=True)
class CoveredCompound:
    """A compound with the nearest site of each kind."""

    area_id: int
    code: str
    name_zh: str
    name_en: str
    residents_60_plus: int
    residents_under_12: int
    nearest: dict[ServiceKind, Nearest]

    def count_concerned(self, kind: ServiceKind) -> int:
        """Return the residents whom a kind is for: 60 and older, or under 12."""
        return self.residents_60_plus if kind in FOR_ELDERS else self.residents_under_12


@dataclass(frozen=True)
class KindCoverage:
    """How far one kind reaches."""

    kind: ServiceKind
    out_of_reach: list[CoveredCompound]
    concerned_out: int
    concerned: int

    @property
    def share_reached(self) -> float:
        """Return the share of the residents concerned who live within reach, 0 to 1."""
        return 1 - self.concerned_out / self.concerned if self.concerned else 1.0


@dataclass(frozen=True)
class Gate:
    """A school gate with the nearest after-school site."""

    name_zh: str
    name_en: str
    nearest: Nearest


@dataclass(frozen=True)
class Coverage:
    """The town's coverage on one day."""

    compounds: list[CoveredCompound]
    kinds: list[KindCoverage]
    gates: list[Gate]
    is_graph: bool
    """False: straight line x detour, to be labelled so."""


@dataclass(frozen=True)
class _Offer:
    site_id: int
    site_zh: str
    site_en: str
    limit: float


def measure_coverage(session: Session, on: date) -> Coverage:
    """Return for every compound and kind the nearest site; two bulk measurements, never pair by pair."""
    offers = _load_offers(session, on)
    walking = load_walking(session)
    rows = session.execute(
        select(Compound, Area)
        .join(Area, Area.id == Compound.area_id)
        .where(Area.kind == AreaKind.compound)
        .order_by(Area.code)
    ).all()
    nearest: dict[int, dict[ServiceKind, Nearest]] = {row.area_id: {} for row, _ in rows}
    for kind, given in offers.items():
        if kind in FROM_GATES:
            continue
        ids = [row.area_id for row, _ in rows]
        metres = walking.metres(ids, [offer.site_id for offer in given], FARTHEST_METRES)
        for area_id, found in zip(ids, _find_nearest(given, metres), strict=True):
            nearest[area_id][kind] = found
    compounds = [
        CoveredCompound(
            row.area_id,
            area.code,
            area.name_zh,
            area.name_en or area.name_zh,
            row.residents_60_plus,
            row.residents_under_12,
            nearest[row.area_id],
        )
        for row, area in rows
    ]
    kinds = [_sum_up(kind, compounds) for kind in ServiceKind if kind in offers and kind not in FROM_GATES]
    gates = _measure_gates(session, offers.get(ServiceKind.after_school, []), walking)
    return Coverage(compounds, kinds, gates, walking.is_graph)


def _load_offers(session: Session, on: date) -> dict[ServiceKind, list[_Offer]]:
    last_zone = get_policy(session, "travel_zones", on)[-1][0]
    # A site only for people with a cognition finding reaches nobody else: it would hide what the others lack.
    for_few = select(ServiceRule.service_id).where(
        ServiceRule.kind == RuleKind.needs_cognition,
        ServiceRule.valid_from <= on,
        or_(ServiceRule.valid_to.is_(None), ServiceRule.valid_to >= on),
    )
    found: dict[ServiceKind, list[_Offer]] = {}
    for kind, limit, site_id, zh, en in session.execute(
        select(Service.kind, Service.limit_metres, Site.id, Site.name_zh, Site.name_en)
        .join(Site, Site.id == Service.site_id)
        .where(Service.is_active, Service.id.not_in(for_few))
        .order_by(Service.code)
    ):
        # Who comes to the door comes as far as the last zone of the travel table.
        reach = last_zone if kind is ServiceKind.home_visit else limit
        offer = _Offer(site_id, zh, en or zh, float("inf") if reach is None else float(reach))
        found.setdefault(kind, []).append(offer)
    return found


def _find_nearest(offers: list[_Offer], metres: Metres) -> list[Nearest]:
    """Return a row's nearest site within its own limit, else the nearest of all."""
    limits = np.array([offer.limit for offer in offers], dtype=np.float64)
    within = np.where((metres <= limits[None, :]) & np.isfinite(metres), metres, np.inf)
    found = []
    for at in range(len(metres)):
        is_reached = bool(np.isfinite(within[at]).any())
        best = int(np.argmin(within[at] if is_reached else metres[at]))
        far = float(metres[at][best])
        offer = offers[best]
        told = round(far) if np.isfinite(far) else None
        found.append(Nearest(offer.site_zh, offer.site_en, told, is_reached))
    return found


def _sum_up(kind: ServiceKind, compounds: list[CoveredCompound]) -> KindCoverage:
    out = [one for one in compounds if not one.nearest[kind].is_reached]
    return KindCoverage(
        kind,
        sorted(out, key=lambda one: (-one.count_concerned(kind), one.code)),
        sum(one.count_concerned(kind) for one in out),
        sum(one.count_concerned(kind) for one in compounds),
    )


def _measure_gates(session: Session, offers: list[_Offer], walking: Walking) -> list[Gate]:
    asked = select(Need.gate_site_id).where(Need.gate_site_id.is_not(None))
    rows = list(session.scalars(select(Site).where(Site.id.in_(asked)).order_by(Site.code)))
    if not rows or not offers:
        return []
    metres = walking.metres_between_sites(
        [row.id for row in rows], [offer.site_id for offer in offers], FARTHEST_METRES
    )
    return [
        Gate(row.name_zh, row.name_en or row.name_zh, nearest)
        for row, nearest in zip(rows, _find_nearest(offers, metres), strict=True)
    ]
