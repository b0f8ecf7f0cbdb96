"""Writes a workbook: headers with notes and drop-downs, then rows. A text cell is never a formula or a link."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from app.workbook import readme, words
from app.workbook.cells import write_cell
from app.workbook.moments import find_serial
from app.workbook.sheet import Column, Kind, Row, Sheet
from app.workbook.sheets import SHEETS

_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LAST_ROW: Final = 100_000
"""Drop-downs reach this far down."""
_LISTED: Final = {"areas", "compounds", "providers", "sites", "services", "classes", "rounds"}
"""Sheets short enough for a drop-down of their codes."""
_LONGEST_LIST: Final = 255  # Excel's limit for a list written into the validation itself
_WIDTHS: Final = {
    Kind.yes_no: 10, Kind.integer: 12, Kind.weekday: 8, Kind.date: 13, Kind.time: 10, Kind.instant: 18,
    Kind.id_number: 22, Kind.phone: 16, Kind.json: 40, Kind.patterns: 26, Kind.amounts: 26,
}  # fmt: skip

GiveRows = Callable[[Sheet], Iterable[Row]]


def write_workbook(path: Path, give_rows: GiveRows) -> dict[str, int]:
    """Write the workbook beside its place and move it there: whole or not at all, readable by its owner only.

    Returns the number of rows by sheet.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".carematch-") as folder:
        made = Path(folder) / path.name
        made.touch(mode=0o600)
        counts = _write(made, give_rows)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(path)
    return counts


def _write(made: Path, give_rows: GiveRows) -> dict[str, int]:
    counts = {}
    # Sheets wait in files until the end: in the same private folder, for they hold the same data.
    with xlsxwriter.Workbook(str(made), _OPTIONS | {"tmpdir": str(made.parent)}) as book:
        styles = _Styles(book)
        readme.write_readme(book)
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.zh)
            _write_header(page, sheet, styles)
            counts[sheet.key] = _write_rows(page, sheet, give_rows(sheet), styles)
    return counts


class _Styles:
    def __init__(self, book: Any) -> None:
        base = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        self.required = book.add_format(base | {"bg_color": "#1F5C57", "font_color": "#FFFFFF"})
        self.optional = book.add_format(base | {"bg_color": "#DDEBE9"})
        self.text = book.add_format({"num_format": "@"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.plain = book.add_format({"num_format": "General"})

    def of(self, column: Column) -> Any:
        """Return the format of a column's cells: what has to stay text is text before anybody types."""
        if column.kind is Kind.date:
            return self.date
        return self.plain if column.kind in (Kind.integer, Kind.number) else self.text


def _write_header(page: Any, sheet: Sheet, styles: _Styles) -> None:
    page.freeze_panes(1, 1)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, _WIDTHS.get(column.kind, 16), styles.of(column))
        page.write_string(0, index, column.zh, styles.required if column.required else styles.optional)
        page.write_comment(0, index, describe(column), {"x_scale": 2, "y_scale": 1.2})
        validation = _validate(column)
        if validation:
            page.data_validation(1, index, _LAST_ROW, index, validation)
    page.autofilter(0, 0, 0, len(sheet.columns) - 1)


def describe(column: Column) -> str:
    """Return a header's note: English name, whether required, what the cell takes, both languages."""
    required = "必填 Required. " if column.required else ""
    codes = ""
    if column.choice is not None:
        codes = "\n" + "；".join(
            f"{words.write_word(member)} = {member.value}"
            for member in column.choice
            if member not in column.omits
        )
    return f"{column.en}. {required}\n{column.note_zh}{chr(10) if column.note_zh else ''}{column.note_en}{codes}".strip()


def _validate(column: Column) -> dict[str, Any] | None:
    if column.kind is Kind.yes_no:
        source: Any = [words.YES, words.NO]
    elif column.kind is Kind.weekday:
        source = [words.write_weekday(day) for day in range(7)]
    elif column.kind is Kind.choice and column.choice is not None:
        source = list(words.list_labels(column.choice, "zh", column.omits))
        if len(",".join(source)) > _LONGEST_LIST:
            return None
    elif column.kind is Kind.reference and column.refers[0] in _LISTED and len(column.refers) == 1:
        target = next(sheet for sheet in SHEETS if sheet.key == column.refers[0])
        source = f"='{target.zh}'!$A$2:$A$5000"
    else:
        return None
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": "请核对 Check",
        "error_message": "不在可选项中。This is not in the list.",
    }


def _write_rows(page: Any, sheet: Sheet, rows: Iterable[Row], styles: _Styles) -> int:
    number = 0
    columns = [(index, column, styles.of(column)) for index, column in enumerate(sheet.columns)]
    for number, row in enumerate(rows, start=1):
        for index, column, style in columns:
            value = write_cell(column, row.get(column.key))
            if value is not None:
                _write_value(page, number, index, value, style)
    return number


def _write_value(page: Any, row: int, index: int, value: Any, style: Any) -> None:
    if isinstance(value, date):
        serial = find_serial(value)
        if serial is None:
            page.write_string(row, index, value.isoformat(), style)
        else:
            page.write_number(row, index, serial, style)
    elif isinstance(value, str):
        page.write_string(row, index, value, style)
    elif float(f"{value:.16G}") == value:
        page.write_number(row, index, value, style)
    else:
        # A number cell keeps 16 digits; the 17th of a coordinate needs a text.
        page.write_string(row, index, repr(value), style)
