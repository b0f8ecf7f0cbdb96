"""Smallest valid people: an elder, a child with guardian and consent, and what is proven about them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.models import (
    Building,
    Compound,
    Consent,
    Evidence,
    Guardianship,
    Household,
    Person,
    PersonRole,
    PickupAuthorisation,
)
from app.models.enums import ConsentPurpose, EvidenceKind, Role, Sex
from tests.factories.areas import make_compound
from tests.factories.serials import start_serials

_serials = start_serials()

TODAY = date(2026, 11, 23)
"""A Monday and workday; the day on which factories think they are."""
LONG_AGO = date(2025, 1, 1)
GIVEN = (ConsentPurpose.matching, ConsentPurpose.health_data, ConsentPurpose.sharing_with_site)


def make_household(
    session: Session, compound: Compound | None = None, *, building: Building | None = None, floor: int = 1
) -> Household:
    """Make a household, on the ground floor unless said otherwise."""
    household = Household(
        code=f"F-household-{next(_serials)}",
        compound_id=(compound or make_compound(session)).area_id,
        building_id=building.id if building else None,
        floor=floor,
    )
    session.add(household)
    session.flush()
    return household


def make_person(
    session: Session, household: Household | None = None, *, role: Role | None = None, **columns: Any
) -> Person:
    """Make a person (an adult of 40 without a role unless said otherwise); `columns` go to the row."""
    serial = next(_serials)
    given: dict[str, Any] = {
        "code": f"F-person-{serial}",
        "name": f"测试人{serial}",
        "sex": Sex.female,
        "born_on": date(1986, 5, 1),
        "is_synthetic": True,
        "household_id": (household or make_household(session)).id,
    }
    person = Person(**(given | columns))
    session.add(person)
    session.flush()
    if role is not None:
        session.add(PersonRole(person_id=person.id, role=role))
        session.flush()
    return person


def make_elder(
    session: Session,
    household: Household | None = None,
    *,
    grade: int | None = None,
    with_consent: bool = True,
    **columns: Any,
) -> Person:
    """Make an elder of 76 who consented to all that the program asks for; `grade` adds a care grade in force."""
    person = make_person(session, household, role=Role.elder, **({"born_on": date(1950, 5, 1)} | columns))
    if with_consent:
        for purpose in GIVEN:
            make_consent(session, person, purpose=purpose)
    if grade is not None:
        make_evidence(session, person, EvidenceKind.care_grade, str(grade), valid_to=date(2027, 6, 30))
    return person


def make_child(
    session: Session,
    household: Household | None = None,
    *,
    guardian: Person | None = None,
    with_consent: bool = True,
    **columns: Any,
) -> Person:
    """Make a child of 8 with a guardian in the same household, who consented to all of it."""
    household = household or make_household(session)
    guardian = guardian or make_person(session, household)
    child = make_person(session, household, role=Role.child, **({"born_on": date(2018, 5, 1)} | columns))
    make_guardianship(session, child, guardian)
    if with_consent:
        for purpose in GIVEN:
            make_consent(session, child, given_by=guardian, purpose=purpose)
    return child


def make_evidence(
    session: Session,
    person: Person,
    kind: EvidenceKind,
    value: str | None = None,
    *,
    valid_from: date = LONG_AGO,
    valid_to: date | None = None,
) -> Evidence:
    """Make a dated proof, in force since long ago and without end unless said otherwise."""
    row = Evidence(
        code=f"F-evidence-{next(_serials)}",
        person_id=person.id,
        kind=kind,
        source="测试",
        valid_from=valid_from,
        valid_to=valid_to,
    )
    row.value = value
    session.add(row)
    session.flush()
    return row


def make_consent(
    session: Session,
    person: Person,
    *,
    given_by: Person | None = None,
    purpose: ConsentPurpose = ConsentPurpose.matching,
    withdrawn_on: date | None = None,
) -> Consent:
    """Make a consent, the person's own unless somebody else gives it."""
    row = Consent(
        code=f"F-consent-{next(_serials)}",
        person_id=person.id,
        purpose=purpose,
        given_by_id=(given_by or person).id,
        given_on=LONG_AGO,
        withdrawn_on=withdrawn_on,
    )
    session.add(row)
    session.flush()
    return row


def make_guardianship(session: Session, child: Person, guardian: Person) -> Guardianship:
    """Make somebody the guardian of a child."""
    row = Guardianship(child_id=child.id, guardian_id=guardian.id, relation="母亲", valid_from=LONG_AGO)
    session.add(row)
    session.flush()
    return row


def make_pickup(session: Session, child: Person, adult: Person) -> PickupAuthorisation:
    """Make a verified adult to whom the child may be handed over."""
    row = PickupAuthorisation(
        code=f"F-pickup-{next(_serials)}",
        child_id=child.id,
        adult_id=adult.id,
        adult_name=adult.name,
        relation="外祖母",
        verified_on=LONG_AGO,
        valid_from=LONG_AGO,
    )
    session.add(row)
    session.flush()
    return row
