"""Reads the sheets of ours that a workbook has."""

from __future__ import annotations

from pathlib import Path

from app.workbook.errors import UnusableFile
from app.workbook.examining import Tell
from app.workbook.headers import find_sheet, open_tab
from app.workbook.lines import Findings, Tabs
from app.workbook.parsing import read_lines
from app.workbook.reading import read_grids
from app.workbook.sheets import SHEETS


def read_tabs(path: Path, findings: Findings, tell: Tell) -> Tabs:
    """Return the sheets that a workbook has of ours, in our order.

    Raises
    ------
    UnusableFile
        Where the file cannot be read, or has none of our sheets.

    """
    found: Tabs = {}
    for grid in read_grids(path):
        sheet = find_sheet(grid.name)
        if sheet is None or not grid.rows or sheet.key in found:
            continue
        tell(sheet.key)
        tab, first = open_tab(grid, sheet, findings)
        read_lines(tab, grid.rows[first:], first + 1, findings)
        found[sheet.key] = tab
    if not found:
        raise UnusableFile("no_known_sheet", file=path.name)
    return {sheet.key: found[sheet.key] for sheet in SHEETS if sheet.key in found}
