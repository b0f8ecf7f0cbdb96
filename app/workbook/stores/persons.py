"""Store of people: search keys are derived from the name, erased people are left out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from app.models import Person
from app.people.names import find_pinyin
from app.workbook.sheet import Row
from app.workbook.stores.codes import Codes
from app.workbook.stores.table import TableStore


class PeopleStore(TableStore):
    """People."""

    def select_rows(self) -> Select[Any]:
        """Leave out whose data were erased: their row is kept for the audit chain only."""
        return super().select_rows().where(Person.erased_at.is_(None))

    def write_record(self, row: Row, codes: Codes, row_key: str | None) -> dict[str, Any]:
        """Add pinyin and initials."""
        pinyin, initials = find_pinyin(row["name"])
        record = super().write_record(row, codes, row_key)
        return record | {"pinyin": pinyin, "pinyin_initials": initials}
