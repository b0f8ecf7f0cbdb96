"""Store of single dates that differ from their weekly slot: closed, or with another capacity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import WriteSession
from app.ledger.capacities import set_capacities
from app.models import Slot, SlotCapacity, SlotTemplateCapacity
from app.models.enums import SlotState
from app.workbook.sheet import Identity, Row
from app.workbook.stores.children import Capacities
from app.workbook.stores.codes import Codes, table_of
from app.workbook.stores.dated import find_slots
from app.workbook.stores.table import Stored, TableStore

NOTE: Final = "workbook"


class SlotDayStore(TableStore):
    """Dated slots; only those that differ from their weekly slot are exported."""

    def load(self, session: Session, codes: Codes) -> dict[Identity, Stored]:
        """Return every dated slot with its capacities."""
        rows = super().load(session, codes)
        by_id = {stored.id: stored for stored in rows.values()}
        # What a closure shuts is said on the sheet of closures: a slot's own state is what it has without.
        for slot_id in session.scalars(select(Slot.id).where(Slot.by_closure)):
            by_id[slot_id].values["state"] = SlotState.open
        for stored in rows.values():
            stored.values.update(Capacities.empty)
        for slot_id, kind, capacity in session.execute(
            select(SlotCapacity.slot_id, SlotCapacity.kind, SlotCapacity.capacity)
        ):
            by_id[slot_id].values[f"capacity_{kind.value}"] = capacity
        self._usual: defaultdict[str, Row] = defaultdict(lambda: dict(Capacities.empty))
        for template_id, kind, capacity in session.execute(
            select(SlotTemplateCapacity.template_id, SlotTemplateCapacity.kind, SlotTemplateCapacity.capacity)
        ):
            code = str(codes.code_of(("templates",), template_id))
            self._usual[code][f"capacity_{kind.value}"] = capacity
        return rows

    def choose(self, rows: Iterable[Row]) -> list[Row]:
        """Leave out the dates that are as the week says."""
        return [row for row in rows if row["state"] is not SlotState.open or self._differs(row)]

    def _differs(self, row: Row) -> bool:
        usual = self._usual[row["template"]]
        return any(row[key] != usual[key] for key in Capacities.keys)

    def insert(self, session: Session, rows: Sequence[Row], codes: Codes) -> dict[Identity, Any]:
        """Make dates that were not there, then set them."""
        ids = find_slots(session, codes, [self.sheet.identify(row) for row in rows])
        self._set(session, [(ids[self.sheet.identify(row)], row) for row in rows])
        return ids

    def update(self, session: Session, changes: Sequence[tuple[Stored, Row]], codes: Codes) -> None:  # noqa: ARG002
        """Set dates that are there."""
        self._set(session, [(stored.id, row) for stored, row in changes])

    def _set(self, session: Session, parts: Sequence[tuple[int, Row]]) -> None:
        assert isinstance(session, WriteSession)
        slots = table_of(Slot)
        for slot_id, row in parts:
            setting = update(slots).where(slots.c.id == slot_id)
            if row["state"] is SlotState.open:  # no single date opens what a closure shuts
                setting = setting.where(slots.c.by_closure.is_(False))
            session.execute(setting.values(state=row["state"], by_closure=False))
            for kind, key in zip(Capacities.kinds, Capacities.keys, strict=True):
                if row.get(key) is not None:
                    set_capacities(session, [slot_id], kind, row[key], NOTE)
