"""What goes out comes in again: every cell, on both databases; the same file twice changes nothing."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.actor import system_actor
from app.ledger.commands import recount
from app.models import AuditRow, Person, PlacementException, Slot, SlotCapacity, SlotTemplate
from app.models.enums import CapacityKind, SlotState
from app.workbook.commands import export_workbook, import_workbook, write_template
from app.workbook.examining import Options
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


def test_edited_row_updates_its_person_and_makes_no_second_one(database: Database, tmp_path: Path) -> None:
    town = make_town()
    bring_in(database, write_town(tmp_path / "town.xlsx", town))
    town["people"][0] |= {"phone": "00099999999", "health_note": None}
    report = bring_in(database, write_town(tmp_path / "edited.xlsx", town))
    assert report.faults == []
    assert {key: c.as_json() for key, c in report.changes.items() if c.new or c.changed} == {
        "people": {"new": 0, "changed": 1, "unchanged": 4}
    }
    with database.reading() as session:
        person = session.scalars(select(Person).where(Person.code == "P1")).one()
        assert person.phone == "00099999999"
        assert person.health_note is None
        assert person.version == 2
        assert session.scalar(select(func.count()).select_from(Person)) == 5


def test_placements_over_capacity_are_taken_in_as_inherited(database: Database, tmp_path: Path) -> None:
    town = make_town()
    for template in town["templates"][:2]:  # Monday morning and afternoon
        template["capacity_places"] = 0
    assert bring_in(database, write_town(tmp_path / "town.xlsx", town)).faults == []
    with database.reading() as session:
        rows = session.execute(
            select(Slot.occurs_on, SlotCapacity.taken, SlotCapacity.overfull)
            .join(Slot, Slot.id == SlotCapacity.slot_id)
            .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
            .where(SlotTemplate.code == "S1-DC-A/0/morning", SlotCapacity.kind == CapacityKind.places)
            .order_by(Slot.occurs_on)
        ).all()
        assert recount(session) == []
    # A1 runs from October with one day in hospital, A2 from December.
    assert [tuple(row) for row in rows[:4]] == [
        (date(2026, 11, 23), 1, 1),
        (date(2026, 11, 30), 1, 1),
        (date(2026, 12, 7), 1, 1),
        (date(2026, 12, 14), 2, 2),
    ]


def test_capacity_reaches_the_dated_slots_and_is_not_cut_below_what_is_taken(
    database: Database, tmp_path: Path
) -> None:
    town = make_town()
    bring_in(database, write_town(tmp_path / "town.xlsx", town))
    town["templates"][0]["capacity_places"] = 3
    assert (
        bring_in(database, write_town(tmp_path / "more.xlsx", town)).changes["templates"].as_json()["changed"]
        == 1
    )
    with database.reading() as session:
        offered = session.scalars(
            select(SlotCapacity.capacity)
            .join(Slot, Slot.id == SlotCapacity.slot_id)
            .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
            .where(SlotTemplate.code == "S1-DC-A/0/morning", SlotCapacity.kind == CapacityKind.places)
        ).all()
    assert len(offered) > 4
    assert set(offered) == {3}
    town["templates"][0]["capacity_places"] = 1
    report = bring_in(database, write_town(tmp_path / "less.xlsx", town))
    assert [(f.code, f.sheet, f.row, f.header) for f in report.faults] == [
        ("capacity_below_taken", "周时段", 2, "名额")
    ]
    assert "A1、A2" in report.faults[0].zh
    assert not report.imported


def test_weekly_slot_keeps_its_cell_and_does_not_end_before_what_is_taken(
    database: Database, tmp_path: Path
) -> None:
    town = make_town()
    bring_in(database, write_town(tmp_path / "town.xlsx", town))
    town["templates"][0]["valid_to"] = date(2026, 12, 14)
    town["templates"][3]["weekday"] = 5
    report = bring_in(database, write_town(tmp_path / "changed.xlsx", town))
    assert [(f.code, f.row, f.header) for f in report.faults] == [
        ("ends_before_taken", 2, "失效日期"),
        ("cell_fixed", 5, "星期"),
    ]


def test_new_times_and_a_new_closure_reach_the_dated_slots(database: Database, tmp_path: Path) -> None:
    town = make_town()
    bring_in(database, write_town(tmp_path / "town.xlsx", town))
    lunch = next(row for row in town["templates"] if row["code"] == "S1-CT-A/3")
    lunch["starts_at_local"] = time(10, 30)
    town["closures"].append(
        {"code": "X2", "site": "S1", "starts_on": date(2026, 11, 30), "ends_on": date(2026, 11, 30)}
    )
    report = bring_in(database, write_town(tmp_path / "changed.xlsx", town))
    assert report.faults == []
    with database.reading() as session:
        slot = session.scalars(
            select(Slot)
            .join(SlotTemplate, SlotTemplate.id == Slot.template_id)
            .where(SlotTemplate.code == "S1-CT-A/3", Slot.occurs_on == date(2026, 12, 3))
        ).one()
        assert (slot.starts_at.hour, slot.starts_at.minute) == (2, 30), "10:30 in Shanghai"
        states = session.scalars(select(Slot.state).where(Slot.occurs_on == date(2026, 11, 30))).all()
        skipped = session.scalars(select(PlacementException.on_date)).all()
        assert recount(session) == []
    assert set(states) == {SlotState.closed}
    assert date(2026, 11, 30) in skipped, "whoever has a place there skips the day"


def test_template_is_a_workbook_that_imports_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_template(path)
    report = bring_in(database, path)
    assert report.faults == []
    assert not report.has_changes
    assert set(report.changes) == {sheet.key for sheet in SHEETS}
