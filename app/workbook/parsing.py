"""Turns the cells of a sheet into values; every cell that cannot be read is a fault at its place. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from app.workbook.cells import Reader, is_blank, reader_of
from app.workbook.completing import Completion
from app.workbook.errors import UnusableFile
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Line, Tab
from app.workbook.sheet import Column, Kind
from app.workbook.texts import CellFault

EMPTY: Final[dict[Kind, Any]] = {Kind.texts: (), Kind.choices: (), Kind.references: (), Kind.patterns: ()}
_SHARE: Final = 0.8
"""Where this share of a column cannot be read, the column may hold something else than its header says."""
_LEAST: Final = 5
_SAMPLE: Final = 50
_RIGHT_KIND: Final = frozenset({"id_number_checksum", "id_number_birth_date", "out_of_range", "too_long"})
"""Faults of cells that hold what the header says, only wrongly."""


def read_lines(tab: Tab, rows: Sequence[Sequence[Any]], first: int, findings: Findings) -> None:
    """Add the lines of a sheet to its tab; `first` is the Excel number of the first row.

    Raises
    ------
    UnusableFile
        Where columns hold something else than their headers say.

    """
    readers = [
        (column, tab.places[column.key].index, reader_of(column), EMPTY.get(column.kind, column.default))
        for column in tab.columns
    ]
    seen, unread = Counter[str](), Counter[str]()
    found: list[tuple[Line, Problem]] = []
    for number, cells in enumerate(rows, start=first):
        if all(is_blank(cell) for cell in cells):
            continue
        line = Line(number, {})
        for column, index, read, empty in readers:
            cell = cells[index] if index < len(cells) else ""
            if is_blank(cell):
                line.values[column.key] = empty
                continue
            seen[column.key] += 1
            problem = _read_cell(line, column, read, cell)
            if problem is not None:
                unread[column.key] += problem.code not in _RIGHT_KIND
                found.append((line, problem))
        tab.lines.append(line)
    strange = [key for key in tab.places if seen[key] >= _LEAST and unread[key] >= _SHARE * seen[key]]
    if strange:
        _check_columns(tab, strange, rows)
    for line, problem in found:
        findings.add(tab, line, problem)


def complete_lines(tab: Tab, completion: Completion, findings: Findings) -> None:
    """Fill in what other cells of a row say, then note what is still missing."""
    for line in tab.lines:
        findings.extend(tab, line, completion.complete(tab.sheet.key, line.values))
        findings.extend(tab, line, _list_missing(tab, line))


def _read_cell(line: Line, column: Column, read: Reader, cell: Any) -> Problem | None:
    try:
        line.values[column.key] = read(cell)
    except CellFault as fault:
        line.values[column.key] = None
        line.bad.add(column.key)
        return Problem(fault.code, column.key, fault.data)
    return None


def _list_missing(tab: Tab, line: Line) -> list[Problem]:
    return [
        Problem("required", column.key)
        for column in tab.columns
        if column.required and column.key not in line.bad and line.values.get(column.key) in (None, (), "")
    ]


def _check_columns(tab: Tab, strange: list[str], rows: Sequence[Sequence[Any]]) -> None:
    """Refuse a file whose columns hold each other's content; a column that is merely wrong has faults by row."""
    cells = {
        key: [row[place.index] for row in rows if place.index < len(row) and not is_blank(row[place.index])][
            :_SAMPLE
        ]
        for key, place in tab.places.items()
    }
    for key in strange:
        for other in tab.places:
            if other != key and _fits(tab, key, cells[other]) and _fits(tab, other, cells[key]):
                raise _disagree(tab, [key, other])
    if len(strange) >= 3:
        raise _disagree(tab, strange)


def _fits(tab: Tab, key: str, cells: Sequence[Any]) -> bool:
    read, good = reader_of(tab.sheet.column(key)), 0
    for cell in cells:
        try:
            read(cell)
        except CellFault:
            continue
        good += 1
    return bool(cells) and good >= _SHARE * len(cells)


def _disagree(tab: Tab, keys: Sequence[str]) -> UnusableFile:
    return UnusableFile(
        "columns_disagree",
        sheet=tab.title,
        columns="」「".join(tab.places[key].header for key in keys),
        columns_en=", ".join(tab.sheet.column(key).en for key in keys),
    )
