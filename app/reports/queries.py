"""Counts of the published plan and of the record; small counts of people on maps are suppressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from app.db import ReadSession
from app.models import (
    Area,
    CareClass,
    Compound,
    Household,
    InheritedFault,
    Need,
    Person,
    Plan,
    Proposal,
    Service,
    Site,
)
from app.models.enums import AreaKind, ProposalOutcome, Reason, ServiceKind

SMALLEST_SHOWN: Final = 5
"""Counts below this are not shown on maps (domain-rules: privacy)."""


@dataclass(frozen=True)
class KindFigures:
    """How the needs of one kind of service fared in a plan."""

    kind: ServiceKind
    placed: int
    unplaced: int

    @property
    def share_placed(self) -> float:
        """Placed over all, 0 to 1."""
        return self.placed / max(1, self.placed + self.unplaced)


@dataclass(frozen=True)
class ReasonFigures:
    """How many needs stay unplaced for one main reason, by kind of service."""

    reason: Reason
    count: int
    by_kind: dict[ServiceKind, int]


def count_by_kind(session: ReadSession, plan: Plan) -> list[KindFigures]:
    """Return placed and unplaced needs of a plan by kind of service, in the order of the kinds."""
    rows = session.execute(
        select(Need.kind, Proposal.outcome, func.count())
        .join(Need, Need.id == Proposal.need_id)
        .where(Proposal.plan_id == plan.id)
        .group_by(Need.kind, Proposal.outcome)
    ).all()
    placed: dict[ServiceKind, int] = {}
    unplaced: dict[ServiceKind, int] = {}
    for kind, outcome, count in rows:
        found = outcome in {ProposalOutcome.placed, ProposalOutcome.kept, ProposalOutcome.moved}
        side = placed if found else unplaced
        side[kind] = side.get(kind, 0) + count
    return [
        KindFigures(kind, placed.get(kind, 0), unplaced.get(kind, 0))
        for kind in ServiceKind
        if kind in placed or kind in unplaced
    ]


def count_by_reason(session: ReadSession, plan: Plan) -> list[ReasonFigures]:
    """Return the unplaced needs of a plan by main reason, most frequent first."""
    rows = session.execute(
        select(Proposal.reason, Need.kind, func.count())
        .join(Need, Need.id == Proposal.need_id)
        .where(Proposal.plan_id == plan.id, Proposal.outcome == ProposalOutcome.unplaced)
        .group_by(Proposal.reason, Need.kind)
    ).all()
    table: dict[Reason, dict[ServiceKind, int]] = {}
    for reason, kind, count in rows:
        table.setdefault(reason, {})[kind] = count
    figures = [ReasonFigures(reason, sum(kinds.values()), kinds) for reason, kinds in table.items()]
    return sorted(figures, key=lambda row: (-row.count, row.reason))


@dataclass(frozen=True)
class InheritedFigures:
    """Faults of one kind that one owner has to mend, with the codes of what is concerned."""

    code: str
    owner_zh: str
    owner_en: str
    subjects: list[str]


def list_inherited(session: ReadSession, plan: Plan) -> list[InheritedFigures]:
    """Return what was wrong before the night, by kind and owner; a site stands under its name."""
    query = select(InheritedFault).where(InheritedFault.plan_id == plan.id)
    names = {f"site:{site.code}": site for site in session.scalars(select(Site))}
    found: dict[tuple[str, str], InheritedFigures] = {}
    for row in session.scalars(
        query.order_by(InheritedFault.code, InheritedFault.owner, InheritedFault.subject)
    ):
        site = names.get(row.owner)
        zh, en = (site.name_zh, site.name_en or site.name_zh) if site is not None else (row.owner, row.owner)
        figures = found.setdefault((row.code, row.owner), InheritedFigures(row.code, zh, en, []))
        figures.subjects.append(row.subject)
    return list(found.values())


@dataclass(frozen=True)
class CompoundOnMap:
    """A compound's point, counts, and how many of its people's needs stay unplaced (None: too few to show)."""

    code: str
    name_zh: str
    name_en: str
    committee_zh: str
    committee_en: str
    latitude: float
    longitude: float
    residents: int
    residents_60_plus: int
    residents_under_12: int
    unplaced: int | None


@dataclass(frozen=True)
class SiteOnMap:
    """A site's point and the kinds of service it gives."""

    code: str
    name_zh: str
    name_en: str
    latitude: float
    longitude: float
    kinds: list[ServiceKind]


def list_compounds_on_map(session: ReadSession, plan: Plan | None) -> list[CompoundOnMap]:
    """Return every compound with its counts; unplaced needs come from `plan`."""
    unplaced: dict[int, int] = {}
    if plan is not None:
        unplaced = dict(
            session.execute(
                select(Household.compound_id, func.count())
                .select_from(Proposal)
                .join(Need, Need.id == Proposal.need_id)
                .join(Person, Person.id == Need.person_id)
                .join(Household, Household.id == Person.household_id)
                .where(Proposal.plan_id == plan.id, Proposal.outcome == ProposalOutcome.unplaced)
                .group_by(Household.compound_id)
            ).all()
        )
    names = {row.id: row for row in session.scalars(select(Area))}
    rows = session.scalars(select(Compound)).all()
    found = []
    for row in rows:
        area = names[row.area_id]
        parent = names[area.parent_id] if area.parent_id is not None else area
        count = unplaced.get(row.area_id, 0)
        found.append(
            CompoundOnMap(
                area.code,
                area.name_zh,
                area.name_en or area.name_zh,
                parent.name_zh if parent.kind is AreaKind.committee else "",
                parent.name_en or parent.name_zh if parent.kind is AreaKind.committee else "",
                row.latitude,
                row.longitude,
                row.residents,
                row.residents_60_plus,
                row.residents_under_12,
                count if count == 0 or count >= SMALLEST_SHOWN else None,
            )
        )
    return sorted(found, key=lambda compound: compound.code)


def list_sites_on_map(session: ReadSession) -> list[SiteOnMap]:
    """Return every site that gives a service, with the kinds it gives."""
    rows = session.execute(
        select(Site, Service.kind)
        .join(Service, Service.site_id == Site.id)
        .join(CareClass, CareClass.service_id == Service.id)
        .where(Service.is_active)
        .distinct()
        .order_by(Site.code, Service.kind)
    ).all()
    sites: dict[str, SiteOnMap] = {}
    for site, kind in rows:
        entry = sites.setdefault(
            site.code,
            SiteOnMap(
                site.code, site.name_zh, site.name_en or site.name_zh, site.latitude, site.longitude, []
            ),
        )
        entry.kinds.append(kind)
    return list(sites.values())
