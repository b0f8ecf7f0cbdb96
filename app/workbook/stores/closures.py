"""Store of closures: one that was taken back is not exported, and counts again where the office changes its row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Closure
from app.workbook.sheet import Identity, Row
from app.workbook.stores.codes import Codes
from app.workbook.stores.table import Stored, TableStore


class ClosureStore(TableStore):
    """Closures; the same row read again does not close what was opened since."""

    def load(self, session: Session, codes: Codes) -> dict[Identity, Stored]:
        """Return every closure, and remember which close nothing any more."""
        taken_back = select(Closure.code).where(Closure.taken_back_at.is_not(None))
        self._taken_back = set(session.scalars(taken_back))
        return super().load(session, codes)

    def choose(self, rows: Iterable[Row]) -> list[Row]:
        """Leave out the closures that were taken back."""
        return [row for row in rows if row["code"] not in self._taken_back]

    def write_record(self, row: Row, codes: Codes, row_key: str | None) -> dict[str, Any]:
        """Let a row that is new or changed count."""
        return super().write_record(row, codes, row_key) | {"taken_back_at": None}
