"""Who may not be worked on: children under 14 for whom no guardian in office has a live consent to matching.

The one door: rules get their facts of people behind it (options/people.py), and everything that sets a place aside
passes it again under its locks (`check_may_process`), for a consent may be withdrawn in between.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.consents.errors import GuardianConsentMissing
from app.consents.rules import find_youngest_of_age
from app.models import Consent, Guardianship, Person
from app.models.enums import ConsentPurpose
from app.policies.queries import get_policy

People = Collection[int] | Select[*tuple[Any, ...]]
"""Ids of people, or a statement that selects them."""


def list_barred(session: Session, people: People, on: date) -> set[int]:
    """Return those of these people whom the program may not work on."""
    years = int(get_policy(session, "guardian_consent_under_years", on))
    query = select(Person.id).where(is_barred(years, on), Person.id.in_(people))
    return set(session.scalars(query))


def check_may_process(session: Session, people: People, on: date) -> None:
    """Raise `GuardianConsentMissing` where one of these people may not be worked on."""
    if list_barred(session, people, on):
        years = int(get_policy(session, "guardian_consent_under_years", on))
        raise GuardianConsentMissing(years=years)


def is_barred(years: int, on: date) -> ColumnElement[bool]:
    """Return the condition on `Person`: too young to decide, and no guardian in office has said yes and means it."""
    leave = (
        select(Consent.id)
        .join(
            Guardianship,
            (Guardianship.child_id == Consent.person_id) & (Guardianship.guardian_id == Consent.given_by_id),
        )
        .where(
            Consent.person_id == Person.id,
            Consent.purpose == ConsentPurpose.matching,
            Consent.given_on <= on,
            or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > on),
            or_(Consent.valid_to.is_(None), Consent.valid_to >= on),
            Guardianship.valid_from <= on,
            or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= on),
        )
        .correlate(Person)
    )
    return (Person.born_on > find_youngest_of_age(years, on)) & ~leave.exists()
