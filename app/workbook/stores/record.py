"""The record as the workbook sees it: codes and stored rows of every sheet, loaded as they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from app.workbook.sheet import Identity, Row, Sheet
from app.workbook.sheets import BY_KEY, SHEETS
from app.workbook.stores.bookings import BookingStore
from app.workbook.stores.children import Aliases, Capacities, Patterns, Preferences, Roles
from app.workbook.stores.closures import ClosureStore
from app.workbook.stores.codes import Codes
from app.workbook.stores.persons import PeopleStore
from app.workbook.stores.placements import PlacementStore
from app.workbook.stores.places import AreaStore, CompoundStore, PointStore
from app.workbook.stores.slotdays import SlotDayStore
from app.workbook.stores.table import Stored, TableStore
from app.workbook.stores.templates import TemplateStore

_SPECIAL: Final[dict[str, Callable[[Sheet], TableStore]]] = {
    "areas": lambda sheet: AreaStore(sheet, [Aliases()]),
    "compounds": lambda sheet: CompoundStore(sheet, [Aliases()]),
    "sites": PointStore,
    "templates": lambda sheet: TemplateStore(sheet, [Capacities()]),
    "slot_days": SlotDayStore,
    "closures": ClosureStore,
    "bookings": BookingStore,
    "people": lambda sheet: PeopleStore(sheet, [Roles()]),
    "needs": lambda sheet: TableStore(sheet, [Patterns(), Preferences()]),
    "placements": PlacementStore,
}


def open_stores() -> dict[str, TableStore]:
    """Return the store of each sheet."""
    return {sheet.key: _SPECIAL.get(sheet.key, TableStore)(sheet) for sheet in SHEETS}


class Record:
    """One session's view of the record."""

    def __init__(self, session: Session, today: date | None = None) -> None:
        self.session = session
        self.codes = Codes(session)
        self.stores = open_stores()
        templates = self.stores["templates"]
        if today is not None and isinstance(templates, TemplateStore):
            templates.today = today
        self._loaded: dict[str, dict[Identity, Stored]] = {}

    def follow(self, session: Session) -> None:
        """Go on in another session that sees the same record."""
        self.session = session
        self.codes.follow(session)

    def stored(self, key: str) -> dict[Identity, Stored]:
        """Return the stored rows of a sheet by identity."""
        if key not in self._loaded:
            self._loaded[key] = self.stores[key].load(self.session, self.codes)
        return self._loaded[key]

    def find(self, key: str, identity: Identity) -> Row | None:
        """Return the values of one stored row."""
        found = self.stored(key).get(identity)
        return None if found is None else found.values

    def forget(self, key: str) -> None:
        """Read a sheet again when it is next asked for."""
        self._loaded.pop(key, None)

    @staticmethod
    def sheet(key: str) -> Sheet:
        """Return a sheet's declaration."""
        return BY_KEY[key]
