"""Opens a workbook and gives its sheets as rows of cells; refuses what is not a harmless workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine

from app.workbook.container import check_container
from app.workbook.errors import UnusableFile


@dataclass(frozen=True)
class Grid:
    """One sheet: its name and its rows from row 1, each as wide as the sheet."""

    name: str
    rows: list[list[Any]]


def read_grids(path: Path) -> Iterator[Grid]:
    """Give every worksheet of a workbook in its order; one at a time, so that one at a time is in memory.

    Raises
    ------
    UnusableFile
        For anything but a readable workbook.

    """
    check_container(path)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except BaseException as fault:
        raise _damaged(path, fault) from fault
    for name in names:
        try:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except BaseException as fault:
            raise _damaged(path, fault) from fault
        yield Grid(name, rows)


def _damaged(path: Path, fault: BaseException) -> BaseException:
    # A panic inside the reader arrives as a BaseException of its own; Ctrl-C must stay what it is.
    if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
        return UnusableFile("file_damaged", file=path.name)
    return fault


def letter_of(column: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
