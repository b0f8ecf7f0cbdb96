"""Address and phone of people whom somebody goes to: sealed fields, read for papers only; the caller notes the look."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Household, Person


def load_contacts(session: Session, person_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return (address, phone) by person id; empty texts where there is none."""
    rows = session.execute(
        select(Person, Household)
        .join(Household, Household.id == Person.household_id)
        .where(Person.id.in_(person_ids))
    )
    return {person.id: (household.address or "", person.phone or "") for person, household in rows}
