"""Tables on an A4 sheet: wrapped cells, the head repeated on every page, rows never torn; texts come ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.prints.typesetting import MARGIN_MM, break_lines

if TYPE_CHECKING:
    from app.prints.paper import Paper

_POINTS: Final = 10.5
_LINE_MM: Final = 5.6
_PAD_MM: Final = 1.2
_BOTTOM_MM: Final = 20.0


@dataclass(frozen=True)
class Column:
    """One column: its head and its share of the width."""

    head: str
    share: float = 1.0


def list_rows(paper: Paper, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Write a table; a row that does not fit on the page begins the next one, below the head."""
    width = paper.w - 2 * MARGIN_MM
    whole = sum(column.share for column in columns)
    widths = [width * column.share / whole for column in columns]
    _write_row(paper, widths, [column.head for column in columns], is_head=True)
    for row in rows:
        if paper.get_y() + _measure(paper, widths, row) > paper.h - _BOTTOM_MM:
            paper.add_page()
            _write_row(paper, widths, [column.head for column in columns], is_head=True)
        _write_row(paper, widths, row, is_head=False)
    paper.ln(3)


def _break(paper: Paper, text: str, width: float) -> list[str]:
    paper.set_font_size(_POINTS)
    return break_lines(text, width - 2 * _PAD_MM, paper.get_string_width) or [""]


def _measure(paper: Paper, widths: Sequence[float], cells: Sequence[str]) -> float:
    lines = max(len(_break(paper, text, width)) for text, width in zip(cells, widths, strict=True))
    return lines * _LINE_MM + 2 * _PAD_MM


def _write_row(paper: Paper, widths: Sequence[float], cells: Sequence[str], *, is_head: bool) -> None:
    height = _measure(paper, widths, cells)
    left, top = MARGIN_MM, paper.get_y()
    for text, width in zip(cells, widths, strict=True):
        if is_head:
            paper.set_fill_color(236)
            paper.rect(left, top, width, height, style="DF")
        else:
            paper.rect(left, top, width, height)
        for number, line in enumerate(_break(paper, text, width)):
            paper.set_xy(left + _PAD_MM, top + _PAD_MM + number * _LINE_MM)
            paper.cell(width - 2 * _PAD_MM, _LINE_MM, line)
        left += width
    paper.set_xy(MARGIN_MM, top + height)
