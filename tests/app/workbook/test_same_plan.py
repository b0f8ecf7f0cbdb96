"""Sample, export, import into an empty record: the night is given the very same problems, hence the same plan (N8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.clock import now
from app.db import Database
from app.ledger.commands import recount
from app.models import WalkingGraph
from app.planning.entries import list_entries, split_by_problem
from app.planning.problem import build_task, to_document
from app.planning.snapshot import take_snapshot
from app.sample.commands import SMALL_SCALE, load_sample
from app.walking.commands import store_graph
from app.walking.rules import unpack
from app.workbook.commands import export_workbook, import_workbook
from app.workbook.examining import Options
from tests.app.workbook.test_round_trip import read_cells
from tests.app.workbook.town import TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.databases import Databases

pytestmark = pytest.mark.slow


def build_problems(database: Database) -> list[dict[str, Any]]:
    with database.reading() as session:
        snapshot = take_snapshot(session, TODAY + timedelta(days=1))
    shares, _ = split_by_problem(snapshot, list_entries(snapshot))
    return [to_document(build_task(snapshot, share).problem) for share in shares]


def copy_graph(source: Database, target: Database) -> None:
    """The walking graph is a file of its own (`carematch graph export|import`)."""
    with source.reading() as session:
        kept = session.scalars(select(WalkingGraph)).one()
    target.write(lambda session: store_graph(session, unpack(kept.packed), kept.source, now()))


def test_imported_sample_gives_the_night_the_same_problems(databases: Databases, tmp_path: Path) -> None:
    urls = databases.make(), databases.make()
    first, second = map(Database.at, urls)
    try:
        first.write(lambda session: load_sample(session, scale=SMALL_SCALE, seed=1, today=TODAY, now=now()))
        export_workbook(first, tmp_path / "first.xlsx", system_actor(), lambda step: None)
        copy_graph(first, second)
        report = import_workbook(second, tmp_path / "first.xlsx", system_actor(), Options(TODAY))
        assert report.faults == []
        assert report.waiting == 0
        export_workbook(second, tmp_path / "second.xlsx", system_actor(), lambda step: None)
        assert read_cells(tmp_path / "first.xlsx") == read_cells(tmp_path / "second.xlsx")
        with second.reading() as session:
            assert recount(session) == []
        problems = build_problems(first)
        assert sum(len(problem["requests"]) for problem in problems) > 400
        assert problems == build_problems(second)
    finally:
        for database, url in zip((first, second), urls, strict=True):
            database.dispose()
            databases.drop(url)
