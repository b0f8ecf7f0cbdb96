"""The declarations agree with the tables, and the template shows what they say."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import openpyxl
import pytest

from app.db import Base
from app.workbook.commands import write_template
from app.workbook.sheet import Column, Kind, Sheet
from app.workbook.sheets import SHEETS
from app.workbook.words import words_of
from app.workbook.writing import describe

if TYPE_CHECKING:
    from pathlib import Path

NOT_IN_THE_WORKBOOK = {
    "alarm": "the day's own record; the night does not read it",
    "alarm_step": "the day's own record; the night does not read it",
    "area_alias": "a column of areas and compounds",
    "attendance": "the day's own record; absences that free a place are placement exceptions",
    "audit_head": "the chain is the installation's own",
    "audit_row": "the chain is the installation's own",
    "booking_use": "a column of bookings",
    "consultation": "the desk's own record; the night does not read it",
    "escalation": "follows from unmet needs",
    "hold": "ends within minutes",
    "hold_use": "ends within minutes",
    "idempotency_key": "replies of one installation",
    "import_mapping": "of one installation",
    "inherited_fault": "a plan's result",
    "lease": "of one running night",
    "login": "staff sign in anew",
    "login_attempt": "staff sign in anew",
    "match_candidate": "a queue of one installation",
    "need_pattern": "a column of needs",
    "need_preference": "a column of needs",
    "notice": "sent once",
    "person_role": "a column of people",
    "placement_use": "a column of placements",
    "plan": "a result",
    "plan_run": "a result",
    "proposal": "a result",
    "read_log_row": "of one installation",
    "reference_stamp": "drawn by the database itself",
    "roll_tick": "the day's own record; the night does not read it",
    "slot_capacity": "follows from weekly slots, placements and bookings; single dates have a sheet",
    "slot_template_capacity": "columns of templates",
    "staff_area": "staff are added by an administrator",
    "staff_site": "staff are added by an administrator",
    "staff_user": "staff are added by an administrator",
    "staffing": "noted on the day at the site",
    "standby_order": "a plan's result",
    "task": "follows from what the day closed",
    "visit_stop": "the order of one day's visits",
    "waitlist_entry": "follows from needs",
    "walk_in": "a guest of one sitting",
    "walking_graph": "a file of its own: carematch graph",
}
"""Tables without a sheet, each with why."""


def columns() -> list[tuple[Sheet, Column]]:
    return [(sheet, column) for sheet in SHEETS for column in sheet.columns]


def test_every_table_has_a_sheet_or_a_reason() -> None:
    with_sheet = {sheet.model.__table__.name for sheet in SHEETS}
    tables = set(Base.metadata.tables)
    assert tables - with_sheet - set(NOT_IN_THE_WORKBOOK) == set(), (
        "give the table a sheet, or say why it has none"
    )
    assert set(NOT_IN_THE_WORKBOOK) & with_sheet == set()
    assert set(NOT_IN_THE_WORKBOOK) <= tables


def test_column_that_may_not_be_empty_is_required_or_has_a_meaning_for_empty() -> None:
    for sheet, column in columns():
        if column.attribute is None or column.sealed:
            continue
        stored = getattr(sheet.model, column.attribute).property.columns[0]
        is_text = column.kind in (Kind.text, Kind.texts, Kind.name)
        if not stored.nullable and not column.required and column.default is None:
            # An empty text is stored as such; a datum is filled in from the column beside it.
            assert is_text or column.key == "source_datum", f"{sheet.key}.{column.key}"
        if is_text and hasattr(stored.type, "length") and stored.type.length:
            assert column.length <= stored.type.length, f"{sheet.key}.{column.key}"


def test_sheet_refers_to_earlier_sheets_only() -> None:
    seen: set[str] = set()
    for sheet in SHEETS:
        seen.add(sheet.key)
        for column in sheet.columns:
            assert set(column.refers) <= seen, f"{sheet.key}.{column.key}"


def test_words_of_a_list_mean_one_thing() -> None:
    for _, column in columns():
        if column.choice is not None:
            assert len(set(words_of(column.choice).values())) == len(column.choice)


def test_names_are_unique() -> None:
    for names in ([s.key for s in SHEETS], [s.zh for s in SHEETS], [s.en for s in SHEETS]):
        assert len(set(names)) == len(names)
    for sheet in SHEETS:
        for given in (
            [c.key for c in sheet.columns],
            [c.zh for c in sheet.columns],
            [c.en for c in sheet.columns],
        ):
            assert len(set(given)) == len(given), sheet.key


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path: Path = tmp_path_factory.mktemp("template") / "empty.xlsx"
    write_template(path)
    return openpyxl.load_workbook(path)


def test_template_has_headers_notes_and_frozen_header(template: openpyxl.Workbook) -> None:
    assert template.sheetnames == ["说明", *(sheet.zh for sheet in SHEETS)]
    for sheet in SHEETS:
        page = template[sheet.zh]
        assert [cell.value for cell in page[1]] == [column.zh for column in sheet.columns]
        assert page.freeze_panes == "B2"
        for cell, column in zip(page[1], sheet.columns, strict=True):
            assert cell.comment.text == describe(column)
            assert column.en in cell.comment.text


def test_template_offers_drop_downs(template: openpyxl.Workbook) -> None:
    offered = {
        str(v.sqref).partition(":")[0]: v.formula1 for v in template["人员"].data_validations.dataValidation
    }
    keys = [column.key for column in next(s for s in SHEETS if s.key == "people").columns]
    assert offered[f"{chr(65 + keys.index('sex'))}2"] == '"女,男"'
    households = {
        str(v.sqref).partition(":")[0]: v.formula1 for v in template["家庭"].data_validations.dataValidation
    }
    assert households["B2"] == "'小区'!$A$2:$A$5000"


def test_readme_sheet_names_every_sheet(template: openpyxl.Workbook) -> None:
    said = {cell.value for row in template["说明"] for cell in row}
    assert {sheet.zh for sheet in SHEETS} <= said


def test_order_of_sheets_is_stable() -> None:
    order = [sheet.key for sheet in SHEETS]
    for before, after in pairwise(("compounds", "households", "people", "needs", "placements", "bookings")):
        assert order.index(before) < order.index(after)
