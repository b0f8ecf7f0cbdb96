"""A workbook with many different faults: each one is named with sheet, row and column, and nothing is imported."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.actor import system_actor
from app.models import Area, Person
from app.workbook.cells import write_cell
from app.workbook.commands import import_workbook
from app.workbook.examining import Options
from app.workbook.sentences import SENTENCES
from app.workbook.sheets import BY_KEY, SHEETS
from tests.app.workbook.town import GRANDFATHER, GRANDMOTHER, TODAY, make_town

if TYPE_CHECKING:
    from app.db import Database

Raw = dict[str, list[dict[str, Any]]]


def to_raw(town: dict[str, list[dict[str, Any]]]) -> Raw:
    """Return the town as cells, so that a test can put anything into one."""
    return {
        key: [
            {
                column.key: "" if (cell := write_cell(column, row.get(column.key))) is None else str(cell)
                for column in BY_KEY[key].columns
            }
            for row in rows
        ]
        for key, rows in town.items()
    }


def write_raw(path: Path, raw: Raw) -> Path:
    """Write cells as they are: texts as texts, numbers as numbers."""
    with xlsxwriter.Workbook(path) as book:
        for sheet in SHEETS:
            if sheet.key in raw:
                page = book.add_worksheet(sheet.zh)
                page.write_row(0, 0, [column.zh for column in sheet.columns])
                for number, row in enumerate(raw[sheet.key], start=1):
                    for index, column in enumerate(sheet.columns):
                        cell = row.get(column.key, "")
                        write = page.write_string if isinstance(cell, str) else page.write_number
                        write(number, index, cell)
    return path


SPOILED: list[tuple[str, int, str, Any, str]] = [
    # sheet, index of the row, column, what the cell holds, fault
    ("areas", 1, "kind", "楼组", "unknown_word"),
    ("areas", 2, "parent", "WLQ", "parent_level"),
    ("compounds", 0, "longitude", "东经", "not_a_number"),
    ("compounds", 1, "residents_60_plus", 499, "parts_exceed_whole"),
    ("buildings", 1, "floors", 130, "out_of_range"),
    ("buildings", 1, "has_lift", "否", "retrofit_without_lift"),
    ("sites", 0, "taxonomy_code", "日托", "malformed"),
    ("services", 0, "limit_metres", "1000.5", "not_a_whole_number"),
    ("services", 1, "is_active", "也许", "not_yes_no"),
    ("service_rules", 1, "data", "{areas}", "not_json"),
    ("classes", 1, "age_to_months", 60, "ages_out_of_order"),
    ("days", 1, "runs_as_weekday", "周八", "not_a_weekday"),
    ("terms", 0, "ends_on", "2026-08-01", "ends_before_start"),
    ("templates", 0, "starts_at_local", "九点半钟", "not_a_time"),
    ("templates", 1, "ends_at_local", "08:00", "times_out_of_order"),
    ("closures", 0, "site", "S9", "unknown_code"),
    ("policies", 0, "source", "", "required"),
    ("price_rules", 0, "percent_off", -5, "out_of_range"),
    ("rounds", 0, "opens_on", "2026-12-05", "dates_out_of_order"),
    ("households", 0, "floor", 9, "floor_above_building"),
    ("households", 1, "compound", "桥九小区", "unknown_code"),
    ("people", 0, "id_number", GRANDMOTHER[:-1] + ("0" if GRANDMOTHER[-1] != "0" else "1"), "id_number_checksum"),
    ("people", 1, "born_on", "2018年13月1日", "not_a_date"),
    ("people", 2, "phone", "打座机", "not_a_phone"),
    ("people", 3, "sex", "女", "sex_differs"),
    ("people", 4, "name", "13800000000", "not_a_name"),
    ("evidence", 0, "value", "7", "care_grade_unknown"),
    ("consents", 0, "given_on", "2027-01-01", "in_the_future"),
    ("guardianships", 0, "guardian", "P2", "guards_themselves"),
    ("pickups", 0, "relation", "很" * 21, "too_long"),
    ("needs", 0, "patterns", "有空就去", "not_a_pattern"),
    ("needs", 1, "patterns", "一二三 午餐", "part_not_of_kind"),
    ("needs", 3, "rhythm", "每周固定", "pattern_not_weekly"),
    ("placements", 0, "pin_reason", "", "pin_without_reason"),
    ("placements", 1, "weekdays", "六", "no_cells"),
    ("placements", 1, "uses", "名额", "not_amounts"),
    ("exceptions", 0, "placement", "A9", "unknown_code"),
    ("offers", 0, "sent_at", "昨天", "not_an_instant"),
    ("bookings", 0, "code", "预约一", "not_a_code"),
]  # fmt: skip


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    raw = to_raw(make_town())
    for sheet, index, column, cell, _ in SPOILED:
        raw[sheet][index][column] = cell
    raw["people"].append(raw["people"][3] | {"code": "P4", "id_number": GRANDFATHER})
    return write_raw(tmp_path / "spoiled.xlsx", raw)


def place_of(sheet: str, column: str) -> tuple[str, str]:
    index = [c.key for c in BY_KEY[sheet].columns].index(column)
    return chr(65 + index), BY_KEY[sheet].columns[index].zh


def test_every_fault_is_named_at_its_place_and_nothing_is_imported(database: Database, spoiled: Path) -> None:
    report = import_workbook(database, spoiled, system_actor(), Options(TODAY))
    found = {(f.code, f.sheet, f.row, f.letter, f.header) for f in report.faults}
    elsewhere = {"parts_exceed_whole": "residents", "pattern_not_weekly": "patterns"}
    wanted = {
        (code, BY_KEY[sheet].zh, index + 2, *place_of(sheet, elsewhere.get(code, column)))
        for sheet, index, column, _, code in SPOILED
    }
    again = {
        ("duplicate_row", "人员", 7, *place_of("people", "code")),
        ("duplicate_id_number", "人员", 7, *place_of("people", "id_number")),
        ("sex_differs", "人员", 7, *place_of("people", "sex")),
    }
    assert found == wanted | again
    assert len(report.faults) == len(found)
    assert len({code for code, *_ in found}) >= 30
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 0
    for fault in report.faults:
        assert "{" not in fault.zh + fault.en, fault
        assert "?" not in fault.en, fault
        assert json.dumps(fault.as_json(), ensure_ascii=False)


def test_sensitive_cells_are_not_repeated_in_a_fault(database: Database, spoiled: Path) -> None:
    report = import_workbook(database, spoiled, system_actor(), Options(TODAY))
    said = " ".join(fault.zh + fault.en for fault in report.faults)
    assert GRANDMOTHER[:17] not in said
    assert GRANDFATHER not in said
    assert "13800000000" not in said


def test_skipping_faulty_rows_skips_what_depends_on_them_and_names_it(
    database: Database, tmp_path: Path
) -> None:
    raw = to_raw(make_town())
    raw["people"][3]["born_on"] = "1946-01-02"
    path = write_raw(tmp_path / "one.xlsx", raw)
    report = import_workbook(database, path, system_actor(), Options(TODAY, skip_faulty=True))
    assert [(f.code, f.sheet, f.row) for f in report.faults] == [
        ("birth_date_differs", "人员", 5),
        ("depends_on_skipped", "证明材料", 3),
        ("depends_on_skipped", "需求", 4),
        ("depends_on_skipped", "长期安排", 2),
        ("depends_on_skipped", "请假", 2),
    ]
    assert report.imported
    assert report.skipped == 5
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 4


def test_every_fault_code_has_a_sentence_in_both_languages() -> None:
    for code, (zh, en) in SENTENCES.items():
        assert zh.endswith(("。", "{hint}")), code
        assert en.endswith((".", "{hint_en}")), code


def test_missing_and_doubled_headers_are_named(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "headers.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("机构")
        page.write_row(0, 0, ["编码", "英文名称", "英文名称"])
        page.write_row(1, 0, ["PV1", "One", "Two"])
    report = import_workbook(database, path, system_actor(), Options(TODAY))
    assert [(f.code, f.sheet, f.row, f.letter) for f in report.faults] == [
        ("header_missing", "机构", 1, ""),
        ("header_twice", "机构", 1, "B"),
    ]
    assert "名称" in report.faults[0].zh


@pytest.mark.parametrize(
    "cell",
    [
        "2026-3-1",
        "2026/03/01",
        "2026年3月1日",
        "20260301",
        "２０２６．３．１",
        46082,
        "46082",
        " 2026-03-01　",
    ],
)
def test_date_is_read_however_it_is_written(database: Database, tmp_path: Path, cell: Any) -> None:
    raw: Raw = {
        "years": [{"year": "２０２６", "state": "已公布"}],
        "days": [{"on_date": cell, "kind": "放假", "name_zh": "样例"}],
    }
    path = write_raw(tmp_path / "day.xlsx", raw)
    report = import_workbook(database, path, system_actor(), Options(TODAY, dry_run=True))
    assert report.faults == []
    assert report.changes["days"].new[0]["on_date"] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("sheet", "column", "cell", "fault"),
    [
        ("closures", "ends_on", "9999-12-31", "date_out_of_bounds"),
        ("closures", "ends_on", "2029-12-31", "closed_too_long"),
        ("evidence", "valid_to", "2101-01-01", "date_out_of_bounds"),
        ("people", "born_on", "0001-01-01", "date_out_of_bounds"),
        ("needs", "starts_on", 80_000, "date_out_of_bounds"),
        ("offers", "sent_at", "9999-12-31 08:00", "not_an_instant"),
    ],
)
def test_dates_beyond_the_bounds_are_named(
    database: Database, tmp_path: Path, sheet: str, column: str, cell: Any, fault: str
) -> None:
    raw = to_raw(make_town())
    raw[sheet][0][column] = cell
    path = write_raw(tmp_path / "far.xlsx", raw)
    report = import_workbook(database, path, system_actor(), Options(TODAY, dry_run=True))
    assert (fault, BY_KEY[sheet].zh, 2) in {(f.code, f.sheet, f.row) for f in report.faults}
    assert all("{" not in f.zh + f.en for f in report.faults)
