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
"""Where this share of a column cannot be read, the column holds something else than its header says."""
_FEW, _MANY = 5, 20
"""Two such columns with 5 cells each, or one with 20, and the file is refused in one sentence."""


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
                unread[column.key] += 1
                found.append((line, problem))
        tab.lines.append(line)
    _check_columns(tab, seen, unread)
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


def _check_columns(tab: Tab, seen: Counter[str], unread: Counter[str]) -> None:
    strange = [key for key in tab.places if unread[key] >= max(1, _SHARE * seen[key])]
    if sum(seen[key] >= _FEW for key in strange) >= 2 or any(seen[key] >= _MANY for key in strange):
        columns = [tab.sheet.column(key) for key in strange]
        raise UnusableFile(
            "columns_disagree",
            sheet=tab.title,
            columns="」「".join(tab.places[column.key].header for column in columns),
            columns_en=", ".join(column.en for column in columns),
        )
