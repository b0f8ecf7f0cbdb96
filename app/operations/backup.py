"""`carematch backup`: every table as of one moment, while the service goes on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Table, select

from app.clock import now
from app.context import Context
from app.migrate import get_revision
from app.operations import archive
from app.operations.errors import FileExists, KeyRotating, NoDatabase
from app.operations.tables import load_tables, order_rows
from app.sealed import keyring

LEFT_OUT: Final = frozenset({"alembic_version", "login", "login_attempt", "reference_stamp"})
"""Logins do not come back from a backup, everybody signs in again; the stamp is the database's own, drawn as it is filled."""
_AT_ONCE: Final = 2000
_CHECKED: Final = ("carematch", "backup key")


def back_up(context: Context, path: Path, *, with_key: bool) -> archive.Manifest:
    """Write a backup that nobody but its owner may read, at no moment of its making, cut short or not.

    Raises `FileExists`, `NoDatabase`, `KeyRotating`.
    """
    if path.exists():
        raise FileExists(file=str(path))
    revision = get_revision(context.database.engine)
    if revision is None:
        raise NoDatabase
    if keyring().old_ids and not with_key:  # half of the values would need a key that is about to go
        raise KeyRotating
    manifest = archive.Manifest(revision=revision, made_at=now().isoformat(), key_check=check_key())
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file is made with the rights of its maker's habit and stays where a kill leaves it: in a folder of its own.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".carematch-") as folder:
        part = Path(folder) / path.name
        with context.database.reading() as session:
            connection = session.connection()
            tables = [table for table in load_tables(connection) if table.name not in LEFT_OUT]
            rows = ((table.name, _read(connection, table)) for table in tables)
            archive.write(part, manifest, rows, keyring().write() if with_key else None)
        part.chmod(0o600)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(path)
    return manifest


def check_key() -> str:
    """Return the word by which a key knows the values it sealed."""
    return keyring().blind(*_CHECKED)


def is_known(check: str) -> bool:
    """Return whether one of the present keys is the one that gave this word."""
    return check in keyring().list_blinds(*_CHECKED)


def _read(connection: Connection, table: Table) -> Iterator[archive.Row]:
    result = connection.execution_options(yield_per=_AT_ONCE).execute(select(table))
    yield from order_rows(table, (dict(row) for row in result.mappings()))
