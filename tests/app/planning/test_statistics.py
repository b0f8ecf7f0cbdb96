"""PostgreSQL is told how many rows a draft has: else it plans publishing for one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.db import Database, refresh_statistics
from app.models import WalkIn
from tests.app.planning.town import add_need, make_town, night

if TYPE_CHECKING:
    from pathlib import Path

ROWS = text("SELECT reltuples FROM pg_class WHERE relname = :name")
UNKNOWN = -1


def _known(database: Database, name: str) -> float | None:
    with database.reading() as session:
        return session.scalar(ROWS, {"name": name})


def test_a_night_tells_how_many_rows_its_draft_has(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session)
        for _ in range(3):
            add_need(session, town)
    if database.is_sqlite:
        assert night(database, tmp_path).code == "published"
        return
    assert _known(database, "proposal") == UNKNOWN
    assert night(database, tmp_path).code == "published"
    assert _known(database, "proposal") == 3
    assert _known(database, "placement") == 2
    assert _known(database, "placement_use") > 2


@pytest.mark.postgres
def test_publishing_does_not_wait_for_whoever_works_on_the_table(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite plans without statistics")
    with database.writing() as other:
        other.execute(text("LOCK TABLE walk_in IN SHARE UPDATE EXCLUSIVE MODE"))
        with database.writing() as session:
            refresh_statistics(session, WalkIn)  # an error after 15 seconds if it waited
        assert _known(database, "walk_in") == UNKNOWN
    with database.writing() as session:
        refresh_statistics(session, WalkIn)
    assert _known(database, "walk_in") == 0
