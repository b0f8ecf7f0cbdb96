"""Revisions go up, down and up again on both databases, and end where the models are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from app.db import Base, Database
from app.migrate import downgrade, get_head, get_revision, upgrade
from app.models import Area

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    opened = Database.at(empty_database_url)
    yield opened
    opened.dispose()


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_revisions_end_where_the_models_are(empty: Database) -> None:
    upgrade(empty.engine)
    assert get_revision(empty.engine) == get_head()
    assert differences(empty) == []


def test_going_up_twice_changes_nothing(empty: Database) -> None:
    upgrade(empty.engine)
    upgrade(empty.engine)
    assert differences(empty) == []


def test_down_leaves_nothing_and_up_again_works(empty: Database) -> None:
    upgrade(empty.engine)
    downgrade(empty.engine, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    upgrade(empty.engine)
    assert differences(empty) == []


def test_rows_of_the_first_revision_survive_to_the_newest(empty: Database) -> None:
    upgrade(empty.engine, "0001")
    # In words of SQL: the models are of the newest revision, this row is of the first.
    root = text(
        "INSERT INTO area (code, kind, name_zh, name_en) VALUES ('WLQ', 'subdistrict', '五里桥街道', 'Wuliqiao')"
    )
    with empty.writing() as session:
        session.execute(root)
    upgrade(empty.engine)
    with empty.reading() as session:
        assert session.scalars(select(Area.name_zh)).all() == ["五里桥街道"]
