"""Rows to be inserted in bulk: built in memory with references to each other, written table by table.

Ids come from the database (a sequence that was bypassed would collide with the next insert), so a row refers to
another row, and the reference becomes its id when it is written.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from app.db import Base
from app.sealed import HasSealedFields, seal_columns


class Row(dict[str, Any]):
    """One row by column name; a `Row` as a value stands for its id."""


class Rows:
    """Rows of several tables in the order in which they were added."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.tables: defaultdict[type[Base], list[Row]] = defaultdict(list)

    def add(self, model: type[Base], /, **columns: Any) -> Row:
        """Add a row; all rows of one table name the same columns, so that one statement writes them all."""
        row = Row(columns)
        self.tables[model].append(row)
        return row

    def add_sealed(
        self, model: type[HasSealedFields], key: str, sealed: dict[str, str | None], /, **columns: Any
    ) -> Row:
        """Add a row with sealed attributes; the row key is drawn from `key`, so that only nonces differ between runs."""
        digest = hashlib.blake2b(f"{self._seed}\0{model.__name__}\0{key}".encode(), digest_size=8)
        row = self.add(cast("type[Base]", model), **columns, row_key=digest.hexdigest())
        row.update(seal_columns(model, row["row_key"], sealed))
        return row

    def write(self, session: Session) -> None:
        """Insert everything, tables in the order of their foreign keys; rows get their `id`."""
        for table in Base.metadata.sorted_tables:
            for model, rows in self.tables.items():
                if model.__table__ is table:
                    _write_table(session, table, rows)


def _write_table(session: Session, table: Table, rows: list[Row]) -> None:
    waiting = rows
    while waiting:
        # A table that refers to itself (areas) goes in level by level, parents first.
        ready = [row for row in waiting if _is_ready(row)]
        if not ready:
            raise ValueError(f"rows of {table.name} refer to rows that are never written")
        _insert(session, table, ready)
        done = {id(row) for row in ready}
        waiting = [row for row in waiting if id(row) not in done]


def _is_ready(row: Row) -> bool:
    return all("id" in value for value in row.values() if isinstance(value, Row))


def _insert(session: Session, table: Table, rows: list[Row]) -> None:
    values = [{k: v["id"] if isinstance(v, Row) else v for k, v in row.items()} for row in rows]
    session.execute(insert(table), values)
    if not _is_referred_to(table):
        return
    # Read back by code: RETURNING in order is a statement a row on SQLite, which takes several times as long.
    ids = {code: key for code, key in session.execute(select(table.c.code, table.c.id))}  # noqa: C416
    for row in rows:
        row["id"] = ids[row["code"]]


def _is_referred_to(table: Table) -> bool:
    if not {"id", "code"} <= set(table.c.keys()):
        return False
    return any(
        key.column.table is table for other in Base.metadata.sorted_tables for key in other.foreign_keys
    )
