"""The commands: exit codes 0, 1, 2, JSON, the warning about sensitive fields, nothing half-imported after Ctrl-C."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import clock, context
from app.cli import build
from app.config import Settings
from app.models import Area, AuditRow, Person
from app.workbook import terminal
from app.workbook.examining import Options
from tests.app.workbook.test_faults import to_raw, write_raw
from tests.app.workbook.town import TODAY, make_town, write_town
from tests.support.keys import own_key

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The command line works on the test's database, on the town's day."""
    opened = context.Context(Settings(data=tmp_path / "data"), database)
    monkeypatch.setattr("app.workbook.terminal.open_context", lambda: opened)
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    return database


def run(*arguments: str) -> int:
    """Run `carematch ...` and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        build()(list(arguments))
    return int(ended.value.code or 0)


def count(database: Database, model: type[Area | Person]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_import_answers_0_1_and_2(desk: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_town(tmp_path / "good.xlsx", make_town())
    assert run("import", str(good), "--dry-run") == 0
    assert count(desk, Area) == 0
    raw = to_raw(make_town())
    raw["people"][0]["sex"] = "未知"
    assert run("import", str(write_raw(tmp_path / "bad.xlsx", raw))) == 1
    assert "「人员」第 2 行D 列「性别」" in capsys.readouterr().out
    (tmp_path / "none.xlsx").touch()
    assert run("import", str(tmp_path / "none.xlsx")) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said == ["none.xlsx 是空文件，没有任何内容。", "none.xlsx is empty."]
    assert count(desk, Area) == 0
    assert run("import", str(good)) == 0
    assert count(desk, Area) == 6


def test_json_holds_faults_counts_and_nothing_else(
    desk: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = make_town()
    town["people"][0]["is_synthetic"] = False
    assert run("import", str(write_town(tmp_path / "good.xlsx", town)), "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["sheets"]["people"] == {"new": 5, "changed": 0, "unchanged": 0}
    assert (report["faults"], report["imported"], report["unknown_regions"]) == ([], True, 1)


def test_export_says_that_it_holds_sensitive_fields_and_is_audited(
    desk: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", str(write_town(tmp_path / "good.xlsx", make_town()))) == 0
    assert run("export", str(tmp_path / "out.xlsx")) == 0
    said = capsys.readouterr().out
    assert "身份证号" in said
    assert "ID numbers" in said
    with desk.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.act == "workbook.export")).one()
    assert row.data["rows"]["people"] == 5


def test_first_import_makes_the_record_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with own_key():
        made = context.open_context(Settings(data=tmp_path / "new", field_key=None, database_url=None))
        monkeypatch.setattr("app.workbook.terminal.open_context", lambda: made)
        try:
            assert run("import", str(write_town(tmp_path / "town.xlsx", make_town()))) == 0
            assert count(made.database, Person) == 5
        finally:
            made.database.dispose()


def test_folder_that_is_not_there_is_said_in_one_sentence(
    desk: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("template", "export"):
        assert run(command, str(tmp_path / "none" / "out.xlsx")) == 2
        assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("step", ["people", "needs", "slots", "bookings"])
def test_interrupted_import_leaves_nothing_behind(desk: Database, tmp_path: Path, step: str) -> None:
    path = write_town(tmp_path / "good.xlsx", make_town())
    seen: list[str] = []

    def tell(name: str) -> None:
        seen.append(name)
        # Each sheet is told once when it is read, once when it is written.
        if name == step and seen.count(name) == (1 if step == "slots" else 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        terminal.import_workbook(desk, path, terminal.system_actor(), Options(TODAY, tell=tell))
    assert count(desk, Area) == 0
    assert count(desk, Person) == 0
    assert run("import", str(path)) == 0


def test_list_goes_from_map_to_import_and_its_matches_are_decided(
    desk: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", str(write_town(tmp_path / "good.xlsx", make_town()))) == 0
    raw_list = tmp_path / "list.xlsx"
    from tests.app.workbook.test_lists import write_list

    write_list(raw_list, [[1, "赵玉兰·样例", "", "女", "000 9999 9999", "桥二小区"]])
    assert run("import", str(raw_list)) == 2
    assert "carematch map" in capsys.readouterr().err
    assert run("map", str(raw_list), "--source", "样例名单") == 0
    assert raw_list.with_suffix(".toml").exists()
    # The list has no birth dates: with them it would be a near match.
    assert run("import", str(raw_list), "--map", str(raw_list.with_suffix(".toml"))) == 1
    capsys.readouterr()
    nearly = make_town()["people"][4] | {"code": "N1", "phone": None}
    assert run("import", str(write_town(tmp_path / "near.xlsx", {"people": [nearly]}))) == 0
    assert "carematch matches list" in capsys.readouterr().out
    assert run("matches", "list", "--json") == 0
    (waiting,) = json.loads(capsys.readouterr().out)
    assert (waiting["row_code"], waiting["person_code"]) == ("N1", "P5")
    assert run("matches", "decide", "N1", "P5", "same") == 0
    assert run("matches", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == []
