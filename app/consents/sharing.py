"""What a site is told of the people it looks after: asked by everything made for a site, on a screen or on paper.

A purpose, a consent (domain-rules.md): nothing of health, diet or custody reaches a site without the consent to share
it, and nothing of health without the consent to use it. Where something is known and may not be told, the site is told
that much, so that nobody takes silence for "no allergy" (docs/decisions/0026).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.consents.errors import SharingConsentMissing
from app.consents.queries import IS_LIVE
from app.models import Consent, Evidence
from app.models.enums import ConsentPurpose, EvidenceKind

_SHARED: Final = frozenset({ConsentPurpose.sharing_with_site})
_SHARED_HEALTH: Final = _SHARED | {ConsentPurpose.health_data}
NEEDED: Final[Mapping[EvidenceKind, frozenset[ConsentPurpose]]] = {
    EvidenceKind.allergy: _SHARED_HEALTH,
    EvidenceKind.diet: _SHARED_HEALTH,
    EvidenceKind.custody: _SHARED,
}
"""What keeps a site from doing harm, with the consents each needs; income, grade and family stay with the desk."""
EATING: Final = frozenset({EvidenceKind.allergy, EvidenceKind.diet})
"""What a kitchen needs of it."""


@dataclass
class Told:
    """What a site is told of one person on a day."""

    rows: list[Evidence] = field(default_factory=list)
    is_withheld: bool = False
    """Something is known that nobody has consented to tell: whoever is in charge has to ask."""


def list_told(
    session: Session, people: Collection[int], on: date, kinds: Collection[EvidenceKind] = NEEDED.keys()
) -> Mapping[int, Told]:
    """Return what sites are told of these people, by id: nothing of whoever has nothing to be told."""
    rows = session.scalars(
        select(Evidence)
        .where(
            Evidence.person_id.in_(list(people)),
            Evidence.kind.in_(NEEDED.keys() & set(kinds)),
            Evidence.valid_from <= on,
            or_(Evidence.valid_to.is_(None), Evidence.valid_to >= on),
        )
        .order_by(Evidence.kind, Evidence.id)
    ).all()
    given = _list_given(session, {row.person_id for row in rows}, on)
    found: dict[int, Told] = defaultdict(Told)
    for row in rows:
        told = found[row.person_id]
        if given[row.person_id] >= NEEDED[row.kind]:
            told.rows.append(row)
        else:
            told.is_withheld = True
    return found


def check_may_share(session: Session, person_id: int, on: date) -> None:
    """Raise `SharingConsentMissing` unless the person, or a guardian in office, lets sites know."""
    if not _list_given(session, {person_id}, on)[person_id] >= _SHARED:
        raise SharingConsentMissing


def _list_given(session: Session, people: Collection[int], on: date) -> Mapping[int, set[ConsentPurpose]]:
    given: dict[int, set[ConsentPurpose]] = defaultdict(set)
    wanted = (
        Consent.person_id.in_(list(people)),
        Consent.purpose.in_((ConsentPurpose.health_data, ConsentPurpose.sharing_with_site)),
    )
    for person_id, purpose in session.execute(
        select(Consent.person_id, Consent.purpose).where(*wanted, IS_LIVE), {"today": on}
    ):
        given[person_id].add(purpose)
    return given
