"""Breaks Chinese and mixed text into lines: no line begins with a closing mark or ends with an opening one. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

MARGIN_MM: Final = 22.0
"""Of every paper, on all four sides."""

NOT_FIRST: Final = frozenset("、，。；：！？）》」』】”’…·,.;:!?)%]")
NOT_LAST: Final = frozenset("（《「『【“‘([")

_PIECES: Final = re.compile(r"[A-Za-z0-9¥][A-Za-z0-9.,:%/\-–]*|\s+|.", re.DOTALL)
"""A Latin word or a number stays whole; a Chinese character stands alone."""


def stand_in(sign: str) -> str:
    """Return what is printed instead of a character without a glyph: a blank, nothing (it is invisible anyway), or 〓."""
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in {"Cc", "Cf"} else "〓"


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return the lines of a text within a width; `measure` gives the width of a piece in the same unit.

    A mark that must not begin a line pulls the character before it along (the usual way, GB/T 15834 and CLREQ).
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line: list[str] = []
        used = 0.0
        for piece in _PIECES.findall(paragraph):
            size = measure(piece)
            if line and used + size > width:
                carried = _carry(line, piece)
                lines.append("".join(line).rstrip())
                line = carried
                used = sum(measure(one) for one in line)
                if piece.isspace():
                    continue
            line.append(piece)
            used += size
        lines.append("".join(line).rstrip())
    return lines


def _carry(line: list[str], piece: str) -> list[str]:
    """Take from the end of a full line what has to go along to the next."""
    carried: list[str] = []
    while len(line) > 1 and (line[-1] in NOT_LAST or (carried or [piece])[0] in NOT_FIRST):
        carried.insert(0, line.pop())
    return carried
