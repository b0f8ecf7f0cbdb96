"""Lists that offices already keep: merged titles, unit rows, their own headers; importing twice changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.actor import system_actor
from app.clock import now
from app.models import Evidence, Household, ImportMapping, Need, Person
from app.models.enums import EvidenceKind, Role, ServiceKind, Sex
from app.workbook.commands import import_workbook
from app.workbook.errors import UnusableFile
from app.workbook.examining import Options
from app.workbook.foreign import find_list, import_list, propose_mapping
from app.workbook.mapping import Mapping, read_mapping, write_mapping
from tests.app.workbook.town import GRANDMOTHER, TODAY, id_number, make_town, write_town

if TYPE_CHECKING:
    from app.db import Database
    from app.workbook.report import Report

NEWCOMER = id_number("99010219401212004")
HEADERS = [
    "序号",
    "老人姓名",
    "身份证号码",
    "性 别",
    "联系电话",
    "居住小区",
    "楼号",
    "室号",
    "评估等级",
    "是否独居",
    "服务需求",
    "备注",
]
ROWS: list[list[Any]] = [
    [1, "王秀英·样例", GRANDMOTHER, "女", "000 1234 5678", "桥一", "1号楼", "501", "三级", "否", "日托", ""],
    [2, "周　月琴·样例", NEWCOMER.lower(), "女", 12345681.0, "桥二小区", "9号楼", "302室", 4, "是", "日托、助餐", "常来"],
    [3, "吴德明·样例", "", "男", "", "桥二小区", "", "", "", "", "", "没有出生日期"],
]  # fmt: skip


def write_list(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("名单")
        page.merge_range(0, 0, 0, len(HEADERS) - 1, "样例街道老人情况统计表（合成数据）", book.add_format())
        page.merge_range(1, 0, 1, len(HEADERS) - 1, "填表日期：2026年11月", book.add_format())
        page.write_row(2, 0, HEADERS)
        page.write_row(3, 0, ["", "（姓名）", "", "", "", "", "（号）", "（室）", "（级）"])
        for number, row in enumerate(rows, start=4):
            for index, cell in enumerate(row):
                (page.write_string if isinstance(cell, str) else page.write_number)(number, index, cell)
        page.write_row(4 + len(rows), 0, ["", "合计：3人"])
    return path


@pytest.fixture
def filled(database: Database, tmp_path: Path) -> Database:
    import_workbook(database, write_town(tmp_path / "town.xlsx", make_town()), system_actor(), Options(TODAY))
    return database


def bring(database: Database, path: Path, mapping: Mapping | None, **more: Any) -> Report:
    return import_list(database, path, mapping, system_actor(), Options(TODAY, **more), now())


def propose(database: Database, path: Path) -> Mapping:
    return propose_mapping(database, path, "样例名单", TODAY)[0]


def test_mapping_is_proposed_past_titles_and_survives_toml(filled: Database, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.xlsx", ROWS)
    assert find_list(path)[1] == 2
    mapping, is_remembered = propose_mapping(filled, path, "样例名单", TODAY)
    assert not is_remembered
    assert mapping.columns == {
        "老人姓名": "name", "身份证号码": "id_number", "性 别": "sex", "联系电话": "phone", "居住小区": "compound",
        "楼号": "building", "室号": "address", "评估等级": "care_grade", "是否独居": "lives_alone", "服务需求": "need_kind",
    }  # fmt: skip
    assert mapping.unused == ["序号", "备注"]
    write_mapping(tmp_path / "map.toml", mapping)
    assert read_mapping(tmp_path / "map.toml") == mapping


def test_fault_of_a_list_is_named_at_the_lists_own_header(filled: Database, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.xlsx", ROWS)
    report = bring(filled, path, propose(filled, path))
    assert [(f.code, f.sheet, f.row, f.header) for f in report.faults] == [
        ("required", "名单", 7, "出生日期")
    ]
    assert not report.imported


def test_list_brings_people_proofs_and_wishes_once(filled: Database, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.xlsx", ROWS[:2])
    report = bring(filled, path, propose(filled, path))
    assert report.faults == []
    with filled.reading() as session:
        known = session.scalars(select(Person).where(Person.code == "P1")).one()
        assert known.health_note == "高血压"
        assert session.scalars(select(Household.code).where(Household.id == known.household_id)).one() == "H1"
        new = session.scalars(select(Person).where(Person.name == "周月琴·样例")).one()
        assert (new.id_number, new.sex, new.born_on, new.phone) == (
            NEWCOMER, Sex.female, date(1940, 12, 12), "12345681",
        )  # fmt: skip
        home = session.get_one(Household, new.household_id)
        assert home.address == "9号楼302室", "an unregistered building belongs to the address"
        proofs = session.scalars(select(Evidence).where(Evidence.person_id == new.id)).all()
        assert {(p.kind, p.value) for p in proofs} == {
            (EvidenceKind.care_grade, "4"), (EvidenceKind.lives_alone, None),
        }  # fmt: skip
        wishes = session.scalars(select(Need).where(Need.person_id == new.id)).all()
        assert {w.kind for w in wishes} == {ServiceKind.day_care, ServiceKind.canteen}
        assert {w.entered_on for w in wishes} == {TODAY}
        wishes = session.scalars(select(Need.code).where(Need.person_id == known.id)).all()
        assert wishes == ["W1"], "a wish that is open already is not opened twice"
        assert session.scalar(select(func.count()).select_from(Person)) == 6
        assert NEWCOMER[6:14] not in new.code
    assert not bring(filled, path, propose(filled, path)).has_changes


def test_remembered_mapping_is_used_for_the_same_headers(filled: Database, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.xlsx", ROWS[:2])
    with pytest.raises(UnusableFile) as refused:
        bring(filled, path, None)
    assert refused.value.code == "no_mapping"
    mapping = propose(filled, path)
    mapping.columns["备注"] = "note"
    bring(filled, path, mapping)
    next_month = write_list(
        tmp_path / "next.xlsx", [[1, "郑宝珠·样例", id_number("99010219390101002"), *ROWS[1][3:]]]
    )
    assert bring(filled, next_month, None).changes["people"].as_json()["new"] == 1
    assert propose_mapping(filled, next_month, None, TODAY) == (mapping, True)
    with filled.reading() as session:
        assert session.scalars(select(ImportMapping.source)).all() == ["样例名单"]


def test_child_of_a_list_is_a_child(filled: Database, tmp_path: Path) -> None:
    child = [1, "陈一诺·样例", id_number("99010220190909004"), "女", "", "桥一", "", "", "", "", "晚托", ""]
    path = write_list(tmp_path / "list.xlsx", [child])
    report = bring(filled, path, propose(filled, path), dry_run=True)
    assert report.faults == []
    (row,) = report.changes["people"].new
    assert row["roles"] == (Role.child,)
    (wish,) = report.changes["needs"].new
    assert wish["kind"] is ServiceKind.after_school
    assert [p.weekdays for p in wish["patterns"]] == [0b11111]


@pytest.mark.parametrize(
    "text",
    ["", "source = 1", 'source = "x"\n[columns]\n"姓名" = "nom"', "source = ", '[columns]\n"姓名" = "name"'],
)
def test_unusable_mapping_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnusableFile) as refused:
        read_mapping(tmp_path / "map.toml")
    assert refused.value.code == "mapping_unusable"


def test_list_without_a_header_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["甲", "乙", "丙"])
    with pytest.raises(UnusableFile) as refused:
        find_list(tmp_path / "x.xlsx")
    assert refused.value.code == "no_header"
