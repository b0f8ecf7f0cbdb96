"""Finds the dated slots that rows name by weekly slot and date, and makes those that are not there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.clock import SHANGHAI
from app.db import WriteSession
from app.ledger.commands import add_capacities, lock_templates
from app.models import Slot, SlotTemplate
from app.workbook.stores.codes import Codes, table_of


def find_slots(
    session: Session, codes: Codes, wanted: Iterable[tuple[str, date]]
) -> dict[tuple[str, date], int]:
    """Return the slot ids of (weekly slot, date); a slot of the past, or of a day left out, is made.

    What the office writes down has happened or will: the calendar does not overrule it.
    """
    wanted = set(wanted)
    found = _load(session, codes)
    missing = sorted(wanted - found.keys())
    if missing:
        assert isinstance(session, WriteSession)
        lock_templates(session)
        newest = session.scalar(select(func.coalesce(func.max(Slot.id), 0))) or 0
        templates = {row.code: row for row in session.scalars(select(SlotTemplate))}
        rows = [
            {
                "template_id": templates[code].id,
                "class_id": templates[code].class_id,
                "occurs_on": on,
                "starts_at": datetime.combine(on, templates[code].starts_at_local, SHANGHAI),
                "ends_at": datetime.combine(on, templates[code].ends_at_local, SHANGHAI),
                "state": "open",
            }
            for code, on in missing
        ]
        session.execute(insert(table_of(Slot)), rows)
        add_capacities(session, after_slot_id=newest)
        found = _load(session, codes)
    return {key: found[key] for key in wanted}


def _load(session: Session, codes: Codes) -> dict[tuple[str, date], int]:
    rows = session.execute(select(Slot.template_id, Slot.occurs_on, Slot.id))
    return {(str(codes.code_of(("templates",), row.template_id)), row.occurs_on): row.id for row in rows}
