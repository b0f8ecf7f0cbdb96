"""The factories' objects are valid on both databases, in one chain from compound to placement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from app.db import WriteSession
from app.models import Area, PlacementUse
from app.models.enums import AreaKind, EvidenceKind, GroupKind, Part, ServiceKind, WishPart
from tests.factories.areas import make_alias, make_building, make_committee, make_compound
from tests.factories.needs import make_dated_need, make_group, make_need, make_preferences
from tests.factories.people import (
    make_child,
    make_elder,
    make_evidence,
    make_household,
    make_person,
    make_pickup,
)
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_service, make_slot, make_week


def test_an_elder_gets_from_compound_to_placement(session: WriteSession) -> None:
    building = make_building(session)
    elder = make_elder(session, make_household(session, floor=3, building=building), grade=3)
    service = make_service(session)
    week = make_week(session, care_class := make_class(session, service), weekdays=(0, 2, 4))
    need = make_need(session, elder)
    make_preferences(session, need, [service])
    placement = make_placement(session, need, care_class, week)
    assert placement.weekdays == 0b10101
    assert placement.part is WishPart.full_day
    assert session.scalar(select(func.count()).select_from(PlacementUse)) == 6
    assert make_slot(session, week[0], date(2026, 11, 30)).capacities[0].capacity == 10


def test_children_have_guardians_and_a_group(session: WriteSession) -> None:
    mother = make_person(session)
    children = [make_child(session, guardian=mother) for _ in range(2)]
    make_pickup(session, children[0], mother)
    make_evidence(session, children[0], EvidenceKind.single_parent)
    wish = [((0, 1, 2, 3, 4), WishPart.wave_1700)]
    needs = [make_need(session, child, ServiceKind.after_school, wish) for child in children]
    group = make_group(session, GroupKind.twins, needs)
    assert group.all_or_none
    assert {need.group_id for need in needs} == {group.id}
    week = make_week(session, make_class(session), [0], [Part.wave_1630, Part.wave_1700])
    assert make_placement(session, needs[0], make_class(session), week).part is WishPart.wave_1700


def test_areas_share_their_parents_unless_told_otherwise(session: WriteSession) -> None:
    first, second = make_compound(session), make_compound(session)
    assert first.area.parent_id == second.area.parent_id
    assert make_committee(session, own_block=True).parent_id != make_committee(session).parent_id
    make_alias(session, first.area_id, "老名字")
    roots = select(func.count()).select_from(Area).where(Area.kind == AreaKind.subdistrict)
    assert session.scalar(roots) == 1


def test_a_dated_need_has_its_date(session: WriteSession) -> None:
    need = make_dated_need(session, make_elder(session), date(2026, 11, 25))
    assert need.patterns[0].occurs_on == date(2026, 11, 25)
