"""Reads people, households and what is proven about them, within the actor's scope; sensitive fields leave masked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import AREA_READERS, Actor
from app.consents.queries import check_may_use_health
from app.consents.sharing import check_may_share, list_told
from app.errors import NotAllowed, NotFound
from app.models import (
    Area,
    Building,
    Consent,
    Evidence,
    Guardianship,
    Household,
    Person,
    PickupAuthorisation,
)
from app.models.enums import Role
from app.people.rules import SITE_FIELDS, Field
from app.people.search import list_roles
from app.scope import lives_in_areas, sees_person

View = Literal["whole", "site"]


@dataclass(frozen=True)
class Seen:
    """A person as one actor sees them: all of the card, or what a site that expects them needs."""

    person: Person
    view: View


def get_person(session: Session, actor: Actor, person_id: int) -> Seen:
    """Return a person whom the actor sees. Raises `NotFound`."""
    row = session.execute(
        select(Person, lives_in_areas(actor)).where(
            Person.id == person_id, sees_person(actor), Person.erased_at.is_(None)
        )
    ).first()
    if row is None:
        raise NotFound
    person, is_whole = row
    return Seen(person, "whole" if is_whole else "site")


def get_whole_person(session: Session, actor: Actor, person_id: int, *, to_edit: bool = False) -> Person:
    """Return a person of the actor's areas, locked if it is to be edited. Raises `NotFound`."""
    query = select(Person).where(Person.id == person_id, lives_in_areas(actor), Person.erased_at.is_(None))
    person = session.scalar(query.with_for_update() if to_edit else query)
    if person is None:
        raise NotFound
    return person


def get_household(session: Session, actor: Actor, household_id: int, *, to_edit: bool = False) -> Household:
    """Return a household in the actor's areas. Raises `NotFound`."""
    query = select(Household).where(Household.id == household_id)
    if not actor.is_system:
        visible = actor.area_ids if actor.role in AREA_READERS else frozenset()
        query = query.where(Household.compound_id.in_(visible))
    household = session.scalar(query.with_for_update() if to_edit else query)
    if household is None:
        raise NotFound
    return household


def list_members(session: Session, household_id: int) -> list[Person]:
    """Return who lives in a household, the eldest first."""
    query = select(Person).where(Person.household_id == household_id, Person.erased_at.is_(None))
    return list(session.scalars(query.order_by(Person.born_on, Person.id)))


@dataclass(frozen=True)
class Home:
    """Where a household lives, by name."""

    compound: str
    building: str | None


def get_home(session: Session, household: Household) -> Home:
    """Return the names of compound and building."""
    compound = session.scalars(select(Area.name_zh).where(Area.id == household.compound_id)).one()
    building = session.scalar(select(Building.name).where(Building.id == household.building_id))
    return Home(compound, building)


@dataclass(frozen=True)
class Card:
    """Everything on a person's card; `schemas.py` masks it."""

    seen: Seen
    roles: list[Role]
    household: Household
    home: Home
    evidence: list[Evidence]
    is_withheld: bool
    """Sites are told that something is noted, and not what: a consent is missing."""
    consents: list[tuple[Consent, str]]
    guardians: list[tuple[Guardianship, str]]
    wards: list[tuple[Guardianship, str]]
    """Each with the other person's name."""
    pickups: list[PickupAuthorisation]
    on: date


def get_card(session: Session, actor: Actor, person_id: int, on: date) -> Card:
    """Return the card of a person whom the actor sees; a site gets only what it needs. Raises `NotFound`."""
    seen = get_person(session, actor, person_id)
    is_whole = seen.view == "whole"
    household = session.get_one(Household, seen.person.household_id)
    return Card(
        seen=seen,
        roles=list_roles(session, [person_id]).get(person_id, []),
        household=household,
        home=get_home(session, household),
        evidence=list_evidence(session, seen, on),
        is_withheld=list_told(session, [person_id], on)[person_id].is_withheld,
        consents=list_consents(session, person_id) if is_whole else [],
        guardians=list_guardians(session, person_id),
        wards=list_wards(session, person_id) if is_whole else [],
        pickups=list_pickups(session, person_id),
        on=on,
    )


def list_consents(session: Session, person_id: int) -> list[tuple[Consent, str]]:
    """Return a person's consents, each with the name of who gave it."""
    query = select(Consent, Person.name).join(Person, Person.id == Consent.given_by_id)
    rows = session.execute(query.where(Consent.person_id == person_id).order_by(Consent.id))
    return [(row, name) for row, name in rows]


def list_guardians(session: Session, child_id: int) -> list[tuple[Guardianship, str]]:
    """Return who decides for a child, with names."""
    query = select(Guardianship, Person.name).join(Person, Person.id == Guardianship.guardian_id)
    rows = session.execute(query.where(Guardianship.child_id == child_id).order_by(Guardianship.id))
    return [(row, name) for row, name in rows]


def list_wards(session: Session, guardian_id: int) -> list[tuple[Guardianship, str]]:
    """Return the children for whom a person decides, with names."""
    query = select(Guardianship, Person.name).join(Person, Person.id == Guardianship.child_id)
    rows = session.execute(query.where(Guardianship.guardian_id == guardian_id).order_by(Guardianship.id))
    return [(row, name) for row, name in rows]


def list_evidence(session: Session, seen: Seen, on: date) -> list[Evidence]:
    """Return what is proven about a person; a site gets what keeps people from harm and may be told, nothing else."""
    if seen.view == "site":
        return list_told(session, [seen.person.id], on)[seen.person.id].rows
    query = select(Evidence).where(Evidence.person_id == seen.person.id)
    return list(session.scalars(query.order_by(Evidence.kind, Evidence.valid_from, Evidence.id)))


def list_pickups(session: Session, child_id: int) -> list[PickupAuthorisation]:
    """Return who may pick a child up."""
    query = select(PickupAuthorisation).where(PickupAuthorisation.child_id == child_id)
    return list(session.scalars(query.order_by(PickupAuthorisation.id)))


def check_may_unmask(session: Session, seen: Seen, fields: frozenset[Field], on: date) -> None:
    """Raise `NotAllowed` where a site asks for more than it needs, or that a consent is missing.

    `SharingConsentMissing` for a site, `HealthConsentMissing` for the health note.
    """
    if seen.view == "site":
        if not fields <= SITE_FIELDS:
            raise NotAllowed(fields=sorted(fields - SITE_FIELDS))
        check_may_share(session, seen.person.id, on)
    if Field.health_note in fields and seen.person.health_note_box is not None:
        check_may_use_health(session, seen.person.id, on)


def unmask(session: Session, seen: Seen, fields: frozenset[Field], on: date) -> dict[str, Any]:
    """Return the plain values of sensitive fields; the caller has logged the read."""
    person = seen.person
    values: dict[str, Any] = {}
    for field in sorted(fields):
        match field:
            case Field.address:
                values[field] = session.get_one(Household, person.household_id).address
            case Field.evidence:
                values[field] = [
                    {"id": row.id, "kind": row.kind, "value": row.value}
                    for row in list_evidence(session, seen, on)
                ]
            case Field.pickups:
                values[field] = [
                    {"id": row.id, "name": row.adult_name, "phone": row.phone}
                    for row in list_pickups(session, person.id)
                ]
            case _:
                values[field] = getattr(person, field.value)
    return values


def find_by_id_number(session: Session, blinds: Collection[str]) -> int | None:
    """Return the id of the person whose ID number has one of these blind indexes: several while keys change."""
    return session.scalar(select(Person.id).where(Person.id_number_blind.in_(blinds)))
