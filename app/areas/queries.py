"""Reads of the area tree: what lies below an area, which area a name means, the district's bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.areas.rules import HUANGPU, Bounds, normalise_name
from app.errors import NotFound
from app.models import Area, AreaAlias, Building, Compound, Policy
from app.models.enums import AreaKind


def list_descendant_ids(session: Session, area_ids: Iterable[int]) -> set[int]:
    """Return the ids of the areas and of everything below them; unknown ids are left out.

    Staff scope rests on this, so an empty argument gives an empty set: default deny.
    """
    wanted = set(area_ids)
    if not wanted:
        return set()
    tree = select(Area.id).where(Area.id.in_(wanted)).cte("tree", recursive=True)
    # UNION, not UNION ALL: an area reached twice is listed once, and a cycle would end.
    tree = tree.union(select(Area.id).join(tree, Area.parent_id == tree.c.id))
    return set(session.scalars(select(tree.c.id)))


def list_ancestor_ids(session: Session, area_id: int) -> list[int]:
    """Return the ids from the area itself up to the subdistrict."""
    parents = dict(session.execute(select(Area.id, Area.parent_id)).all())
    chain: list[int] = []
    step: int | None = area_id
    while step is not None and step in parents and step not in chain:
        chain.append(step)
        step = parents[step]
    return chain


def find_area(session: Session, code: str) -> Area | None:
    """Return the area with this code."""
    return session.scalar(select(Area).where(Area.code == code))


@dataclass(frozen=True)
class AreaNames:
    """Every name under which an area may be written in a list: codes, names, aliases, all normalised."""

    ids: dict[str, int]
    ambiguous: frozenset[str]
    """Names that mean several areas; only a code or an alias of its own helps."""

    def find(self, text: str) -> int | None:
        """Return the area's id; None for an unknown or ambiguous name."""
        return self.ids.get(normalise_name(text))

    def is_ambiguous(self, text: str) -> bool:
        """Return whether several areas bear this name."""
        return normalise_name(text) in self.ambiguous


def load_area_names(session: Session, kind: AreaKind | None = None) -> AreaNames:
    """Return the names of all areas (of one kind) for looking up many rows of a list.

    A code outranks an alias, an alias a name: an office may say with an alias which of two it means.
    """
    areas = select(Area.id, Area.code, Area.name_zh)
    aliases = select(AreaAlias.area_id, AreaAlias.alias)
    if kind is not None:
        areas = areas.where(Area.kind == kind)
        aliases = aliases.join(Area, Area.id == AreaAlias.area_id).where(Area.kind == kind)
    by_name: defaultdict[str, set[int]] = defaultdict(set)
    codes: dict[str, int] = {}
    for area_id, code, name in session.execute(areas):
        codes[normalise_name(code)] = area_id
        by_name[normalise_name(name)].add(area_id)
    known = {normalise_name(alias): area_id for area_id, alias in session.execute(aliases)} | codes
    ids = {name: next(iter(found)) for name, found in by_name.items() if len(found) == 1} | known
    return AreaNames(ids, frozenset(name for name in by_name if name not in ids))


def find_area_by_name(session: Session, text: str, kind: AreaKind | None = None) -> Area | None:
    """Return the one area that a code, name or alias means, however it is spaced or wide."""
    found = load_area_names(session, kind).find(text)
    return None if found is None else session.get(Area, found)


def get_bounds(session: Session, on: date) -> Bounds:
    """Return the district's bounds: the policy `district_bounds` [south, west, north, east] in force, else Huangpu."""
    value = session.scalar(
        select(Policy.value)
        .where(
            Policy.key == "district_bounds",
            Policy.valid_from <= on,
            (Policy.valid_to.is_(None)) | (Policy.valid_to >= on),
        )
        .order_by(Policy.valid_from.desc())
        .limit(1)
    )
    return HUANGPU if value is None else Bounds(*map(float, value))


def list_areas(session: Session) -> list[tuple[Area, Compound | None]]:
    """Return the whole tree, parents before children, each compound with what is known of it."""
    levels = {kind: level for level, kind in enumerate(AreaKind)}
    rows = session.execute(
        select(Area, Compound).outerjoin(Compound, Compound.area_id == Area.id).order_by(Area.code)
    )
    return sorted(((area, compound) for area, compound in rows), key=lambda row: levels[row[0].kind])


def list_buildings(session: Session, compound_id: int) -> list[Building]:
    """Return the buildings of a compound by code. Raises `NotFound` for what is no compound."""
    if session.get(Compound, compound_id) is None:
        raise NotFound
    query = select(Building).where(Building.compound_id == compound_id)
    return list(session.scalars(query.order_by(Building.code)))
