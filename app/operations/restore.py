"""`carematch restore`: a backup takes the database's place in one transaction, or nothing changes.

A backup of an older program is first brought to this program's revision in a scratch database of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from app import checkpoint, migrate, sealed
from app.audit.commands import record
from app.clock import now
from app.context import Context
from app.db import Database
from app.erasure.whole import erase_again
from app.models import AuditHead
from app.operations.archive import Manifest, Reader, Row
from app.operations.backup import LEFT_OUT, is_known
from app.operations.errors import NotEmpty, OtherKey, WrongRevision
from app.operations.tables import load_table, load_tables, order_rows


@dataclass(frozen=True)
class Restored:
    """What came back; `still_there` are people erased since the backup who have places in it again."""

    manifest: Manifest
    still_there: list[str]


Source = Callable[[str], Iterable[Row]]
"""Gives the rows of a table by name."""
_AT_ONCE: Final = 2000
_KEPT: Final = frozenset({"alembic_version", "reference_stamp"})
_SAYS_IN_USE: Final = ("person", "site", "area", "audit_row", "staff_user")
"""A database without a row in any of these holds nothing that could be lost (reference data come back)."""


def restore(context: Context, path: Path, *, replace: bool) -> Restored:
    """Put a backup in the database's place, also while the service runs. Whoever was erased since is erased again.

    Raises `NotABackup`, `WrongRevision`, `OtherKey`, `NotEmpty`; whatever it raises, nothing has changed.
    """
    backup = Reader(path)
    try:
        migrate.upgrade(context.database.engine)
        _check_revision(backup.manifest.revision)
        is_used = _is_used(context.database)
        if is_used and not replace:
            raise NotEmpty
        key = _choose_key(context, backup)
        if backup.manifest.revision == migrate.get_head():
            _put(context, backup.read, key)
        else:
            with tempfile.TemporaryDirectory(dir=context.settings.data) as folder:
                scratch = Database.in_file(Path(folder) / "scratch")
                try:
                    _bring_up(scratch, backup)
                    with scratch.reading() as session:
                        _put(context, _read_from(session.connection()), key)
                finally:
                    scratch.dispose()
    finally:
        backup.close()
    return Restored(backup.manifest, erase_again(context, now()))


def _check_revision(revision: str) -> None:
    if revision not in migrate.list_revisions():
        raise WrongRevision(revision=revision, head=migrate.get_head())


def _is_used(database: Database) -> bool:
    with database.reading() as session:
        connection = session.connection()
        used = (load_table(connection, name) for name in _SAYS_IN_USE)
        return any(connection.execute(select(table).limit(1)).first() is not None for table in used)


def _choose_key(context: Context, backup: Reader) -> bytes | None:
    """Return the backup's own key where it brings another one; None where the present one opens it."""
    if is_known(backup.manifest.key_check):
        return None
    if backup.key is None or context.settings.field_key is not None:
        raise OtherKey
    return backup.key


def _bring_up(scratch: Database, backup: Reader) -> None:
    migrate.upgrade(scratch.engine, backup.manifest.revision)
    with scratch.exclusively() as session:
        _fill(session.connection(), backup.read)
    migrate.upgrade(scratch.engine)


def _read_from(connection: Connection) -> Source:
    tables = {table.name: table for table in load_tables(connection)}

    def read(name: str) -> Iterator[Row]:
        if name in tables:
            yield from (dict(row) for row in connection.execute(select(tables[name])).mappings())

    return read


def _put(context: Context, source: Source, key: bytes | None) -> None:
    before = sealed.keyring()
    if key is not None:
        sealed.install(sealed.Keyring.parse(key))
    try:
        with context.database.exclusively() as session:
            token = _read_token(session.connection())
            _fill(session.connection(), source)
            _pass_token(session.connection(), token)
            head = session.get(AuditHead, 1)
            checkpoint_before = checkpoint.Head(head.sequence, head.hash) if head else checkpoint.Head(0, "")
            session.expire_all()
            record(session, "system", "restore", "database", {"from_sequence": checkpoint_before.sequence})
    except BaseException:
        sealed.install(before)
        raise
    checkpoint.reset(_get_head(context.database), because="restore")
    if key is not None:
        sealed.keep(context.settings.data, key)


def _fill(connection: Connection, source: Source) -> None:
    tables = [table for table in load_tables(connection) if table.name not in _KEPT]
    for table in reversed(tables):
        connection.execute(table.delete())
    for table in tables:
        if table.name in LEFT_OUT:
            continue
        rows: Iterator[dict[str, Any]] = iter(order_rows(table, source(table.name)))
        while part := list(islice(rows, _AT_ONCE)):
            connection.execute(table.insert(), part)


def _read_token(connection: Connection) -> int:
    lease = load_table(connection, "lease")
    return max(connection.scalars(select(lease.c.token)), default=0)


def _pass_token(connection: Connection, token: int) -> None:
    """Let the fencing token grow past both: a night that was running may not publish into the restored record."""
    lease = load_table(connection, "lease")
    higher = max([token, *connection.scalars(select(lease.c.token))]) + 1
    connection.execute(lease.update().values(token=higher, holder="", expires_at=None))


def _get_head(database: Database) -> checkpoint.Head:
    with database.reading() as session:
        head = session.get_one(AuditHead, 1)
        return checkpoint.Head(head.sequence, head.hash)
