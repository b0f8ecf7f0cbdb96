"""Stores of placements and of the capacity that they use; `taken` is the ledger's affair, never written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.db import WriteSession
from app.ledger.commands import occupy, vacate
from app.ledger.queries import OCCUPYING
from app.models import Need, PlacementUse
from app.models.enums import CapacityKind
from app.workbook.sheet import Identity, Row
from app.workbook.stores.cells import fold_amounts, unfold_amounts
from app.workbook.stores.codes import Codes, table_of
from app.workbook.stores.table import Stored, TableStore
from app.workbook.stores.week import load_week

_TEMPLATES: Final = ("templates",)
_BATCH: Final = 5000
_OCCUPIES: Final = ("care_class", "weekdays", "part", "starts_on", "ends_on", "state", "uses")
"""Columns that decide what a placement occupies."""


class PlacementStore(TableStore):
    """Placements with what they use of each cell."""

    def load(self, session: Session, codes: Codes) -> dict[Identity, Stored]:
        """Return every placement; its uses folded where all cells are alike."""
        rows = super().load(session, codes)
        week = load_week(session, codes)
        used: defaultdict[int, dict[tuple[str, CapacityKind], int]] = defaultdict(dict)
        columns = (
            PlacementUse.placement_id,
            PlacementUse.template_id,
            PlacementUse.kind,
            PlacementUse.amount,
        )
        for placement_id, template_id, kind, amount in session.execute(select(*columns)):
            used[placement_id][str(codes.code_of(_TEMPLATES, template_id)), kind] = amount
        for stored in rows.values():
            cells = week.list_cells(*_span(stored.values))
            stored.values["uses"] = fold_amounts(used.get(stored.id, {}), cells)
        return rows

    def insert(self, session: Session, rows: Sequence[Row], codes: Codes) -> dict[Identity, Any]:
        """Insert placements and take what they use on the dated slots there are; what is over capacity is inherited."""
        self._persons = _load_persons(session)
        made = super().insert(session, rows, codes)
        self._insert_uses(session, [(made[row["code"]], row) for row in rows], codes)
        occupying = [made[row["code"]] for row in rows if row["state"] in OCCUPYING]
        self._occupy(session, occupying)
        return made

    def update(self, session: Session, changes: Sequence[tuple[Stored, Row]], codes: Codes) -> None:
        """Give back what changed placements occupied, write them, and take what they occupy now."""
        moved = [
            (stored, row)
            for stored, row in changes
            if any(stored.values.get(key) != row.get(key) for key in _OCCUPIES)
        ]
        ids = [stored.id for stored, _ in moved]
        assert isinstance(session, WriteSession)
        if ids:
            vacate(session, ids)
        self._persons = _load_persons(session)
        super().update(session, changes, codes)
        uses = table_of(PlacementUse)
        if ids:
            session.execute(delete(uses).where(uses.c.placement_id.in_(ids)))
        self._insert_uses(session, [(stored.id, row) for stored, row in moved], codes)
        self._occupy(session, [stored.id for stored, row in moved if row["state"] in OCCUPYING])

    def write_record(self, row: Row, codes: Codes, row_key: str | None) -> dict[str, Any]:
        """Add the person: always the need's."""
        record = super().write_record(row, codes, row_key)
        return record | {"person_id": self._persons[record["need_id"]]}

    def _insert_uses(self, session: Session, parts: Sequence[tuple[int, Row]], codes: Codes) -> None:
        if not parts:
            return
        week = load_week(session, codes)
        records = [
            {
                "placement_id": id_,
                "template_id": codes.id_of(_TEMPLATES, cell),
                "kind": kind,
                "amount": amount,
            }
            for id_, row in parts
            for (cell, kind), amount in unfold_amounts(
                row["uses"] or (), week.list_cells(*_span(row))
            ).items()
        ]
        if records:
            session.execute(insert(table_of(PlacementUse)), records)

    def _occupy(self, session: Session, ids: Sequence[int]) -> None:
        assert isinstance(session, WriteSession)
        for start in range(0, len(ids), _BATCH):
            occupy(session, ids[start : start + _BATCH], may_overfill=True)


def _span(row: Row) -> tuple[Any, ...]:
    return row["care_class"], row["weekdays"], row["part"], row["starts_on"], row.get("ends_on")


def _load_persons(session: Session) -> dict[int, int]:
    return dict(session.execute(select(Need.id, Need.person_id)).all())
