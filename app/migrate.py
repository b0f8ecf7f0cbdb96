"""Bring a database to the newest revision, or tell which one it has."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import migrations

_FOLDER = Path(migrations.__file__).parent


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(engine: Engine, work: str, revision: str) -> None:
    # Batch mode rebuilds tables: SQLite must not cascade while it does, and must hold afterwards.
    writing = engine.execution_options(writes=True)
    with writing.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Two processes that start at once take turns.
            connection.exec_driver_sql("SELECT pg_advisory_lock(727001)")
            connection.commit()
        try:
            getattr(command, work)(_config(connection), revision)
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"the migration left {len(broken)} dangling references: {broken[:3]}")
            connection.commit()
        finally:
            connection.rollback()
            if is_sqlite:
                connection.invalidate()  # its foreign_keys setting must not go back into the pool
            else:
                connection.exec_driver_sql("SELECT pg_advisory_unlock(727001)")
                connection.commit()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply every revision up to `revision`; doing it twice changes nothing."""
    _run(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take revisions back down to `revision` (`base` for all)."""
    _run(engine, "downgrade", revision)


def get_revision(engine: Engine) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def get_head() -> str:
    """Return the newest revision this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the program has no revisions")
    return head


def list_revisions() -> list[str]:
    """Return every revision this program knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
