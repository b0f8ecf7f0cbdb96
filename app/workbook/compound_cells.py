"""Reads and writes cells that hold several values: accepted patterns, amounts used, JSON. Pure."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any, Final, NamedTuple

from app.models.enums import CapacityKind, WishPart
from app.workbook.moments import read_date
from app.workbook.texts import CellFault, narrow
from app.workbook.words import read_weekdays, read_word, write_weekdays, write_word

_PARTS: Final = re.compile(r"[;\n]")
_AMOUNT: Final = re.compile(r"(?:(.+):)?\s*([^:=]+)=\s*([0-9]{1,9})")
_DATED: Final = re.compile(r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8})\s*(.+)")
_WEEKLY: Final = re.compile(r"((?:星期|礼拜|周|[一二三四五六日天1-7至到、,~-]|工作日|每天)+)\s+(.+)")


class Pattern(NamedTuple):
    """One accepted pattern: weekdays (bit 0 = Monday) or one date, and the part of the day."""

    weekdays: int
    part: WishPart
    occurs_on: date | None = None


class Amount(NamedTuple):
    """How much of one capacity kind is used: in one cell, or in every cell (`cell` is empty)."""

    cell: str
    kind: CapacityKind
    amount: int


def read_patterns(raw: Any) -> tuple[Pattern, ...]:
    """Return the patterns of a text such as “一三五 全天；二四 上午”, best first.

    Raises
    ------
    CellFault
        `not_a_pattern`.

    """
    return tuple(_read_pattern(part.strip()) for part in _PARTS.split(narrow(raw)) if part.strip())


def _read_pattern(text: str) -> Pattern:
    try:
        if dated := _DATED.fullmatch(text):
            return Pattern(0, _read_part(dated[2]), read_date(dated[1]))
        if weekly := _WEEKLY.fullmatch(text):
            return Pattern(read_weekdays(weekly[1]), _read_part(weekly[2]))
    except CellFault:
        pass
    raise CellFault("not_a_pattern", text=text)


def _read_part(text: str) -> WishPart:
    return WishPart(read_word(text, WishPart).value)


def write_patterns(patterns: tuple[Pattern, ...]) -> str:
    """Return the text that `read_patterns` reads."""
    return "；".join(
        f"{p.occurs_on.isoformat() if p.occurs_on else write_weekdays(p.weekdays)} {write_word(p.part)}"
        for p in patterns
    )


def read_amounts(raw: Any) -> tuple[Amount, ...]:
    """Return the amounts of a text such as “名额=1；照护分钟=40”, sorted.

    Raises
    ------
    CellFault
        `not_amounts`.

    """
    amounts: dict[tuple[str, CapacityKind], int] = {}
    for part in (part.strip() for part in _PARTS.split(narrow(raw))):
        if not part:
            continue
        match = _AMOUNT.fullmatch(part)
        if match is None:
            raise CellFault("not_amounts", text=part)
        try:
            key = (match[1] or "").strip(), CapacityKind(read_word(match[2], CapacityKind).value)
        except CellFault:
            raise CellFault("not_amounts", text=part) from None
        if key in amounts or int(match[3]) == 0:
            raise CellFault("not_amounts", text=part)
        amounts[key] = int(match[3])
    return tuple(sorted(Amount(cell, kind, amount) for (cell, kind), amount in amounts.items()))


def write_amounts(amounts: tuple[Amount, ...]) -> str:
    """Return the text that `read_amounts` reads."""
    return "；".join(f"{a.cell + ':' if a.cell else ''}{write_word(a.kind)}={a.amount}" for a in amounts)


def read_json(raw: Any) -> str:
    """Return a cell's JSON in one canonical spelling.

    Raises
    ------
    CellFault
        `not_json`, with the position.

    """
    try:
        return write_json(json.loads(str(raw) if not isinstance(raw, bool) else str(raw).lower()))
    except json.JSONDecodeError as fault:
        raise CellFault("not_json", position=fault.pos + 1) from None


def write_json(value: Any) -> str:
    """Return the one canonical spelling of a JSON value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
