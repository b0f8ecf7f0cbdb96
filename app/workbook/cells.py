"""Reads one cell by its column's declaration, and writes a value back. Pure: no session, clock or I/O.

`reader_of(column)` gives a function from a cell's content to a value; it raises `CellFault` with a stable code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from app.people.identity import BadIdNumber, IdNumberFault, clean_id_number, clean_phone, parse_id_number
from app.workbook import compound_cells, moments, words
from app.workbook.sheet import CODE_SHAPE, Column, Kind
from app.workbook.texts import CellFault, clean_name, narrow, show, split_list

Reader = Callable[[Any], Any]

_CODE: Final = re.compile(CODE_SHAPE)
_PHONE: Final = re.compile(r"\+?\d{5,15}(?:转\d{1,6})?")
_NUMBER: Final = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MANY_DIGITS: Final = re.compile(r"\d{3}")


def is_blank(raw: Any) -> bool:
    """Return whether a cell holds nothing but blanks."""
    return (
        raw is None
        or raw == ""
        or (isinstance(raw, str) and not raw.strip(" \t\r\n\u00a0\u3000\u200b\ufeff"))
    )


def reader_of(column: Column) -> Reader:
    """Return the function that reads a non-blank cell of this column."""
    kind = column.kind
    if kind is Kind.choice or kind is Kind.choices:
        return _choice_reader(column)
    if kind is Kind.integer or kind is Kind.number:
        return _number_reader(column)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    return _text_reader(column)


def _choice_reader(column: Column) -> Reader:
    choice, omits = column.choice, column.omits
    assert choice is not None
    if column.kind is Kind.choice:
        # A column repeats a few words thousands of times.
        return lru_cache(maxsize=256)(lambda raw: words.read_word(raw, choice, omits))
    return lambda raw: tuple(sorted({words.read_word(part, choice, omits) for part in split_list(raw)}))


def _number_reader(column: Column) -> Reader:
    whole = column.kind is Kind.integer

    def read(raw: Any) -> int | float:
        value = _read_number(raw)
        if whole and not value.is_integer():
            raise CellFault("not_a_whole_number", text=show(raw))
        if (column.low is not None and value < column.low) or (
            column.high is not None and value > column.high
        ):
            raise CellFault("out_of_range", value=show(raw), low=_plain(column.low), high=_plain(column.high))
        return int(value) if whole else value

    def _read_number(raw: Any) -> float:
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return float(raw)
        text = narrow(raw)
        if not _NUMBER.fullmatch(text):
            raise CellFault("not_a_whole_number" if whole else "not_a_number", text=text)
        return float(text.replace(",", ""))

    return read


def _plain(bound: float | None) -> str:
    return "…" if bound is None else f"{bound:g}" if abs(bound) < 1e6 else f"{bound:.0f}"


def _text_reader(column: Column) -> Reader:
    clean = {Kind.name: clean_name, Kind.code: narrow, Kind.reference: narrow}.get(column.kind, show)
    shape = re.compile(column.pattern) if column.pattern else None
    if shape:
        clean = narrow

    def read(raw: Any) -> str:
        text = clean(raw)
        if len(text) > column.length:
            raise CellFault("too_long", length=len(text), limit=column.length)
        if column.kind is Kind.code and not _CODE.fullmatch(text):
            raise CellFault("not_a_code", text=text)
        if column.kind is Kind.name and _MANY_DIGITS.search(text):
            raise CellFault("not_a_name")
        if shape and not shape.fullmatch(text):
            raise CellFault("malformed", text=text, hint=column.note_zh, hint_en=column.note_en)
        return text

    return read


def _read_id_number(raw: Any) -> str:
    if isinstance(raw, float) and abs(raw) >= 1e15:
        # Excel keeps 15 digits of a number; the rest of an 18-digit one is gone for good.
        raise CellFault("id_number_as_number")
    text = show(raw)
    try:
        return parse_id_number(text).number
    except BadIdNumber as fault:
        data = {"length": len(clean_id_number(text))} if fault.fault is IdNumberFault.length else {}
        raise CellFault(fault.fault.value, **data) from None


def _read_phone(raw: Any) -> str:
    text = clean_phone(show(raw))
    if not _PHONE.fullmatch(text):
        raise CellFault("not_a_phone")
    return text


def _read_codes(raw: Any) -> tuple[str, ...]:
    parts = split_list(raw)
    if len(set(parts)) < len(parts):
        raise CellFault("malformed", text=show(raw), hint="有重复。", hint_en="a code is named twice.")
    return tuple(parts)


_SIMPLE: Final[dict[Kind, Reader]] = {
    Kind.yes_no: words.read_yes_no,
    Kind.date: moments.read_date,
    Kind.time: moments.read_time,
    Kind.instant: moments.read_instant,
    Kind.weekday: words.read_weekday,
    Kind.weekdays: words.read_weekdays,
    Kind.patterns: compound_cells.read_patterns,
    Kind.amounts: compound_cells.read_amounts,
    Kind.json: compound_cells.read_json,
    Kind.references: _read_codes,
    Kind.texts: lambda raw: tuple(dict.fromkeys(split_list(raw))),
    Kind.id_number: _read_id_number,
    Kind.phone: _read_phone,
}

_WRITERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.yes_no: lambda value: words.YES if value else words.NO,
    Kind.time: moments.write_time,
    Kind.instant: moments.write_instant,
    Kind.weekday: words.write_weekday,
    Kind.weekdays: words.write_weekdays,
    Kind.choice: words.write_word,
    Kind.choices: lambda value: "；".join(words.write_word(member) for member in value),
    Kind.texts: "；".join,
    Kind.references: "；".join,
    Kind.patterns: compound_cells.write_patterns,
    Kind.amounts: compound_cells.write_amounts,
}


def write_cell(column: Column, value: Any) -> Any:
    """Return what the export puts into a cell: a text, a number or a date; None for an empty cell."""
    if value is None or value == ():
        return None
    writer = _WRITERS.get(column.kind)
    return writer(value) if writer else value
