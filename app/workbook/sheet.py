"""What a sheet of the workbook is: columns declared as data, from which everything else derives.

Template, export, import, error sentences and drop-downs all read these declarations (app/workbook/sheets).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.db import Base


class Kind(StrEnum):
    """How the cells of a column are read and written."""

    code = "code"
    text = "text"
    name = "name"
    integer = "integer"
    number = "number"
    yes_no = "yes_no"
    date = "date"
    time = "time"
    instant = "instant"
    choice = "choice"
    choices = "choices"
    texts = "texts"
    reference = "reference"
    references = "references"
    weekday = "weekday"
    weekdays = "weekdays"
    patterns = "patterns"
    amounts = "amounts"
    json = "json"
    id_number = "id_number"
    phone = "phone"


@dataclass(frozen=True)
class Column:
    """One column: key, what it is called, how its cells are read, what they may hold.

    `attr` is the model's attribute where it differs from the key (None: a store of the sheet's own reads and
    writes it). `refers` names the sheets whose codes the cell may hold. `low` and `high` bound numbers, `length` texts.
    """

    key: str
    zh: str
    en: str
    kind: Kind = Kind.text
    required: bool = False
    choice: type[StrEnum] | None = None
    omits: tuple[StrEnum, ...] = ()
    """Members of `choice` that this column does not take."""
    refers: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    length: int = 200
    default: Any = None
    """What an empty cell means."""
    note_zh: str = ""
    note_en: str = ""
    attr: str | None = ""
    sealed: bool = False
    keeps: bool = False
    """Whether an empty cell leaves what the record has: what was drawn once is never drawn again."""
    pattern: str = ""
    """A regular expression that a text has to match as a whole."""
    synonyms: tuple[str, ...] = ()

    @property
    def attribute(self) -> str | None:
        """Name of the model's attribute; None where the sheet's own store reads and writes the column."""
        if self.attr != "":
            return self.attr
        return f"{self.key}_id" if self.kind is Kind.reference else self.key


@dataclass(frozen=True)
class Sheet:
    """One sheet: its names, its table, its columns, and which of them tell rows apart."""

    key: str
    zh: str
    en: str
    model: type[Base]
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ("code",)
    uniques: tuple[tuple[str, ...], ...] = ()
    """Other columns that together tell rows apart; rows with an empty value among them do not clash."""
    note_zh: str = ""
    note_en: str = ""

    def column(self, key: str) -> Column:
        """Return the column with this key."""
        return next(column for column in self.columns if column.key == key)

    def identify(self, row: Row) -> Identity:
        """Return what tells this row from the others: its code, or the values of several columns."""
        if len(self.identity) == 1:
            return row.get(self.identity[0])
        return tuple(row.get(key) for key in self.identity)


Row = dict[str, Any]
"""Values of one row by column key, as parsed; None for an empty cell."""

Identity = Any
"""A code, or a tuple where a row has no code of its own."""

CODE_SHAPE: Final = r"[A-Za-z0-9][A-Za-z0-9_.:/@#+-]*"


def code(length: int = 32, zh: str = "编码", en: str = "Code") -> Column:
    """Return the column of a row's stable code."""
    return Column(
        "code", zh, en, Kind.code, required=True, length=length,
        note_zh="固定不变的编码，同一行以后都用它；字母、数字和 _ . : / @ # + -。",
        note_en="The row's stable code: letters, digits and _ . : / @ # + -; never reused.",
    )  # fmt: skip


def choice(key: str, zh: str, en: str, of: type[StrEnum], **more: Any) -> Column:
    """Return a column that holds one word of a list."""
    return Column(key, zh, en, Kind.choice, choice=of, **more)


def refer(key: str, zh: str, en: str, *sheets: str, **more: Any) -> Column:
    """Return a column that holds the code of a row of another sheet."""
    return Column(key, zh, en, Kind.reference, refers=sheets, length=48, **more)


def day(key: str, zh: str, en: str, **more: Any) -> Column:
    """Return a column of dates."""
    return Column(key, zh, en, Kind.date, **more)


def yes_no(key: str, zh: str, en: str, *, default: bool, **more: Any) -> Column:
    """Return a column of 是 and 否."""
    return Column(key, zh, en, Kind.yes_no, default=default, **more)


def count(key: str, zh: str, en: str, **more: Any) -> Column:
    """Return a column of whole numbers, 0 and above unless told otherwise."""
    return Column(key, zh, en, Kind.integer, **({"low": 0, "high": 10_000_000} | more))


def valid_from_to(*, required: bool = True, en_to: str = "Last valid day") -> tuple[Column, Column]:
    """Return the two columns of a period; an empty end means open."""
    return (
        day("valid_from", "生效日期", "Valid from", required=required),
        day(
            "valid_to",
            "失效日期",
            en_to,
            note_zh="最后有效的一天；空白表示长期。",
            note_en="Last day it counts; empty: open.",
        ),
    )
