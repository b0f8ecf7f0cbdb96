"""Translates codes to row ids and back; the workbook never sees an id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.db import Base
from app.models import Area
from app.models.enums import AreaKind
from app.workbook.sheet import Sheet
from app.workbook.sheets import BY_KEY


class Codes:
    """Codes and ids of the record, loaded sheet by sheet as they are asked for.

    A file may call a person by another code than the record does (the same ID number): `rename` remembers that.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[str, dict[str, int]] = {}
        self._codes: dict[str, dict[int, str]] = {}
        self._renamed: dict[tuple[str, str], str] = {}

    def follow(self, session: Session) -> None:
        """Go on in another session that sees the same record."""
        self._session = session

    def of(self, key: str) -> dict[str, int]:
        """Return the ids by code of a sheet's rows."""
        if key not in self._ids:
            self._ids[key] = self.read(key)
        return self._ids[key]

    def read(self, key: str) -> dict[str, int]:
        """Return the ids by code as the record has them now."""
        return dict(self._session.execute(_select_codes(BY_KEY[key])).all())

    def add(self, key: str, made: dict[Any, int]) -> None:
        """Learn the ids of rows written just now."""
        if made and BY_KEY[key].identity == ("code",):
            self.of(key).update(made)
            self._codes.pop(key, None)

    def rename(self, key: str, theirs: str, ours: str) -> None:
        """Remember that the file's code means a row that the record calls otherwise."""
        self._renamed[key, theirs] = ours

    def resolve(self, keys: Iterable[str], code: str) -> str | None:
        """Return the record's code for a code of the file; None where the record has none."""
        for key in keys:
            ours = self._renamed.get((key, code), code)
            if ours in self.of(key):
                return ours
        return None

    def id_of(self, keys: Iterable[str], code: str | None) -> int | None:
        """Return the row id of a code in one of several sheets; None for None."""
        if code is None:
            return None
        for key in keys:
            found = self.of(key).get(self._renamed.get((key, code), code))
            if found is not None:
                return found
        raise KeyError(code)

    def code_of(self, keys: Iterable[str], row_id: int | None) -> str | None:
        """Return the code of a row id; None for None."""
        if row_id is None:
            return None
        for key in keys:
            if key not in self._codes:
                self._codes[key] = {id_: code for code, id_ in self.of(key).items()}
            found = self._codes[key].get(row_id)
            if found is not None:
                return found
        raise KeyError(row_id)


def _select_codes(sheet: Sheet) -> Any:
    if sheet.key == "compounds":
        return select(Area.code, Area.id).where(Area.kind == AreaKind.compound)
    if sheet.key == "areas":
        return select(Area.code, Area.id).where(Area.kind != AreaKind.compound)
    model: Any = sheet.model
    return select(model.code, model.id)


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for bulk statements."""
    return cast("Table", model.__table__)
