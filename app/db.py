"""Engine, sessions and column types: the only file that knows a dialect, but for one condition (among.py).

A `ReadSession` cannot write and a `WriteSession` begins IMMEDIATE on SQLite; both are given out here and
the write session is committed here and nowhere else.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Enum,
    Integer,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import Pool

from app.errors import NulInText
from app.turns import Turns

try:  # a build without the WAL-reset bug, where the platform has one
    import pysqlite3.dbapi2 as sqlite
except ImportError:  # pragma: no cover - depends on the platform
    sqlite = sqlite3

T = TypeVar("T")

FIXED_SQLITE = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
BUSY_TIMEOUT_SECONDS = 15
PING_AFTER_SECONDS = 1.0
LOCK_ATTEMPTS = 8
AFTER_COMMIT = "after_commit"
"""Key of `session.info`: a list of calls that `writing` makes once the commit has succeeded."""


class Base(DeclarativeBase):
    """Metadata with named constraints, so that every revision can drop what it made."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, gives back UTC (SQLite alone would lose the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Refuse a naive value; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no instant; use clock.now()")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Give back UTC with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
"""Row ids: 64 bits; SQLite's rowid alias needs the plain word INTEGER."""


def enum_type(enum: type[StrEnum]) -> Enum:
    """Return a column type for a StrEnum: text with a named CHECK on both databases."""
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in enum.__name__).lstrip("_")
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda e: [member.value for member in e],
    )


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite carries the fix for the WAL-reset corruption bug."""
    if version >= FIXED_SQLITE[0]:
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED_SQLITE[1:])


def make_engine(url: str, *, pool_size: int = 45) -> Engine:
    """Return an engine for SQLite or PostgreSQL with this program's settings on every connection."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            module=sqlite,
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "before_cursor_execute", _refuse_nul)
        event.listen(engine, "checkin", _give_turn)
        if engine.url.database not in {None, "", ":memory:"}:
            _turns[engine.pool] = Turns(Path(f"{engine.url.database}-turn"), BUSY_TIMEOUT_SECONDS)
        return engine
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        # An error that repeats its parameters would carry names and numbers into the log.
        hide_parameters=True,
        connect_args={"options": f"-c lock_timeout={BUSY_TIMEOUT_SECONDS}s -c timezone=UTC"},
    )
    event.listen(engine, "before_cursor_execute", _refuse_nul)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_after_rest)
    return engine


def _refuse_nul(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _executemany: bool
) -> None:
    # From an address, a form, a list: whatever nobody looked at before. Left alone, SQLite would take what PostgreSQL refuses.
    if _holds_nul(parameters):
        raise NulInText


