"""Compares a file's rows with the record and writes what is new or changed; equal rows are left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.workbook.lines import Tab, list_live
from app.workbook.parsing import EMPTY
from app.workbook.sheet import Column, Kind, Row, Sheet
from app.workbook.sheets import SHEETS
from app.workbook.stores.record import Record
from app.workbook.stores.table import Stored

_PARENTS_FIRST: Final = frozenset({"areas"})
"""Sheets whose changed rows may refer to new rows of the same sheet."""


@dataclass
class Change:
    """What a file changes in one sheet."""

    sheet: Sheet
    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Stored, Row]] = field(default_factory=list)
    unchanged: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the counts."""
        return {"new": len(self.new), "changed": len(self.changed), "unchanged": self.unchanged}


def compare(tab: Tab, record: Record) -> Change:
    """Return what a tab's good rows would change; values are completed from what is stored."""
    sheet = tab.sheet
    stored = record.stored(sheet.key)
    change = Change(sheet)
    defaults = {column.key: EMPTY.get(column.kind, column.default) for column in sheet.columns}
    keeps = [column.key for column in sheet.columns if column.keeps]
    renaming = [column for column in tab.columns if column.kind in (Kind.reference, Kind.references)]
    for line in list_live(tab):
        if line.waits:
            continue
        row = line.values
        is_ours = _rename(row, sheet, renaming, record)
        before = stored.get(sheet.identify(row))
        if before is None:
            change.new.append(defaults | row)
            continue
        said = row if tab.clears and is_ours else {k: v for k, v in row.items() if v not in (None, (), "")}
        after = before.values | said
        for key in keeps:
            if after[key] is None:
                after[key] = before.values[key]
        if after == before.values:
            change.unchanged += 1
        else:
            change.changed.append((before, after))
    return change


def _rename(row: Row, sheet: Sheet, columns: list[Column], record: Record) -> bool:
    """Put the record's codes in the place of the file's; return whether the row's own code is the record's."""
    codes = record.codes
    for column in columns:
        value = row.get(column.key)
        if column.kind is Kind.references:
            row[column.key] = tuple(codes.resolve(column.refers, code) or code for code in value or ())
        elif value is not None:
            row[column.key] = codes.resolve(column.refers, value) or value
    if sheet.key != "people":
        return True
    theirs: Any = row["code"]
    row["code"] = codes.resolve(("people",), theirs) or theirs
    return bool(row["code"] == theirs)


def apply(
    record: Record,
    found: Mapping[str, Change],
    between: Callable[[dict[str, Change]], None],
    tell: Callable[[str], None],
) -> None:
    """Write what was found to change, sheet by sheet; `between` makes dated slots before dated rows come in."""
    changes: dict[str, Change] = {}
    slots_made = False
    for sheet in SHEETS:
        if sheet.key in _NEED_SLOTS and not slots_made:
            between(changes)
            slots_made = True
        if sheet.key not in found:
            continue
        tell(sheet.key)
        change = changes[sheet.key] = found[sheet.key]
        store = record.stores[sheet.key]
        if sheet.key not in _PARENTS_FIRST:
            store.update(record.session, change.changed, record.codes)
        record.codes.add(sheet.key, store.insert(record.session, change.new, record.codes))
        if sheet.key in _PARENTS_FIRST:
            store.update(record.session, change.changed, record.codes)


_NEED_SLOTS: Final = frozenset({"slot_days", "bookings"})
