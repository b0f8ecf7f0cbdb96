"""An A4 sheet with Chinese type: title, sentences, tables of facts, a footer with page and moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from app.prints.typeface import FAMILY, lend_typeface
from app.prints.typesetting import MARGIN_MM, break_lines, stand_in

BODY_POINTS = 12.0
LINE_MM = 7.4
"""1.75 of the type size: dense Chinese needs more lead than Latin."""
BLOCK_MM = 62.0
"""Height of a heading with its facts."""


class Paper(FPDF):
    """One document; the language is the caller's affair, the texts come ready."""

    def __init__(self, title: str, foot: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self._foot = foot
        lend_typeface(self)
        self._set_min_pdf_version("1.6")  # what a typeface of this kind asks for
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self.set_title(title)
        self.set_lang("zh-CN")
        self.begin_page(title)

    def begin_page(self, title: str) -> None:
        """Begin a page with a title of its own."""
        self.add_page()
        self._write(title, 22, 12, align="C")
        self.ln(4)

    def footer(self) -> None:
        """Write what stands below every page."""
        self.set_y(-15)
        self.set_font(FAMILY, size=9)
        self.set_text_color(90)
        self.cell(0, 6, f"{self._foot}    {self.page_no()}", align="C")
        self.set_text_color(0)

    def say(self, text: str, *, points: float = BODY_POINTS, align: str = "L") -> None:
        """Write a paragraph."""
        self._write(text, points, LINE_MM * points / BODY_POINTS, align=align)
        self.ln(1.5)

    def head(self, text: str) -> None:
        """Write a heading with a line under it; a block that would be torn apart begins a new page."""
        if self.get_y() > self.h - MARGIN_MM - BLOCK_MM:
            self.add_page()
        self.ln(3)
        self._write(text, 14.5, 9)
        self.line(MARGIN_MM, self.get_y(), self.w - MARGIN_MM, self.get_y())
        self.ln(2)

    def list_facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names and values in two columns."""
        for name, value in rows:
            if not value:
                continue
            top = self.get_y()
            if top > self.h - 2 * MARGIN_MM:
                self.add_page()
                top = self.get_y()
            self.set_font(FAMILY, size=BODY_POINTS)
            self.set_text_color(90)
            self.cell(32, LINE_MM, name)
            self.set_text_color(0)
            self.set_xy(MARGIN_MM + 34, top)
            self._write(value, BODY_POINTS, LINE_MM, left=MARGIN_MM + 34)

    def _write(
        self, text: str, points: float, line_mm: float, *, align: str = "L", left: float = MARGIN_MM
    ) -> None:
        self.set_font(FAMILY, size=points)
        width = self.w - left - MARGIN_MM
        for line in break_lines(text, width, self.get_string_width):
            self.set_x(left)
            self.cell(width, line_mm, line, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def normalize_text(self, text: str) -> str:
        """Return a text as it can be printed: what the font lacks is seen to be lacking, never left out of a name."""
        shown = super().normalize_text(text)
        known: Any = self.current_font
        return "".join(one if ord(one) in known.cmap else stand_in(one) for one in shown)

    def finish(self) -> bytes:
        """Return the file."""
        made: Any = self.output()
        return bytes(made)
