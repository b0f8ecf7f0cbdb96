"""The SQLite that is really loaded is one without the WAL-reset fault, or runs without WAL (decision 0002)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.db import make_engine, wal_is_safe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_versions_with_the_fault_are_known(version: tuple[int, ...], *, safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_journal_mode_follows_the_version_that_is_loaded(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'mode.sqlite3'}")
    with engine.connect() as connection:
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
        mode = connection.scalar(text("PRAGMA journal_mode"))
        durable = connection.scalar(text("PRAGMA synchronous"))
    engine.dispose()
    safe = wal_is_safe(tuple(int(part) for part in version.split(".")))
    assert mode == ("wal" if safe else "delete")
    assert durable == 2, "FULL"
