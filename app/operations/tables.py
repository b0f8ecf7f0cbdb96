"""The tables as the database has them, in an order in which rows can be inserted; models may be newer than a backup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table


def load_tables(connection: Connection) -> list[Table]:
    """Return the database's own tables, parents before children."""
    found = MetaData()
    found.reflect(connection)
    return found.sorted_tables


def load_table(connection: Connection, name: str) -> Table:
    """Return one of the database's own tables, without those that it refers to: reading all of them takes a second."""
    return Table(name, MetaData(), autoload_with=connection, resolve_fks=False)


def order_rows(table: Table, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give rows so that one that refers to another of the same table comes after it."""
    own = [
        (key.parent.name, key.column.name)
        for key in table.foreign_keys
        if key.column.table is table and key.parent is not None
    ]
    if not own:
        yield from rows
        return
    (child, parent) = own[0]
    waiting, known = list(rows), {None}
    while waiting:
        ready = [row for row in waiting if row[child] in known]
        if not ready:
            raise ValueError(f"the rows of {table.name} refer to each other in a circle")
        yield from ready
        known |= {row[parent] for row in ready}
        waiting = [row for row in waiting if row[parent] not in known]
