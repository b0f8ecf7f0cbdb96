"""Stores of areas, compounds and sites: two tables behind one sheet, and points that are always WGS-84."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.models import Area
from app.models.enums import AreaKind, Datum
from app.workbook.sheet import Identity, Row
from app.workbook.stores.codes import Codes, table_of
from app.workbook.stores.table import Stored, TableStore

_COMMITTEES: Final = ("areas",)


class AreaStore(TableStore):
    """Areas above the compounds."""

    def select_rows(self) -> Select[Any]:
        """Leave the compounds to their own sheet."""
        return super().select_rows().where(Area.kind != AreaKind.compound)

    def insert(self, session: Session, rows: Sequence[Row], codes: Codes) -> dict[Identity, Any]:
        """Insert level by level, so that what an area lies in is there before it."""
        made: dict[Identity, Any] = {}
        for kind in AreaKind:
            level = super().insert(session, [row for row in rows if row["kind"] is kind], codes)
            codes.add("areas", level)
            made |= level
        return made


class PointStore(TableStore):
    """Rows with a point: what the record holds is WGS-84, whatever datum it came in."""

    def read_record(self, record: Any, codes: Codes) -> Row:
        """Say that the stored point is WGS-84."""
        return super().read_record(record, codes) | {"datum": Datum.wgs84}


class CompoundStore(PointStore):
    """Compounds: a node of the area tree and what is known of the compound itself."""

    def load(self, session: Session, codes: Codes) -> dict[Identity, Stored]:
        """Return every compound with its names and its place in the tree."""
        columns = (Area.id, Area.code, Area.parent_id, Area.name_zh, Area.name_en)
        self._areas = {row.id: row for row in session.execute(select(*columns))}
        return super().load(session, codes)

    def read_record(self, record: Any, codes: Codes) -> Row:
        """Add what the area's row says."""
        area = self._areas[record[0]]
        return super().read_record(record, codes) | {
            "code": area.code,
            "parent": codes.code_of(_COMMITTEES, area.parent_id),
            "name_zh": area.name_zh,
            "name_en": area.name_en or None,
        }

    def insert(self, session: Session, rows: Sequence[Row], codes: Codes) -> dict[Identity, Any]:
        """Insert the areas, then the compounds."""
        if not rows:
            return {}
        table = table_of(Area)
        areas = [{"code": row["code"], "kind": AreaKind.compound, **self._area(row, codes)} for row in rows]
        made = session.execute(
            insert(table).returning(table.c.id, sort_by_parameter_order=True), areas
        ).scalars()
        ids = {row["code"]: id_ for row, id_ in zip(rows, made, strict=True)}
        records = [{"area_id": ids[row["code"]], **self.write_record(row, codes, None)} for row in rows]
        session.execute(insert(self.table), records)
        for child in self.children:
            child.insert(session, [(ids[row["code"]], row) for row in rows], codes)
        return ids

    def update(self, session: Session, changes: Sequence[tuple[Stored, Row]], codes: Codes) -> None:
        """Update the areas, then the compounds."""
        if not changes:
            return
        table = table_of(Area)
        names = ("parent_id", "name_zh", "name_en")
        session.connection().execute(
            update(table)
            .where(table.c.id == bindparam("changed_id"))
            .values({n: bindparam(n) for n in names}),
            [{"changed_id": stored.id, **self._area(row, codes)} for stored, row in changes],
        )
        super().update(session, changes, codes)

    def _area(self, row: Row, codes: Codes) -> Row:
        return {
            "parent_id": codes.id_of(_COMMITTEES, row["parent"]),
            "name_zh": row["name_zh"],
            "name_en": row.get("name_en") or "",
        }
