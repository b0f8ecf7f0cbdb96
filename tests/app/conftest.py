"""The service over a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.db import Database


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    """The web service over a migrated database that only this test uses."""
    with serving(database, tmp_path) as made:
        yield made
