"""The area tree and the lookup of areas by the names that offices write."""

from __future__ import annotations

from datetime import date

from app.areas.queries import (
    find_area,
    find_area_by_name,
    get_bounds,
    list_ancestor_ids,
    list_descendant_ids,
    load_area_names,
)
from app.areas.rules import HUANGPU, Bounds
from app.db import WriteSession
from app.models import Policy
from app.models.enums import AreaKind
from tests.factories.areas import make_alias, make_area, make_committee, make_compound
from tests.factories.people import TODAY


def test_scope_reaches_everything_below_and_nothing_beside(session: WriteSession) -> None:
    committee, other = make_committee(session), make_committee(session, own_block=True)
    mine = make_compound(session, committee)
    theirs = make_compound(session, other)
    below = list_descendant_ids(session, [committee.parent_id or 0])
    assert {committee.parent_id, committee.id, mine.area_id} <= below
    assert not {other.id, other.parent_id, theirs.area_id} & below


def test_no_area_means_no_scope(session: WriteSession) -> None:
    make_compound(session)
    assert list_descendant_ids(session, []) == set()
    assert list_descendant_ids(session, [-1]) == set()


def test_subdistrict_holds_the_whole_tree(session: WriteSession) -> None:
    compound = make_compound(session)
    chain = list_ancestor_ids(session, compound.area_id)
    assert len(chain) == 4
    assert chain[0] == compound.area_id
    assert set(chain) <= list_descendant_ids(session, [chain[-1]])


def test_area_is_found_by_code_name_and_alias(session: WriteSession) -> None:
    area = make_compound(session, code="SYN-C01").area
    make_alias(session, area.id, "老桥一")
    for text in ("SYN-C01", "ｓｙｎ-c01", area.name_zh, f" {area.name_zh}\u3000", "老 桥一"):
        found = find_area_by_name(session, text)
        assert found is not None, text
        assert found.id == area.id
    assert find_area_by_name(session, "没有这个小区") is None
    found = find_area(session, "SYN-C01")
    assert found is not None
    assert found.id == area.id


def test_name_of_two_compounds_is_ambiguous_until_an_alias_decides(session: WriteSession) -> None:
    first, second = (make_area(session, AreaKind.compound) for _ in range(2))
    first.name_zh = second.name_zh = "同名小区"
    session.flush()
    names = load_area_names(session, AreaKind.compound)
    assert names.find("同名小区") is None
    assert names.is_ambiguous("同名 小区")
    make_alias(session, second.id, "同名小区")
    names = load_area_names(session, AreaKind.compound)
    assert names.find("同名小区") == second.id
    assert not names.is_ambiguous("同名小区")


def test_bounds_are_policy_with_a_default(session: WriteSession) -> None:
    assert get_bounds(session, TODAY) == HUANGPU
    session.add(
        Policy(key="district_bounds", value=[31, 121, 32, 122], valid_from=date(2026, 1, 1), source="测试")
    )
    session.flush()
    assert get_bounds(session, TODAY) == Bounds(31, 121, 32, 122)
    assert get_bounds(session, date(2025, 12, 31)) == HUANGPU
