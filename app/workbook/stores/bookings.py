"""Store of bookings: they name their slot by weekly slot and date; what they use is the ledger's affair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.db import WriteSession
from app.ledger.imported import admit_bookings, dismiss_bookings
from app.models import Booking, BookingUse, Need, Slot
from app.workbook.compound_cells import Amount
from app.workbook.sheet import Identity, Row
from app.workbook.stores.codes import Codes, table_of
from app.workbook.stores.dated import find_slots
from app.workbook.stores.table import Stored, TableStore


class BookingStore(TableStore):
    """Bookings with what they use."""

    def load(self, session: Session, codes: Codes) -> dict[Identity, Stored]:
        """Return every booking with its slot and its uses."""
        rows = super().load(session, codes)
        slots = {
            id_: (codes.code_of(("templates",), template_id), on)
            for id_, template_id, on in session.execute(
                select(Booking.id, Slot.template_id, Slot.occurs_on).join(Slot, Slot.id == Booking.slot_id)
            )
        }
        uses: defaultdict[int, list[Amount]] = defaultdict(list)
        for id_, kind, amount in session.execute(
            select(BookingUse.booking_id, BookingUse.kind, BookingUse.amount)
        ):
            uses[id_].append(Amount("", kind, amount))
        for stored in rows.values():
            stored.values["template"], stored.values["occurs_on"] = slots[stored.id]
            stored.values["uses"] = tuple(sorted(uses[stored.id]))
        return rows

    def insert(self, session: Session, rows: Sequence[Row], codes: Codes) -> dict[Identity, Any]:
        """Insert bookings and take what they use; what is over capacity is inherited."""
        if not rows:
            return {}
        self._prepare(session, rows, codes)
        made = super().insert(session, rows, codes)
        self._insert_uses(session, [(made[row["code"]], row) for row in rows])
        assert isinstance(session, WriteSession)
        admit_bookings(session, list(made.values()))
        return made

    def update(self, session: Session, changes: Sequence[tuple[Stored, Row]], codes: Codes) -> None:
        """Give back what changed bookings used, write them, take what they use now."""
        if not changes:
            return
        assert isinstance(session, WriteSession)
        ids = [stored.id for stored, _ in changes]
        dismiss_bookings(session, ids)
        self._prepare(session, [row for _, row in changes], codes)
        # Whatever the office writes of it now is the office's word, not a closure's.
        session.execute(update(Booking).where(Booking.id.in_(ids)).values(by_closure=False))
        super().update(session, changes, codes)
        uses = table_of(BookingUse)
        session.execute(delete(uses).where(uses.c.booking_id.in_(ids)))
        self._insert_uses(session, [(stored.id, row) for stored, row in changes])
        admit_bookings(session, ids)

    def write_record(self, row: Row, codes: Codes, row_key: str | None) -> dict[str, Any]:
        """Add the slot, and the person: always the need's."""
        record = super().write_record(row, codes, row_key)
        slot_id = self._slots[row["template"], row["occurs_on"]]
        return record | {"slot_id": slot_id, "person_id": self._persons[record["need_id"]]}

    def _prepare(self, session: Session, rows: Sequence[Row], codes: Codes) -> None:
        self._slots = find_slots(session, codes, [(row["template"], row["occurs_on"]) for row in rows])
        self._persons = dict(session.execute(select(Need.id, Need.person_id)).all())

    def _insert_uses(self, session: Session, parts: Sequence[tuple[int, Row]]) -> None:
        records = [
            {"booking_id": id_, "kind": use.kind, "amount": use.amount}
            for id_, row in parts
            for use in row["uses"]
        ]
        if records:
            session.execute(insert(table_of(BookingUse)), records)
