"""Who may not be worked on: children under 14 for whom no guardian in office has a live consent to matching.

The one door: rules get their facts of people behind it (options/people.py), and everything that sets a place aside
passes it again under its locks (`check_may_process`), for a consent may be withdrawn in between.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.among import is_among
from app.consents.errors import GuardianConsentMissing, HealthConsentMissing
from app.consents.rules import find_youngest_of_age
from app.models import Consent, Guardianship, Person
from app.models.enums import ConsentPurpose
from app.policies.queries import get_policy

People = Collection[int] | Select[*tuple[Any, ...]]
"""Ids of people, or a statement that selects them."""


def list_barred(session: Session, people: People, on: date) -> set[int]:
    """Return those of these people whom the program may not work on."""
    asked = {"youngest": find_youngest(session, on), "today": on}
    if isinstance(people, Select):
        return set(session.scalars(select(Person.id).where(IS_BARRED, Person.id.in_(people)), asked))
    return set(session.scalars(_BARRED_OF, asked | {"people": list(people)}))


def find_youngest(session: Session, on: date) -> date:
    """Return the birthday after which somebody is too young to decide on a day."""
    return find_youngest_of_age(int(get_policy(session, "guardian_consent_under_years", on)), on)


def check_may_process(session: Session, people: People, on: date) -> None:
    """Raise `GuardianConsentMissing` where one of these people may not be worked on."""
    if list_barred(session, people, on):
        years = int(get_policy(session, "guardian_consent_under_years", on))
        raise GuardianConsentMissing(years=years)


def _is_barred() -> ColumnElement[bool]:
    """Return the condition on `Person`: too young to decide, and no guardian in office has said yes and means it."""
    today, youngest = bindparam("today", type_=Date()), bindparam("youngest", type_=Date())
    leave = (
        select(Consent.id)
        .join(
            Guardianship,
            (Guardianship.child_id == Consent.person_id) & (Guardianship.guardian_id == Consent.given_by_id),
        )
        .where(
            Consent.person_id == Person.id,
            Consent.purpose == ConsentPurpose.matching,
            Consent.given_on <= today,
            or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > today),
            or_(Consent.valid_to.is_(None), Consent.valid_to >= today),
            Guardianship.valid_from <= today,
            or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= today),
        )
        .correlate(Person)
    )
    return (Person.born_on > youngest) & ~leave.exists()


IS_BARRED: Final = _is_barred()
"""On `Person`, with `:today` and `:youngest` (`find_youngest`)."""
_BARRED_OF: Final = select(Person.id).where(IS_BARRED, Person.id.in_(bindparam("people", expanding=True)))
"""Built once: every place that is set aside asks it under its locks."""


def check_may_use_health(session: Session, person_id: int, on: date) -> None:
    """Raise `HealthConsentMissing` unless the person, or a guardian in office, consents to the use of health data."""
    if session.scalar(_HEALTH, {"person_id": person_id, "today": on}) is None:
        raise HealthConsentMissing


BY_GUARDIAN: Final = (
    select(Guardianship.id)
    .where(
        Guardianship.child_id == Consent.person_id,
        Guardianship.guardian_id == Consent.given_by_id,
        Guardianship.valid_from <= bindparam("today", type_=Date()),
        or_(Guardianship.valid_to.is_(None), Guardianship.valid_to >= bindparam("today", type_=Date())),
    )
    .exists()
)
"""On `Consent`, with `:today`: whoever gave it is a guardian in office."""


def _is_live() -> ColumnElement[bool]:
    today = bindparam("today", type_=Date())
    return and_(
        Consent.given_on <= today,
        or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > today),
        or_(Consent.valid_to.is_(None), Consent.valid_to >= today),
        or_(Consent.given_by_id == Consent.person_id, BY_GUARDIAN),
    )


IS_LIVE: Final = _is_live()
"""On `Consent`, with `:today`: in force, and given by the person or by a guardian in office."""
_HAS_NONE: Final = ~(
    select(Consent.id)
    .where(Consent.person_id == Person.id, Consent.purpose == ConsentPurpose.matching, IS_LIVE)
    .correlate(Person)
    .exists()
)


def list_lost_consent(session: Session, people: Select[*tuple[Any, ...]], on: date) -> set[int]:
    """Return those of these people whose consent to matching has ended; for children under 14 see `list_barred`.

    Asks the few of whom a consent can have ended: a night asks about 20,000 people while nobody else may write.
    """
    ended = select(Consent.person_id).where(
        Consent.purpose == ConsentPurpose.matching,
        or_(
            Consent.withdrawn_on.is_not(None),
            Consent.valid_to.is_not(None),
            Consent.given_by_id != Consent.person_id,  # ends with the guardian's office
        ),
        Consent.person_id.in_(people),
    )
    few = set(session.scalars(ended))
    if not few:
        return few
    asked = select(Person.id).where(_HAS_NONE, is_among(Person.id, "people"))
    return set(session.scalars(asked, {"today": on, "people": few}))


_HEALTH: Final = (
    select(Consent.id)
    .where(
        Consent.person_id == bindparam("person_id", type_=BigInteger()),
        Consent.purpose == ConsentPurpose.health_data,
        IS_LIVE,
    )
    .limit(1)
)
