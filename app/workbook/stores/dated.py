"""Finds the dated slots that rows name by weekly slot and date; what is missing is made by app/slots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import WriteSession
from app.models import Slot
from app.slots.commands import make_slots
from app.workbook.stores.codes import Codes


def find_slots(
    session: Session, codes: Codes, wanted: Iterable[tuple[str, date]]
) -> dict[tuple[str, date], int]:
    """Return the slot ids of (weekly slot, date); a slot of the past, or of a day left out, is made."""
    wanted = set(wanted)
    found = _load(session, codes)
    missing = wanted - found.keys()
    if missing:
        assert isinstance(session, WriteSession)
        templates = codes.of("templates")
        make_slots(session, [(templates[code], on) for code, on in missing])
        found = _load(session, codes)
    return {key: found[key] for key in wanted}


def _load(session: Session, codes: Codes) -> dict[tuple[str, date], int]:
    rows = session.execute(select(Slot.template_id, Slot.occurs_on, Slot.id))
    return {(str(codes.code_of(("templates",), row.template_id)), row.occurs_on): row.id for row in rows}
