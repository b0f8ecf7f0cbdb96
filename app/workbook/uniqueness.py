"""Finds rows that say the same thing twice: equal codes, equal keys, one ID number in two rows, aliases taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from app.areas.rules import normalise_name
from app.workbook.cells import write_cell
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Line, Tab, Tabs
from app.workbook.sheet import Row
from app.workbook.stores.record import Record


def check_uniqueness(tabs: Tabs, record: Record, findings: Findings) -> None:
    """Note every row that repeats another of the file, or clashes with another of the record."""
    for tab in tabs.values():
        _check_identity(tab, findings)
        for keys in tab.sheet.uniques:
            if all(key in tab.places for key in keys):
                _check_unique(tab, keys, record, findings)
    if "people" in tabs:
        _check_persons(tabs["people"], findings)
    _check_aliases(tabs, record, findings)


def _check_identity(tab: Tab, findings: Findings) -> None:
    keys = tab.sheet.identity
    for line, first in _list_repeats(tab.lines, keys):
        shown = " ".join(str(write_cell(tab.sheet.column(key), line.values[key])) for key in keys)
        findings.add(tab, line, Problem("duplicate_row", keys[0], {"first": first.number, "key": shown}))


def _list_repeats(lines: Iterable[Line], keys: tuple[str, ...]) -> Iterator[tuple[Line, Line]]:
    seen: dict[Any, Line] = {}
    for line in lines:
        key = tuple(line.values.get(k) for k in keys)
        if None in key:
            continue
        if key in seen:
            yield line, seen[key]
        else:
            seen[key] = line


def _check_unique(tab: Tab, keys: tuple[str, ...], record: Record, findings: Findings) -> None:
    for line, first in _list_repeats(tab.lines, keys):
        shown = " ".join(str(write_cell(tab.sheet.column(key), line.values[key])) for key in keys)
        findings.add(tab, line, Problem("duplicate_row", keys[-1], {"first": first.number, "key": shown}))
    in_file = {tab.sheet.identify(line.values) for line in tab.lines}
    taken = {
        tuple(stored.values.get(key) for key in keys): identity
        for identity, stored in record.stored(tab.sheet.key).items()
        if identity not in in_file
    }
    for line in tab.lines:
        owner = taken.get(tuple(line.values.get(key) for key in keys))
        if owner is not None:
            text = write_cell(tab.sheet.column(keys[-1]), line.values[keys[-1]])
            findings.add(tab, line, Problem("name_taken", keys[-1], {"text": text, "owner": owner}))


def _check_persons(tab: Tab, findings: Findings) -> None:
    for line, first in _list_repeats(tab.lines, ("id_number",)):
        findings.add(tab, line, Problem("duplicate_id_number", "id_number", {"first": first.number}))
    without = [line for line in tab.lines if not line.values.get("id_number") and "id_number" not in line.bad]
    for line, first in _list_repeats(without, ("name", "born_on", "phone")):
        if line.values.get("code") != first.values.get("code"):
            findings.add(tab, line, Problem("duplicate_person", "name", {"first": first.number}))


def _check_aliases(tabs: Tabs, record: Record, findings: Findings) -> None:
    """Aliases are one name space over areas and compounds."""
    present = [tabs[key] for key in ("areas", "compounds") if key in tabs]
    if not any(line.values.get("aliases") for tab in present for line in tab.lines):
        return
    owners: dict[str, str] = {}
    in_file = {line.values.get("code") for tab in present for line in tab.lines}
    for key in ("areas", "compounds"):
        for code, stored in record.stored(key).items():
            if code not in in_file:
                owners.update(dict.fromkeys(stored.values["aliases"], code))
    for tab in present:
        for line in tab.lines:
            for alias in _list_aliases(line.values):
                owner = owners.setdefault(alias, str(line.values.get("code")))
                if owner != line.values.get("code"):
                    findings.add(
                        tab, line, Problem("alias_taken", "aliases", {"text": alias, "owner": owner})
                    )


def _list_aliases(row: Row) -> set[str]:
    return {normalise_name(alias) for alias in row.get("aliases") or ()}
