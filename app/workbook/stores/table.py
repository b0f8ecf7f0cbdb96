"""A store for a sheet that is one table: plain, referring and sealed columns, and rows of child tables.

Bulk statements throughout: 30,000 people with all that belongs to them come in within a minute.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.people.identity import clean_phone
from app.sealed import HasSealedFields, keyring, seal_columns
from app.workbook.compound_cells import write_json
from app.workbook.sheet import Column, Identity, Kind, Row, Sheet
from app.workbook.stores.children import Child
from app.workbook.stores.codes import Codes, table_of


@dataclass
class Stored:
    """One row of the record: its values as a cell would hold them, and what an update needs."""

    id: Any
    values: Row
    row_key: str | None = None


class TableStore:
    """Reads and writes the rows of one sheet."""

    def __init__(self, sheet: Sheet, children: Sequence[Child] = ()) -> None:
        self.sheet = sheet
        self.model: Any = sheet.model
        self.table = table_of(sheet.model)
        self.children = tuple(children)
        bound = [column for column in sheet.columns if column.attribute is not None]
        self.sealed = [column for column in bound if column.sealed]
        self.plain = [column for column in bound if not column.sealed]
        names = [(str(column.attribute), column) for column in self.plain]
        self._writes = [(name, column, getattr(self.model, name)) for name, column in names]
        self._sealed_rows: dict[int, dict[str, Any]] = {}
        """What `seal` made ready, by the identity of the row: it is the very row that is inserted."""
        self.key: InstrumentedAttribute[Any] = getattr(self.model, next(iter(self.table.primary_key)).key)

    # Reading

    def select_rows(self) -> Select[Any]:
        """Return the statement that reads the bound columns; a special store narrows it."""
        attributes = [self.key, *(getattr(self.model, str(c.attribute)) for c in self.plain)]
        if self.sealed:
            attributes += [self.model.row_key, *(getattr(self.model, self._box(c)) for c in self.sealed)]
        return select(*attributes)

    def load(self, session: Session, codes: Codes) -> dict[Identity, Stored]:
        """Return every row of the sheet by its identity."""
        children = [child.load(session, codes) for child in self.children]
        rows: dict[Identity, Stored] = {}
        for record in session.execute(self.select_rows()):
            values = self.read_record(record, codes)
            for child, found in zip(self.children, children, strict=True):
                values.update(found.get(record[0], child.empty))
            stored = Stored(record[0], values, record.row_key if self.sealed else None)
            rows[self.sheet.identify(values)] = stored
        return rows

    def choose(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that an export writes; a special store leaves some out."""
        return list(rows)

    def read_record(self, record: Any, codes: Codes) -> Row:
        """Return the values of one fetched record."""
        values: Row = {}
        for column, raw in zip(self.plain, record[1:], strict=False):
            values[column.key] = _from_record(column, raw, codes)
        if self.sealed:
            keys = keyring()
            for column in self.sealed:
                box = self._box(column)
                raw = getattr(record, box)
                text = (
                    keys.open(raw, f"{self.table.name}.{box}:{record.row_key}") if raw is not None else None
                )
                values[column.key] = clean_phone(text) if text and column.kind is Kind.phone else text or None
        return values

    def _box(self, column: Column) -> str:
        return str(getattr(self.model, str(column.attribute)).column)

    # Writing

    def seal(self, rows: Sequence[Row]) -> None:
        """Seal what is sensitive in new rows ahead of their `insert`: that takes longer than writing them."""
        if self.sealed:
            for row in rows:
                self._sealed_rows[id(row)] = self._seal(row, secrets.token_hex(8))

    def _seal(self, row: Row, row_key: str) -> dict[str, Any]:
        sealed = {str(column.attribute): row.get(column.key) for column in self.sealed}
        columns: dict[str, Any] = seal_columns(cast("type[HasSealedFields]", self.model), row_key, sealed)
        return columns | {"row_key": row_key}

    def insert(self, session: Session, rows: Sequence[Row], codes: Codes) -> dict[Identity, Any]:
        """Insert rows and return their ids by identity."""
        if not rows:
            return {}
        session.execute(insert(self.table), [self.write_record(row, codes, None) for row in rows])
        if self.sheet.identity != ("code",):
            return {}
        # Read back by code: RETURNING in order is a statement a row on SQLite, and slow on PostgreSQL.
        ids = codes.read(self.sheet.key)
        made = {row["code"]: ids[row["code"]] for row in rows}
        for child in self.children:
            child.insert(session, [(made[row["code"]], row) for row in rows], codes)
        return made

    def update(self, session: Session, changes: Sequence[tuple[Stored, Row]], codes: Codes) -> None:
        """Write changed rows over the stored ones."""
        if not changes:
            return
        key = self.table.c[self.key.key]
        records = [
            {**self.write_record(row, codes, stored.row_key), "changed_id": stored.id}
            for stored, row in changes
        ]
        names = [name for name in records[0] if name not in ("changed_id", key.name)]
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        if "version" in self.table.c:
            values["version"] = self.table.c.version + 1
        # The connection, not the session: this is one statement for many rows, not an ORM bulk update.
        session.connection().execute(
            update(self.table).where(key == bindparam("changed_id")).values(values), records
        )
        for child in self.children:
            changed = [(stored.id, row) for stored, row in changes if child.differs(stored.values, row)]
            child.replace(session, changed, codes)

    def write_record(self, row: Row, codes: Codes, row_key: str | None) -> dict[str, Any]:
        """Return the columns of one row for an insert (no row key yet) or an update."""
        record: dict[str, Any] = {}
        for name, column, attribute in self._writes:
            record[name] = _to_record(column, row.get(column.key), attribute, codes)
        if self.sealed:
            ready = self._sealed_rows.pop(id(row), None) if row_key is None else None
            record |= ready or self._seal(row, row_key or secrets.token_hex(8))
        return record


def _from_record(column: Column, raw: Any, codes: Codes) -> Any:
    if column.kind is Kind.reference:
        return codes.code_of(column.refers, raw)
    if column.kind is Kind.json:
        return write_json(raw)
    if column.kind is Kind.texts:
        return tuple(raw)
    return None if raw == "" else raw


def _to_record(column: Column, value: Any, attribute: InstrumentedAttribute[Any], codes: Codes) -> Any:
    if column.kind is Kind.reference:
        return codes.id_of(column.refers, value)
    if column.kind is Kind.json:
        return json.loads(value)
    if column.kind is Kind.texts:
        return list(value or ())
    if value is None and not attribute.property.columns[0].nullable:
        return ""
    return value
