"""Reads the record for an export: every sheet's rows, sorted by what tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from app.workbook.referring import list_referred
from app.workbook.sheet import Identity, Kind, Row, Sheet
from app.workbook.stores.record import Record


class ExportRows:
    """Gives the rows of each sheet, called in the order of the sheets; each sheet is forgotten once given.

    Rows that refer to a row left out (an erased person) are left out too.
    """

    def __init__(self, session: Session) -> None:
        self._record = Record(session)
        self._given: dict[str, set[Identity]] = {}

    def __call__(self, sheet: Sheet) -> Iterable[Row]:
        """Return the sheet's rows, sorted."""
        stored = self._record.stored(sheet.key)
        rows = [stored[identity].values for identity in sorted(stored, key=_sort_key)]
        rows = self._record.stores[sheet.key].choose(rows)
        rows = [row for row in rows if not self._dangles(sheet, row)]
        if sheet.identity == ("code",):
            self._given[sheet.key] = {row["code"] for row in rows}
        self._record.forget(sheet.key)
        return rows

    def _dangles(self, sheet: Sheet, row: Row) -> bool:
        return any(
            not any(code in self._given.get(key, ()) for key in column.refers)
            for column in sheet.columns
            if column.kind in (Kind.reference, Kind.references) and set(column.refers) <= set(self._given)
            for code in list_referred(column, row)
        )


def _sort_key(identity: Identity) -> tuple[str, ...]:
    return tuple(_parts(identity))


def _parts(identity: Any) -> Iterator[str]:
    for part in identity if isinstance(identity, tuple) else (identity,):
        # A weekday or year sorts as a number, a word or code as a text; one sheet never mixes the two.
        yield f"{part:09d}" if isinstance(part, int) else str(part)
