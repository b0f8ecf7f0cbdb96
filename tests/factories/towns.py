"""Two committees that must not see each other, with a person, a need and a site each: what tests of scope stand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.models import Area, Need, Person, Site
from app.models.enums import EvidenceKind
from tests.factories.areas import make_building, make_committee, make_compound
from tests.factories.needs import make_need
from tests.factories.people import (
    make_child,
    make_consent,
    make_elder,
    make_evidence,
    make_household,
    make_person,
    make_pickup,
)
from tests.factories.providers import make_class, make_service, make_site, make_slot, make_template

MONDAY = date(2026, 11, 30)


@dataclass(frozen=True)
class Half:
    """One committee: its codes and ids, none of them a row that a closed session would have to load."""

    committee_id: int
    committee: str
    compound_id: int
    building_id: int
    household_id: int
    elder_id: int
    child_id: int
    guardian_id: int
    need_id: int
    site_id: int
    site: str
    service_id: int
    class_id: int
    slot_id: int


SECRETS = {
    "id_number": "990101195005010029",
    "phone": "13877776543",
    "health_note": "隐私病情甲",
    "address": "隐私路一号",
    "evidence": "4",
}
"""What the first half's elder and household hold, to be looked for where it must not be."""


def make_half(
    session: Session,
    *,
    with_secrets: bool = False,
    committee_id: int | None = None,
    site_id: int | None = None,
) -> Half:
    """Make one committee with everything in it; or more people, with a service of their own, in one that is there."""
    area = session.get_one(Area, committee_id) if committee_id else make_committee(session, own_block=True)
    compound = make_compound(session, area)
    building = make_building(session, compound)
    household = make_household(session, compound, building=building, floor=2)
    elder: Person = make_elder(session, household, name="王桂英", pinyin="wangguiying", pinyin_initials="wgy")
    guardian = make_person(session, household)
    child = make_child(session, household, guardian=guardian)
    make_pickup(session, child, guardian)
    grade = make_evidence(session, elder, EvidenceKind.care_grade, SECRETS["evidence"])
    make_evidence(session, elder, EvidenceKind.allergy, "花生")
    make_consent(session, elder)
    need: Need = make_need(session, elder)
    site = session.get_one(Site, site_id) if site_id else make_site(session, area_id=area.id)
    service = make_service(session, site=site)
    care_class = make_class(session, service)
    slot = make_slot(session, make_template(session, care_class), MONDAY)
    if with_secrets:
        household.address = SECRETS["address"]
        for field in ("id_number", "phone", "health_note"):
            setattr(elder, field, SECRETS[field])
    assert grade.id
    session.flush()
    return Half(
        committee_id=area.id,
        committee=area.code,
        compound_id=compound.area_id,
        building_id=building.id,
        household_id=household.id,
        elder_id=elder.id,
        child_id=child.id,
        guardian_id=guardian.id,
        need_id=need.id,
        site_id=site.id,
        site=site.code,
        service_id=service.id,
        class_id=care_class.id,
        slot_id=slot.id,
    )
