"""Finds people by name, pinyin, initials, digits of phone or ID number, code, compound and building."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Area, AreaAlias, Building, Household, Person, PersonRole
from app.models.enums import AreaKind, Role, Sex
from app.options.rules import count_years
from app.people.rules import Term, parse_search
from app.scope import lives_in_areas, sees_person
from app.sealed import keyring

_HAS_LETTERS: Final = re.compile("[A-Za-z]")


@dataclass(frozen=True)
class Wanted:
    """What is searched for; `text` may combine words, all of which must fit."""

    text: str = ""
    compound_id: int | None = None
    building_id: int | None = None
    role: Role | None = None
    limit: int = 20


@dataclass(frozen=True)
class Found:
    """One hit. Where a person lives is told only to those whose area it is."""

    id: int
    code: str
    name: str
    sex: Sex
    born_on: date | None
    age_years: int
    roles: list[Role]
    compound_id: int | None
    compound: str | None
    building: str | None
    floor: int | None


def search_people(session: Session, actor: Actor, wanted: Wanted, on: date) -> list[Found]:
    """Return the people that fit, the best match first; an empty search without a place finds nobody."""
    terms = parse_search(wanted.text)
    if not terms and wanted.compound_id is None and wanted.building_id is None:
        return []
    whole = lives_in_areas(actor).label("whole")
    query = (
        select(Person, Household, Area.name_zh, Building.name, whole)
        .join(Household, Household.id == Person.household_id)
        .join(Area, Area.id == Household.compound_id)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(sees_person(actor, on), Person.erased_at.is_(None), *(_fits(session, term) for term in terms))
    )
    if wanted.compound_id is not None:
        query = query.where(Household.compound_id == wanted.compound_id, lives_in_areas(actor))
    if wanted.building_id is not None:
        query = query.where(Household.building_id == wanted.building_id, lives_in_areas(actor))
    if wanted.role is not None:
        having = select(PersonRole.person_id).where(PersonRole.role == wanted.role)
        query = query.where(Person.id.in_(having))
    first = terms[0].text if terms else ""
    query = query.order_by(
        case((Person.name == first, 0), (Person.name.startswith(first, autoescape=True), 1), else_=2),
        Person.pinyin,
        Person.born_on,
        Person.id,
    ).limit(wanted.limit)
    rows = session.execute(query).all()
    roles = list_roles(session, [row.Person.id for row in rows])
    return [
        Found(
            id=person.id,
            code=person.code,
            name=person.name,
            sex=person.sex,
            born_on=person.born_on if is_whole else None,
            age_years=count_years(person.born_on, on),
            roles=roles.get(person.id, []),
            compound_id=household.compound_id if is_whole else None,
            compound=compound if is_whole else None,
            building=building if is_whole else None,
            floor=household.floor if is_whole else None,
        )
        for person, household, compound, building, is_whole in rows
    ]


def list_roles(session: Session, person_ids: list[int]) -> dict[int, list[Role]]:
    """Return the roles of people by id."""
    query = select(PersonRole).where(PersonRole.person_id.in_(person_ids)).order_by(PersonRole.role)
    found: dict[int, list[Role]] = {}
    for row in session.scalars(query):
        found.setdefault(row.person_id, []).append(row.role)
    return found


def _fits(session: Session, term: Term) -> ColumnElement[bool]:
    """Return what a word may mean, each way answered by an index or by one look at the row."""
    ways = [Person.code == term.text]
    keys = keyring()
    if term.last4:
        ways.append(Person.phone_last4_blind.in_(keys.list_blinds(term.last4, "phone.last4")))
        ways.append(Person.id_number_last4_blind.in_(keys.list_blinds(term.last4, "id_number.last4")))
    if term.whole:
        ways.append(Person.phone_blind.in_(keys.list_blinds(term.whole, "phone")))
        ways.append(Person.id_number_blind.in_(keys.list_blinds(term.whole, "id_number")))
    if not (term.last4 or term.whole):
        # Large and small letters are told apart by PostgreSQL only; Chinese has none, and is found faster without.
        holds = Person.name.icontains if _HAS_LETTERS.search(term.text) else Person.name.contains
        ways.append(holds(term.text, autoescape=True))
    if term.letters:
        ways.append(Person.pinyin.startswith(term.letters, autoescape=True))
        ways.append(Person.pinyin_initials.startswith(term.letters, autoescape=True))
    compounds, buildings = _find_places(session, term.text)
    if compounds:
        ways.append(Household.compound_id.in_(compounds))
    if buildings:
        ways.append(Household.building_id.in_(buildings))
    return or_(*ways)


def _find_places(session: Session, text: str) -> tuple[list[int], list[int]]:
    """Return the compounds and buildings that a word names: few, and mostly none."""
    named = select(Area.id).where(
        Area.kind == AreaKind.compound, Area.name_zh.contains(text, autoescape=True)
    )
    aliased = select(AreaAlias.area_id).where(AreaAlias.alias == text)
    buildings = select(Building.id).where(Building.name == text)
    return [*session.scalars(named), *session.scalars(aliased)], list(session.scalars(buildings))
