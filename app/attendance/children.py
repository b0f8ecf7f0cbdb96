"""Reads what whoever is in charge must know of the children expected: family, dangers, who may fetch them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.clock import SHANGHAI
from app.consents.sharing import NEEDED, list_told
from app.models import Guardianship, Person, PickupAuthorisation, ReadLogRow
from app.models.enums import EvidenceKind

FLAG_FIELDS = ",".join(sorted(NEEDED))
"""How the read log names a look at the flags of a roll."""


@dataclass(frozen=True)
class Pickup:
    """An adult, verified and in force on the day, to whom a child may be handed over."""

    id: int
    name: str
    relation: str


@dataclass(frozen=True)
class Flag:
    """An allergy, a diet or a custody matter; the value may be empty where only the fact is known."""

    kind: EvidenceKind
    value: str


@dataclass(frozen=True)
class Child:
    """One person of a roll."""

    id: int
    name: str
    pinyin: str
    household_id: int
    born_on: date
    flags: Sequence[Flag]
    pickups: Sequence[Pickup]
    is_withheld: bool
    """Something is noted that may not be told here: ask the family."""


def load_children(session: Session, person_ids: Collection[int], on: date) -> dict[int, Child]:
    """Return the people of a roll by id, with what a site may be told of them."""
    ids = list(person_ids)
    told, pickups = list_told(session, ids, on), _load_pickups(session, ids, on)
    rows = session.execute(
        select(Person.id, Person.name, Person.pinyin, Person.household_id, Person.born_on).where(
            Person.id.in_(ids)
        )
    )
    return {
        row.id: Child(
            *row,
            flags=[Flag(proof.kind, proof.value or "") for proof in told[row.id].rows],
            pickups=pickups.get(row.id, ()),
            is_withheld=told[row.id].is_withheld,
        )
        for row in rows
    }


def _load_pickups(session: Session, ids: Sequence[int], on: date) -> dict[int, list[Pickup]]:
    found: dict[int, list[Pickup]] = defaultdict(list)
    rows = session.execute(
        select(
            PickupAuthorisation.child_id,
            PickupAuthorisation.id,
            PickupAuthorisation.adult_name,
            PickupAuthorisation.relation,
        )
        .where(
            PickupAuthorisation.child_id.in_(ids),
            PickupAuthorisation.verified_on.is_not(None),
            PickupAuthorisation.valid_from <= on,
            or_(PickupAuthorisation.valid_to.is_(None), PickupAuthorisation.valid_to >= on),
        )
        .order_by(PickupAuthorisation.id)
    )
    for child_id, id_, name, relation in rows:
        found[child_id].append(Pickup(id_, name, relation))
    return found


def list_not_logged(session: Session, user_id: int, children: Collection[Child], since: date) -> list[int]:
    """Return whose flags the user is about to see without a note of it today: a page that refreshes notes it once."""
    flagged = {child.id for child in children if child.flags}
    from_instant = datetime.combine(since, time(), SHANGHAI)
    noted = session.scalars(
        select(ReadLogRow.person_id).where(
            ReadLogRow.user_id == user_id,
            ReadLogRow.fields == FLAG_FIELDS,
            ReadLogRow.person_id.in_(list(flagged)),
            ReadLogRow.at >= from_instant,
        )
    )
    return sorted(flagged - set(noted))


@dataclass(frozen=True)
class Contact:
    """Whom to call about a child, in order: guardians first, then others who may fetch it."""

    name: str
    relation: str
    phone: str


def list_contacts(session: Session, child_id: int, on: date) -> list[Contact]:
    """Return the guardians of a child, then those who may fetch it; the caller notes the reading first."""
    guardians = session.execute(
        select(Person, Guardianship.relation)
        .join(Guardianship, Guardianship.guardian_id == Person.id)
        .where(
            Guardianship.child_id == child_id,
            Guardianship.valid_from <= on,
            or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= on),
        )
        .order_by(Guardianship.id)
    )
    found = [Contact(person.name, relation, person.phone or "") for person, relation in guardians]
    rows = session.scalars(
        select(PickupAuthorisation)
        .where(
            PickupAuthorisation.child_id == child_id,
            PickupAuthorisation.valid_from <= on,
            or_(PickupAuthorisation.valid_to.is_(None), PickupAuthorisation.valid_to >= on),
        )
        .order_by(PickupAuthorisation.id)
    )
    known = {each.name for each in found}
    return found + [
        Contact(row.adult_name, row.relation, row.phone or "") for row in rows if row.adult_name not in known
    ]
