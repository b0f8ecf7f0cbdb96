"""Reads what the rules may know of people, set-based: for everybody of a night or for one. Decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Date, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from app.among import is_among
from app.consents.queries import BY_GUARDIAN, IS_BARRED, find_youngest, list_barred
from app.models import (
    Area,
    Building,
    Consent,
    Evidence,
    Household,
    PersonRole,
    PickupAuthorisation,
    Residence,
)
from app.models import Person as PersonRow
from app.models.enums import EvidenceKind, Role
from app.options.facts import Claim, Home, Leave, Person, Proof
from app.reference import keep
from app.sealed import keyring

WITH_VALUE = {EvidenceKind.care_grade}
"""Evidence whose sealed value the rules need; nothing else is opened."""

Ids = Select[*tuple[Any, ...]]
_TODAY: Final = bindparam("today", type_=Date())


@dataclass(frozen=True)
class _Statements:
    """What is asked about the people whose ids a statement selects; `:today` is the day."""

    people: Ids
    barred: Ids
    roles: Ids
    proofs: Ids
    leaves: Ids
    pickups: Ids
    homes: Ids


def load_people(session: Session, ids: Ids, today: date) -> dict[int, Person]:
    """Return the persons whose ids a statement selects, by id.

    Of a child for whom no guardian consents nothing comes but what its refusal needs: no proof is opened, nobody named.
    """
    return _read(session, _ask_about(ids), {"today": today})


def load_person(session: Session, person_id: int, today: date) -> Person:
    """Return one person, as `load_people`; KeyError where there is none."""
    return _read(session, _OF_ONE, {"today": today, "person_id": person_id})[person_id]


def load_people_of(session: Session, person_ids: Collection[int], today: date) -> dict[int, Person]:
    """Return these persons by id, as `load_people`, by statements that are built once."""
    return _read(session, _OF_THESE, {"today": today, "person_ids": person_ids}) if person_ids else {}


def load_claims(session: Session, ids: Ids, today: date) -> dict[int, Claim]:
    """Return what the priority class reads, and no more, of the persons whose ids a statement selects.

    A child for whom no guardian consents has no claim here: nothing of it is opened.
    """
    ask, asked = _ask_about(ids), {"today": today}
    barred = list_barred(session, ids, today)
    proofs, roles = _load_proofs(session, ask, asked, barred), _find_roles(session.execute(ask.roles, asked))
    rows = session.execute(select(PersonRow.id, PersonRow.born_on).where(PersonRow.id.in_(ids)))
    return {
        id_: Claim(roles.get(id_), born_on, proofs.get(id_, ())) for id_, born_on in rows if id_ not in barred
    }


def _read(session: Session, ask: _Statements, asked: Mapping[str, Any]) -> dict[int, Person]:
    today = asked["today"]
    rows = session.execute(ask.people, asked).all()
    roles = _find_roles((row.id, row.role) for row in rows)
    youngest = find_youngest(session, today)
    # Most questions are about one elder: what only the young have is not asked for.
    has_young = any(row.born_on > youngest for row in rows)
    barred = set(session.scalars(ask.barred, {**asked, "youngest": youngest})) if has_young else set()
    has_child = Role.child in roles.values()
    pickups = _load_pickups(session, ask, asked) if has_child else {}
    areas = load_area_codes(session)
    proofs, leaves = _load_proofs(session, ask, asked, barred), _load_leaves(session, ask, asked)
    others = _load_other_homes(session, ask, asked)
    return {
        row.id: Person(
            id=row.id,
            code=row.code,
            role=roles.get(row.id),
            born_on=row.born_on,
            sex=row.sex,
            stairs=row.stairs,
            mobility=row.mobility,
            home=Home(row.compound_id, row.floor, bool(row.has_lift)),
            other_homes={} if row.id in barred else others.get(row.id, {}),
            proofs=proofs.get(row.id, ()),
            leaves=leaves.get(row.id, ()),
            area_codes=areas.get(row.compound_id, frozenset()),
            pickup_ids=() if row.id in barred else pickups.get(row.id, ()),
        )
        for row in rows
    }


def _ask_about(ids: Ids) -> _Statements:
    return _Statements(
        people=select(
            PersonRow.id,
            PersonRow.code,
            PersonRow.born_on,
            PersonRow.sex,
            PersonRow.stairs,
            PersonRow.mobility,
            Household.compound_id,
            Household.floor,
            Building.has_lift,
            PersonRole.role,
        )
        .join(Household, Household.id == PersonRow.household_id)
        .outerjoin(Building, Building.id == Household.building_id)
        .outerjoin(PersonRole, PersonRole.person_id == PersonRow.id)
        .where(PersonRow.id.in_(ids)),
        barred=select(PersonRow.id).where(IS_BARRED, PersonRow.id.in_(ids)),
        roles=select(PersonRole.person_id, PersonRole.role).where(PersonRole.person_id.in_(ids)),
        proofs=select(
            Evidence.person_id,
            Evidence.kind,
            Evidence.value_box,
            Evidence.row_key,
            Evidence.valid_from,
            Evidence.valid_to,
        )
        .where(Evidence.person_id.in_(ids))
        .order_by(Evidence.code),
        leaves=select(
            Consent.person_id,
            Consent.purpose,
            (Consent.given_by_id == Consent.person_id).label("by_self"),
            BY_GUARDIAN.label("by_guardian"),
            Consent.given_on,
            Consent.valid_to,
            Consent.withdrawn_on,
        ).where(Consent.person_id.in_(ids)),
        pickups=select(PickupAuthorisation.child_id, PickupAuthorisation.adult_id)
        .where(
            PickupAuthorisation.child_id.in_(ids),
            PickupAuthorisation.verified_on.is_not(None),
            PickupAuthorisation.valid_from <= _TODAY,
            or_(PickupAuthorisation.valid_to.is_(None), PickupAuthorisation.valid_to >= _TODAY),
        )
        .order_by(PickupAuthorisation.code),
        homes=select(
            Residence.person_id, Residence.weekday, Residence.compound_id, Residence.floor, Building.has_lift
        )
        .outerjoin(Building, Building.id == Residence.building_id)
        .where(Residence.person_id.in_(ids)),
    )


_OF_ONE: Final = _ask_about(select(PersonRow.id).where(PersonRow.id == bindparam("person_id")))
"""Built once: a desk asks about one person all day, and building costs as much as asking."""
_OF_THESE: Final = _ask_about(select(PersonRow.id).where(is_among(PersonRow.id, "person_ids")))


def load_area_codes(session: Session) -> dict[int, frozenset[str]]:
    """Return for each area its own code and those of every area above it."""
    return keep(session, "area codes", lambda: _read_area_codes(session))


def _read_area_codes(session: Session) -> dict[int, frozenset[str]]:
    rows = {
        row.id: (row.code, row.parent_id)
        for row in session.execute(select(Area.id, Area.code, Area.parent_id))
    }
    found: dict[int, frozenset[str]] = {}
    for area_id in rows:
        codes, at = [], area_id
        while at is not None:
            code, at = rows[at]
            codes.append(code)
        found[area_id] = frozenset(codes)
    return found


def _find_roles(rows: Iterable[Any]) -> dict[int, Role]:
    """Return the role by person id. Nobody is both; were somebody, the child's stricter rules would count."""
    roles: dict[int, Role] = {}
    for person_id, role in rows:
        if role is not None:
            roles[person_id] = Role.child if Role.child in {role, roles.get(person_id)} else role
    return roles


