"""A small town in a database of its own, loaded once for each kind of database; its tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.db import Database
from app.sample.commands import SMALL_SCALE, load_sample
from tests.factories.people import TODAY

if TYPE_CHECKING:
    from tests.support.databases import Databases

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def load_small(database: Database, seed: int = 1) -> dict[str, int]:
    """Load the small town as of `TODAY`."""
    return database.write(
        lambda session: load_sample(session, scale=SMALL_SCALE, seed=seed, today=TODAY, now=NOW)
    )


@pytest.fixture(scope="session")
def small_town(databases: Databases) -> Iterator[Database]:
    """A database with the small town; do not write to it."""
    url = databases.make()
    opened = Database.at(url)
    load_small(opened)
    yield opened
    opened.dispose()
    databases.drop(url)
