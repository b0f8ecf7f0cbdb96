"""Lists for a clipboard: one table as a PDF with rows to tick and sign, or as an Excel sheet. Texts come ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

from app.prints.paper import MARGIN_MM, Paper
from app.prints.typesetting import break_lines

ROW_MM = 6.0
PAD_MM = 1.2
POINTS = 10.5


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of the width, characters wide in Excel."""

    title: str
    share: float
    characters: int = 14


@dataclass(frozen=True)
class Block:
    """Rows under one heading, such as an exit wave."""

    title: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Sheet:
    """A list: title, a line about the day, columns, blocks, what stands below every page."""

    title: str
    subtitle: str
    columns: Sequence[Column]
    blocks: Sequence[Block]
    foot: str
    nothing: str
    """What is said where there is no row."""


class _ListPaper(Paper):
    """A paper with tables that go on over pages; each page repeats the headings."""

    def draw(self, columns: Sequence[Column], block: Block) -> None:
        width = self.w - 2 * MARGIN_MM
        whole = sum(column.share for column in columns)
        widths = [width * column.share / whole for column in columns]
        self.head(block.title)
        self._row([column.title for column in columns], widths, is_head=True)
        for row in block.rows:
            if self.get_y() > self.h - MARGIN_MM - 3 * ROW_MM:
                self.add_page()
                self._row([column.title for column in columns], widths, is_head=True)
            self._row(row, widths)

    def _row(self, cells: Sequence[str], widths: Sequence[float], *, is_head: bool = False) -> None:
        self.set_font(self.font_family, size=9 if is_head else POINTS)
        lines = [
            break_lines(cell, width - 2 * PAD_MM, self.get_string_width)
            for cell, width in zip(cells, widths, strict=True)
        ]
        height = max(len(each) for each in lines) * (ROW_MM - 1) + 2 * PAD_MM + (0 if is_head else 1.5)
        if self.get_y() + height > self.h - MARGIN_MM:
            self.add_page()
        top, left = self.get_y(), MARGIN_MM
        for cell, width in zip(lines, widths, strict=True):
            if is_head:
                self.set_fill_color(233, 239, 238)
                self.rect(left, top, width, height, style="DF")
            else:
                self.rect(left, top, width, height)
            for i, line in enumerate(cell):
                self.set_xy(left + PAD_MM, top + PAD_MM + i * (ROW_MM - 1))
                self.cell(width - 2 * PAD_MM, ROW_MM - 1, line)
            left += width
        self.set_xy(MARGIN_MM, top + height)


def make_pdf(sheet: Sheet) -> bytes:
    """Return the list as PDF, A4."""
    paper = _ListPaper(sheet.title, sheet.foot)
    paper.say(sheet.subtitle)
    blocks = [block for block in sheet.blocks if block.rows]
    if not blocks:
        paper.say(sheet.nothing)
    for block in blocks:
        paper.draw(sheet.columns, block)
    return paper.finish()


def make_excel(sheet: Sheet) -> bytes:
    """Return the list as Excel; every cell is text, so that nothing in a name is taken for a formula."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#E9EFEE", "border": 1, "text_wrap": True})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    title = book.add_format({"bold": True, "font_size": 14})
    page.write_string(0, 0, sheet.title, title)
    page.write_string(1, 0, sheet.subtitle)
    for i, column in enumerate(sheet.columns):
        page.set_column(i, i, column.characters)
    at = 3
    for block in (each for each in sheet.blocks if each.rows):
        page.write_string(at, 0, block.title, title)
        at += 1
        for i, column in enumerate(sheet.columns):
            page.write_string(at, i, column.title, head)
        for row in block.rows:
            at += 1
            for i, text in enumerate(row):
                page.write_string(at, i, text, cell)
        at += 2
    page.fit_to_pages(1, 0)
    page.set_paper(9)
    book.close()
    return made.getvalue()


@dataclass(frozen=True)
class Letter:
    """One family's letter: whom it is about, facts in two columns, sentences."""

    salutation: str
    facts: Sequence[tuple[str, str]]
    sentences: Sequence[str]


def make_letters(title: str, foot: str, letters: Sequence[Letter], nothing: str) -> bytes:
    """Return letters as one PDF, a page each."""
    paper = Paper(title, foot)
    if not letters:
        paper.say(nothing)
    for i, letter in enumerate(letters):
        if i:
            paper.begin_page(title)
        paper.say(letter.salutation)
        paper.list_facts(letter.facts)
        paper.ln(3)
        for sentence in letter.sentences:
            paper.say(sentence)
    return paper.finish()