def _holds_nul(parameters: Any) -> bool:
    # One row or many, by name or by place; many in one statement come as one long row.
    if isinstance(parameters, str):
        return "\0" in parameters
    if isinstance(parameters, dict):
        return any(map(_holds_nul, parameters.values()))
    return isinstance(parameters, (list, tuple)) and any(map(_holds_nul, parameters))


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` chooses DEFERRED or IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    mode = "WAL" if wal_is_safe(sqlite.sqlite_version_info) else "DELETE"
    cursor.execute(f"PRAGMA journal_mode={mode}")
    # FULL: an acknowledged booking survives a power cut, not only a crash of the process.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.close()


_turns: WeakKeyDictionary[Pool, Turns] = WeakKeyDictionary()
"""The queue of writers of each embedded database that is open here."""


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("writes", False)
    turns = _turns.get(connection.engine.pool)
    if immediate and turns is not None and "turn" not in connection.info and turns.take():
        connection.info["turn"] = turns
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _give_turn(_connection: Any, record: Any) -> None:
    # When the connection goes back to the pool its transaction is over, whichever thread ended it.
    turns = record.info.pop("turn", None)
    if turns is not None:
        turns.give()


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _ping_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that rested whether it still stands; the pool replaces one that does not.

    One that was in use a moment ago is not asked: a request takes three, and each question is a way to the server.
    """
    if time.monotonic() - record.info.get("used", -PING_AFTER_SECONDS) < PING_AFTER_SECONDS:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except connection.Error as fault:
        raise DisconnectionError from fault


class ReadSession(Session):
    """A session that only reads; a flush with changes is a programming error."""

    def flush(self, objects: Any = None) -> None:
        """Refuse to write."""
        if self.new or self.dirty or self.deleted:
            raise RuntimeError("a ReadSession cannot write; take a WriteSession")
        super().flush(objects)


class WriteSession(Session):
    """A session whose transaction may write; committed by `writing` and nowhere else."""


class Database:
    """The engine of one process with its two kinds of sessions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing_engine = engine.execution_options(writes=True)

    @classmethod
    def at(cls, url: str, *, pool_size: int = 45) -> Database:
        """Open the database at a SQLAlchemy address."""
        return cls(make_engine(url, pool_size=pool_size))

    @classmethod
    def in_file(cls, path: Path) -> Database:
        """Open an embedded database of its own, as for a step in between."""
        return cls.at(f"sqlite:///{path}")

    @property
    def is_sqlite(self) -> bool:
        """Whether one writer at a time is a property of this database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[ReadSession]:
        """Give a session in one read transaction; everything read in it is of one moment.

        PostgreSQL needs REPEATABLE READ for that; SQLite's snapshot is of one moment anyway.
        """
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with (
            self.engine.connect().execution_options(**level) as connection,
            ReadSession(connection) as session,
        ):
            session.autoflush = False
            yield session

    @contextmanager
    def writing(self) -> Iterator[WriteSession]:
        """Give a session whose work is committed when the block ends well, else rolled back."""
        with WriteSession(self._writing_engine, expire_on_commit=False) as session:
            yield session
            session.commit()
            for told in session.info.pop(AFTER_COMMIT, ()):
                told()

    @contextmanager
    def exclusively(self) -> Iterator[WriteSession]:
        """Give a write session during which nobody else writes anything; readers go on. For restoring a backup.

        Afterwards the counters behind new ids stand above every id that was put in.
        """
        with self.writing() as session:
            tables = [
                name for name in inspect(session.connection()).get_table_names() if name != "alembic_version"
            ]
            if not self.is_sqlite and tables:
                _lock_tables(session, tables)
            yield session
            if not self.is_sqlite:
                session.flush()
                _raise_sequences(session.connection(), tables)

    def write(self, work: Callable[[WriteSession], T], *, attempts: int = 6) -> T:
        """Run `work` in a write transaction; retry it whole on a deadlock, a serialisation fault or a lock.

        Errors other than these pass through. `work` must be repeatable: it gets a fresh session each time.
        """
        for attempt in range(1, attempts + 1):
            try:
                with self.writing() as session:
                    return work(session)
            except DBAPIError as fault:
                if attempt == attempts or not is_transient(fault):
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    def scrub(self) -> None:
        """Rewrite the database's files so that nothing of deleted or changed rows is left in their free space.

        Takes seconds and keeps writers waiting. PostgreSQL's own log (WAL) and archives are the administrator's.
        Raises `OperationalError`, transient where somebody was in the way for too long.
        """
        connection = self.engine.raw_connection()
        try:
            if self.is_sqlite:
                _vacuum_sqlite(connection.cursor())
            else:
                _vacuum_postgresql(connection.driver_connection)
        finally:
            connection.close()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _vacuum_sqlite(cursor: Any) -> None:
    try:
        cursor.execute("VACUUM")
        is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite.OperationalError as fault:
        raise OperationalError("VACUUM", None, fault) from fault
    if is_busy:  # a reader still looks at the log
        late = sqlite.OperationalError("database is locked")
        raise OperationalError("wal_checkpoint", None, late) from late


def _vacuum_postgresql(connection: Any) -> None:
    connection.autocommit = True
    try:
        connection.execute("VACUUM (FULL)")
    except psycopg.OperationalError as fault:
        raise OperationalError("VACUUM", None, fault) from fault
    finally:
        connection.autocommit = False


def _lock_tables(session: WriteSession, tables: list[str]) -> None:
    """Keep everybody else from writing; begins again where it met a writer who holds one and waits for another.

    PostgreSQL takes the tables one after the other, writers take them as they go: one of two who wait for each other
    is turned away. A writer comes again (`write`); so does this, which has read and written nothing yet.
    """
    quoted = ", ".join(f'"{name}"' for name in sorted(tables))
    for attempt in range(1, LOCK_ATTEMPTS + 1):
        try:
            session.connection().exec_driver_sql(f"LOCK TABLE {quoted} IN EXCLUSIVE MODE")
        except DBAPIError as fault:
            session.rollback()
            if attempt == LOCK_ATTEMPTS or not is_transient(fault):
                raise
        else:
            return


def refresh_statistics(session: WriteSession, table: type[Base], *columns: str) -> None:
    """Let PostgreSQL see thousands of rows that were just written: it would plan what follows for one of them.

    Left out where somebody else works on the table, or owns it; SQLite plans without.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        only = f" ({', '.join(columns)})" if columns else ""
        connection.exec_driver_sql(f'ANALYZE (SKIP_LOCKED) "{table.__tablename__}"{only}')


def _raise_sequences(connection: Connection, tables: list[str]) -> None:
    for table in tables:
        for column in inspect(connection).get_columns(table):
            named = connection.exec_driver_sql(
                "SELECT pg_get_serial_sequence(%s, %s)", (f'"{table}"', column["name"])
            ).scalar()
            if named is not None:
                connection.exec_driver_sql(
                    # Names come from the database's own catalogue.
                    f'SELECT setval(%s, (SELECT coalesce(max("{column["name"]}"), 0) + 1 FROM "{table}"), false)',  # noqa: S608
                    (named,),
                )


def is_transient(fault: DBAPIError) -> bool:
    """Return whether trying again may help: 40001, 40P01, 55P03 on PostgreSQL, busy or locked on SQLite."""
    state = getattr(fault.orig, "sqlstate", None)
    if state is not None:
        return state in {"40001", "40P01", "55P03"}
    return isinstance(fault, OperationalError) and "locked" in str(fault.orig)
