"""Finds which sheet and which columns a file's titles and headers mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from app.workbook.faults import Problem
from app.workbook.lines import Findings, Place, Tab
from app.workbook.reading import Grid, letter_of
from app.workbook.sheet import Sheet
from app.workbook.sheets import SHEETS
from app.workbook.texts import show, squeeze

_NOT_WORDS: Final = re.compile(r"[\s*:：()（）\[\]【】_\-/、,.]")
_SEARCHED_ROWS: Final = 10


def plain_header(raw: Any) -> str:
    """Return the form under which headers are compared: no blanks, stars, brackets or colons."""
    return _NOT_WORDS.sub("", squeeze(raw))


@cache
def _titles() -> dict[str, Sheet]:
    return {plain_header(title): sheet for sheet in SHEETS for title in (sheet.zh, sheet.en, sheet.key)}


def find_sheet(title: str) -> Sheet | None:
    """Return the sheet that a tab's title means, in Chinese, English or by key."""
    return _titles().get(plain_header(title))


@cache
def _headers(key: str) -> dict[str, str]:
    from app.workbook.sheets import BY_KEY  # noqa: PLC0415 - beside the cache it fills

    return {
        plain_header(header): column.key
        for column in BY_KEY[key].columns
        for header in (*column.synonyms, column.key, column.en, column.zh)
    }


def match_headers(sheet: Sheet, cells: Sequence[Any]) -> list[str | None]:
    """Return the column key of each header; None for one that the sheet does not have."""
    known = _headers(sheet.key)
    return [known.get(plain_header(cell)) for cell in cells]


def open_tab(grid: Grid, sheet: Sheet, findings: Findings) -> tuple[Tab, int]:
    """Return the tab and the number of rows up to its header; a column missing or named twice is a fault."""
    rows = grid.rows[:_SEARCHED_ROWS]
    matches = [match_headers(sheet, cells) for cells in rows]
    best = max(range(len(rows)), key=lambda i: (len(set(matches[i]) - {None}), -i), default=0)
    places: dict[str, Place] = {}
    twice: list[str] = []
    for index, key in enumerate(matches[best] if matches else []):
        if key is None:
            continue
        if key in places:
            twice.append(key)
        places.setdefault(key, Place(index, letter_of(index), show(rows[best][index])))
    tab = Tab(sheet, grid.name, places)
    for key in twice:
        findings.add(tab, None, Problem("header_twice", key, {"column": sheet.column(key).zh}))
    for column in sheet.columns:
        if column.required and column.key not in places:
            data = {"column": column.zh, "column_en": column.en}
            findings.add(tab, None, Problem("header_missing", None, data))
    return tab, best + 1
