"""What goes out comes in again: every cell, on both databases; the same file twice changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.actor import system_actor
from app.ledger.commands import recount
from app.models import AuditRow
from app.workbook.commands import Options, export_workbook, import_workbook, write_template
from app.workbook.sheets import SHEETS
from tests.app.workbook.town import TODAY, make_town, write_town

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database
    from app.workbook.report import Report


def bring_in(database: Database, path: Path, **more: Any) -> Report:
    return import_workbook(database, path, system_actor(), Options(TODAY, **more))


def export(database: Database, path: Path) -> Path:
    export_workbook(database, path, system_actor(), lambda step: None)
    return path


def read_cells(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(tmp_path / "town.xlsx", make_town())


def test_every_cell_of_a_second_export_is_the_first_ones(
    database: Database, tmp_path: Path, town: Path
) -> None:
    report = bring_in(database, town)
    assert report.faults == []
    assert {key: len(change.new) for key, change in report.changes.items()} == {
        sheet.key: len(make_town().get(sheet.key, ())) for sheet in SHEETS
    }
    first = export(database, tmp_path / "first.xlsx")
    again = bring_in(database, first)
    assert not again.has_changes
    cells = read_cells(first)
    assert cells == read_cells(export(database, tmp_path / "second.xlsx"))
    assert len(cells["人员"]) == 1 + len(make_town()["people"])


def test_same_file_twice_changes_nothing_and_is_audited_once(database: Database, town: Path) -> None:
    assert bring_in(database, town).has_changes
    assert not bring_in(database, town).has_changes
    with database.reading() as session:
        acts = session.scalars(select(AuditRow.act)).all()
        assert recount(session) == []
    assert acts.count("workbook.import") == 1


def test_dry_run_tells_what_would_change_and_writes_nothing(database: Database, town: Path) -> None:
    report = bring_in(database, town, dry_run=True)
    assert len(report.changes["people"].new) == 5
    assert not report.imported
    assert len(bring_in(database, town).changes["people"].new) == 5


def test_template_is_a_workbook_that_imports_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_template(path)
    report = bring_in(database, path)
    assert report.faults == []
    assert not report.has_changes
    assert set(report.changes) == {sheet.key for sheet in SHEETS}