def _load_proofs(
    session: Session, ask: _Statements, asked: Mapping[str, Any], barred: set[int]
) -> dict[int, list[Proof]]:
    found: dict[int, list[Proof]] = defaultdict(list)
    keys = keyring()
    table = Evidence.__tablename__
    for row in session.execute(ask.proofs, asked):
        if row.person_id in barred:
            continue
        value = None
        if row.kind in WITH_VALUE and row.value_box is not None:
            value = keys.open(row.value_box, f"{table}.value_box:{row.row_key}")
        found[row.person_id].append(Proof(row.kind, value, row.valid_from, row.valid_to))
    return found


def _load_leaves(session: Session, ask: _Statements, asked: Mapping[str, Any]) -> dict[int, list[Leave]]:
    found: dict[int, list[Leave]] = defaultdict(list)
    for person_id, purpose, by_self, by_guardian, *days in session.execute(ask.leaves, asked):
        found[person_id].append(Leave(purpose, bool(by_self), bool(by_guardian), *days))
    return found


def _load_pickups(
    session: Session, ask: _Statements, asked: Mapping[str, Any]
) -> dict[int, list[int | None]]:
    found: dict[int, list[int | None]] = defaultdict(list)
    for child_id, adult_id in session.execute(ask.pickups, asked):
        found[child_id].append(adult_id)
    return found


def _load_other_homes(
    session: Session, ask: _Statements, asked: Mapping[str, Any]
) -> dict[int, dict[int, Home]]:
    found: dict[int, dict[int, Home]] = defaultdict(dict)
    for person_id, weekday, compound_id, floor, has_lift in session.execute(ask.homes, asked):
        found[person_id][weekday] = Home(compound_id, floor, bool(has_lift))
    return found
