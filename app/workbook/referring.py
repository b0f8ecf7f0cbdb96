"""Resolves what rows refer to: codes of the file or of the record, compounds and areas also by name or alias."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from app.areas.rules import normalise_name
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Line, Tabs
from app.workbook.sheet import Column, Kind, Row
from app.workbook.sheets import BY_KEY
from app.workbook.stores.record import Record

_BUILDINGS: Final = ("buildings",)
_NAMED: Final = ("areas", "compounds")
"""Sheets whose rows may be referred to by name or alias."""


class References:
    """Which codes exist, in the file or in the record."""

    def __init__(self, tabs: Tabs, record: Record) -> None:
        self._tabs = tabs
        self._record = record
        self._in_file = {
            key: {line.values.get("code") for line in tab.lines}
            for key, tab in tabs.items()
            if tab.sheet.identity == ("code",)
        }
        self._names: dict[str, dict[str, set[str]]] = {}
        self._buildings: defaultdict[tuple[Any, str], set[str]] | None = None

    def check(self, findings: Findings) -> None:
        """Put codes in the place of names; a reference to nothing is a fault."""
        for tab in self._tabs.values():
            referring = [c for c in tab.columns if c.kind in (Kind.reference, Kind.references)]
            for line in tab.lines:
                for column in referring:
                    if not tab.clears and column.refers == _BUILDINGS:
                        self._settle_building(line.values)
                    findings.extend(tab, line, self._check_cell(column, line.values))

    def _check_cell(self, column: Column, row: Row) -> Iterator[Problem]:
        value = row.get(column.key)
        if not value:
            return
        found = []
        for text in value if column.kind is Kind.references else (value,):
            codes = self._find(column.refers, text, row)
            if len(codes) > 1:
                yield Problem("ambiguous_name", column.key, {"text": text})
            elif not codes:
                target = BY_KEY[column.refers[-1]]
                yield Problem(
                    "unknown_code", column.key, {"text": text, "target": target.zh, "target_en": target.en}
                )
            found.append(next(iter(codes), text))
        row[column.key] = tuple(found) if column.kind is Kind.references else found[0]

    def _settle_building(self, row: Row) -> None:
        """A list's building that is not registered belongs to the address; nothing is lost and nothing invented."""
        text = row.get("building")
        if text and not self._find(_BUILDINGS, text, row):
            row["building"] = None
            row["address"] = f"{text}{row.get('address') or ''}"

    def _find(self, keys: tuple[str, ...], text: str, row: Row) -> set[str]:
        if any(
            text in self._in_file.get(key, ()) or self._record.codes.resolve((key,), text) for key in keys
        ):
            return {text}
        if keys == _BUILDINGS:
            return self._list_buildings().get((row.get("compound"), normalise_name(text)), set())
        named = [self._list_names(key) for key in keys if key in _NAMED]
        return set().union(*(names.get(normalise_name(text), set()) for names in named))

    def _list_buildings(self) -> dict[tuple[Any, str], set[str]]:
        """Buildings may be called by name beside their compound."""
        if self._buildings is None:
            self._buildings = defaultdict(set)
            rows = [stored.values for stored in self._record.stored("buildings").values()]
            if "buildings" in self._tabs:
                rows += [line.values for line in self._tabs["buildings"].lines]
            for row in rows:
                if row.get("name") and row.get("code"):
                    self._buildings[row.get("compound"), normalise_name(row["name"])].add(row["code"])
        return self._buildings

    def _list_names(self, key: str) -> dict[str, set[str]]:
        if key not in self._names:
            names: defaultdict[str, set[str]] = defaultdict(set)
            rows: list[Row] = [stored.values for stored in self._record.stored(key).values()]
            if key in self._tabs:
                rows += [line.values for line in self._tabs[key].lines]
            for row in rows:
                for name in (row.get("name_zh"), row.get("code"), *(row.get("aliases") or ())):
                    if name and row.get("code"):
                        names[normalise_name(name)].add(row["code"])
            self._names[key] = dict(names)
        return self._names[key]


def list_referred(column: Column, row: Row) -> tuple[Any, ...]:
    """Return the codes that a cell refers to."""
    value = row.get(column.key)
    if not value:
        return ()
    return tuple(value) if column.kind is Kind.references else (value,)


def skip_dependants(tabs: Tabs, record: Record, findings: Findings) -> int:
    """Mark every line that refers to a skipped one, until none is left; return how many that was.

    Rows that wait for a decision about a person make what refers to them wait, too, without a fault.
    """
    skipped = 0
    gone: dict[str, dict[str, Line]] = {}
    for key, tab in tabs.items():  # in the order of the sheets: what is referred to comes first
        referring = [c for c in tab.columns if c.kind in (Kind.reference, Kind.references)]
        for _ in range(2):  # twice: a row may refer to a later row of its own sheet
            for line in tab.lines:
                if line.is_faulty or line.waits:
                    continue
                for column in referring:
                    for code in list_referred(column, line.values):
                        culprit = next(
                            (gone[k][code] for k in column.refers if code in gone.get(k, {})), None
                        )
                        if culprit is None or record.codes.resolve(column.refers, code):
                            continue
                        if culprit.waits and not culprit.is_faulty:
                            line.waits = True
                        else:
                            target = BY_KEY[column.refers[-1]]
                            data = {"text": code, "target": target.zh, "target_en": target.en}
                            findings.add(tab, line, Problem("depends_on_skipped", column.key, data))
                            skipped += 1
            good = {line.values.get("code") for line in tab.lines if not line.is_faulty and not line.waits}
            gone[key] = {
                str(line.values["code"]): line
                for line in tab.lines
                if (line.is_faulty or line.waits)
                and line.values.get("code")
                and line.values["code"] not in good
            }
    return skipped
