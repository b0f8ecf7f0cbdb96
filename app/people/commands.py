"""Register and edit people and households: one command per intent, each with its line in the audit chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select

from app.actor import Actor
from app.audit.commands import record
from app.clock import today
from app.codes import make_code
from app.consents.errors import HealthConsentMissing
from app.consents.queries import check_may_use_health
from app.db import WriteSession
from app.errors import StaleVersion
from app.models import Building, Compound, Household, Person, PersonRole
from app.models.enums import Role
from app.people.errors import AlreadyRegistered, BuildingElsewhere, IdNumberDiffers, UnknownCompound
from app.people.identity import clean_phone, parse_id_number
from app.people.names import find_pinyin
from app.people.queries import find_by_id_number, get_household, get_whole_person
from app.sealed import keyring

Values = Mapping[str, Any]
"""Column names with new values; schemas.py says which there may be."""


def register_household(session: WriteSession, actor: Actor, values: Values) -> Household:
    """Make a household at an address of the actor's areas. Raises `UnknownCompound`, `BuildingElsewhere`."""
    household = Household(code=make_code("H"))
    _set_address(session, actor, household, values)
    session.add(household)
    session.flush()
    record(session, actor.label, "household.register", f"household:{household.code}", {})
    return household


def edit_household(
    session: WriteSession, actor: Actor, household_id: int, version: int, values: Values
) -> Household:
    """Change where a household lives. Raises `NotFound`, `StaleVersion`, `UnknownCompound`, `BuildingElsewhere`."""
    household = get_household(session, actor, household_id, to_edit=True)
    if household.version != version:
        raise StaleVersion(version=household.version)
    _set_address(session, actor, household, values)
    household.version += 1
    session.flush()
    record(
        session,
        actor.label,
        "household.edit",
        f"household:{household.code}",
        {"fields": sorted(values), "version": household.version},
    )
    return household


def _set_address(session: WriteSession, actor: Actor, household: Household, values: Values) -> None:
    with session.no_autoflush:  # a wrong id must be named here, not by the database
        _check_address(session, actor, household, values)


def _check_address(session: WriteSession, actor: Actor, household: Household, values: Values) -> None:
    for name, value in values.items():
        setattr(household, name, value)
    is_known = session.scalar(select(Compound.area_id).where(Compound.area_id == household.compound_id))
    if is_known is None or not (actor.is_system or household.compound_id in actor.area_ids):
        raise UnknownCompound(compound_id=household.compound_id)
    registered = household.registered_compound_id
    if registered is not None and session.get(Compound, registered) is None:
        raise UnknownCompound(compound_id=registered)
    if household.building_id is None:
        return
    building = session.get(Building, household.building_id)
    if building is None or building.compound_id != household.compound_id or household.floor > building.floors:
        raise BuildingElsewhere(building_id=household.building_id, floor=household.floor)


def register_person(
    session: WriteSession, actor: Actor, household_id: int, values: Values, roles: Iterable[Role]
) -> Person:
    """Register a person in a household of the actor's areas.

    Raises `NotFound` (household), `AlreadyRegistered`, `IdNumberDiffers`, `HealthConsentMissing` for a health note.
    """
    household = get_household(session, actor, household_id)
    if values.get("health_note"):  # who is not registered yet cannot have consented
        raise HealthConsentMissing
    person = Person(code=make_code("P"), household_id=household.id)
    _set_details(session, person, values)
    session.add(person)
    session.flush()
    _set_roles(session, person, roles)
    record(session, actor.label, "person.register", f"person:{person.code}", {"fields": sorted(values)})
    return person


def edit_person(
    session: WriteSession,
    actor: Actor,
    person_id: int,
    version: int,
    values: Values,
    roles: Iterable[Role] | None = None,
) -> Person:
    """Change a person's details.

    Raises `NotFound`, `StaleVersion`, `AlreadyRegistered`, `IdNumberDiffers`, `HealthConsentMissing` for a health note.
    """
    person = get_whole_person(session, actor, person_id, to_edit=True)
    if person.version != version:
        raise StaleVersion(version=person.version)
    if values.get("health_note"):
        check_may_use_health(session, person.id, today())
    _set_details(session, person, values)
    if roles is not None:
        _set_roles(session, person, roles)
    person.version += 1
    session.flush()
    record(
        session,
        actor.label,
        "person.edit",
        f"person:{person.code}",
        {"fields": sorted(values) + (["roles"] if roles is not None else []), "version": person.version},
    )
    return person


def move_person(
    session: WriteSession, actor: Actor, person_id: int, version: int, household_id: int
) -> Person:
    """Let a person live with another household of the actor's areas. Raises `NotFound`, `StaleVersion`."""
    person = get_whole_person(session, actor, person_id, to_edit=True)
    household = get_household(session, actor, household_id)
    if person.version != version:
        raise StaleVersion(version=person.version)
    person.household_id = household.id
    person.version += 1
    session.flush()
    record(
        session,
        actor.label,
        "person.move",
        f"person:{person.code}",
        {"household": household.code, "version": person.version},
    )
    return person


def _set_details(session: WriteSession, person: Person, values: Values) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    if "name" in values:
        person.pinyin, person.pinyin_initials = find_pinyin(person.name)
    if values.get("phone"):
        person.phone = clean_phone(values["phone"])
    if "id_number" in values:
        _set_id_number(session, person, values["id_number"])
    elif person.id_number is not None and {"born_on", "sex"} & set(values):
        _check_id_number(person)


def _set_id_number(session: WriteSession, person: Person, number: str | None) -> None:
    if number is None:
        return
    person.id_number = parse_id_number(number).number
    _check_id_number(person)
    with session.no_autoflush:
        known = find_by_id_number(session, keyring().list_blinds(str(person.id_number), "id_number"))
    if known is not None and known != person.id:
        raise AlreadyRegistered


def _check_id_number(person: Person) -> None:
    said = parse_id_number(str(person.id_number))
    for field in ("born_on", "sex"):
        if getattr(said, field) != getattr(person, field):
            raise IdNumberDiffers(field=field)


def _set_roles(session: WriteSession, person: Person, roles: Iterable[Role]) -> None:
    session.execute(delete(PersonRole).where(PersonRole.person_id == person.id))
    session.add_all(PersonRole(person_id=person.id, role=role) for role in sorted(set(roles)))
    session.flush()
