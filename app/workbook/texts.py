"""Cleans what people type: full-width characters, stray blanks, numbers that Excel kept as numbers. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from app.texts import HIDDEN

_INVISIBLE: Final = re.compile(rf"(?![\t\n\r]){HIDDEN.pattern}|[\u200b-\u200d\u2060\ufeff]")
_BLANKS: Final = " \t\r\n\u00a0\u3000"
_SEPARATORS: Final = re.compile(r"[;,、\n]")
_BETWEEN_HAN: Final = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000]+(?=[\u3400-\u9fff])")
_PLAIN: Final = re.compile(r"[!-~]*")


class CellFault(Exception):
    """A cell that cannot be read: fault code and the figures of its sentence."""

    def __init__(self, code: str, **data: Any) -> None:
        self.code = code
        self.data = data
        super().__init__(code)


def show(raw: Any) -> str:
    """Return a cell's content as the text a person saw: whole numbers without `.0`, no stray blanks at the ends."""
    if isinstance(raw, str):
        return _INVISIBLE.sub("", raw).strip(_BLANKS) if not _PLAIN.fullmatch(raw) else raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    return str(raw)


def narrow(raw: Any) -> str:
    """Return a cell's text half-width, for codes, numbers, dates and words of a list."""
    text = show(raw)
    return text if _PLAIN.fullmatch(text) else unicodedata.normalize("NFKC", text).strip(_BLANKS)


def squeeze(raw: Any) -> str:
    """Return the form under which words are compared: half-width, no blanks, lower case."""
    return "".join(narrow(raw).split()).casefold()


def clean_name(raw: Any) -> str:
    """Return a person's name half-width; blanks between Chinese characters are padding and go."""
    return _BETWEEN_HAN.sub("", " ".join(narrow(raw).split()))


def split_list(raw: Any) -> list[str]:
    """Return the parts of a cell that holds several values, whatever separates them."""
    return [part.strip(_BLANKS) for part in _SEPARATORS.split(narrow(raw)) if part.strip(_BLANKS)]
