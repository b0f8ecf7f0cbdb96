"""Lists as an Excel file: text cells that are never formulas or links, a head that stays, widths by content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NOT_IN_A_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_NAME: Final = 31


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its heads, its rows of texts and numbers."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | int]]


def make_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the file; nothing of it touches the disk."""
    import xlsxwriter  # noqa: PLC0415 - a quarter of a second at every start; few requests make a workbook

    made = BytesIO()
    with xlsxwriter.Workbook(made, _OPTIONS) as book:
        head = book.add_format({"bold": True, "bg_color": "#ECECEC", "border": 1})
        for number, sheet in enumerate(sheets, 1):
            name = f"{number} {sheet.name.translate(_NOT_IN_A_NAME)}"[:_LONGEST_NAME].strip()
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for column, text in enumerate(sheet.heads):
                page.write_string(0, column, text, head)
                longest = max([len(text), *(len(str(row[column])) for row in sheet.rows)])
                page.set_column(column, column, min(48, 2 * longest + 2))
            for line, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        page.write_string(line, column, value)
                    else:
                        page.write_number(line, column, value)
    return made.getvalue()
