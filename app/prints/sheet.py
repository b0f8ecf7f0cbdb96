"""Lists for a clipboard: one table as a PDF with rows to tick and sign, or as an Excel sheet. Texts come ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from app.prints.page import begin_paper
from app.prints.typesetting import MARGIN_MM, break_lines

if TYPE_CHECKING:
    from app.prints.paper import Paper

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


def _draw(paper: Paper, columns: Sequence[Column], block: Block) -> None:
    """Write a table that goes on over pages; each page repeats the headings."""
    width = paper.w - 2 * MARGIN_MM
    whole = sum(column.share for column in columns)
    widths = [width * column.share / whole for column in columns]
    paper.head(block.title)
    _write_row(paper, [column.title for column in columns], widths, is_head=True)
    for row in block.rows:
        if paper.get_y() > paper.h - MARGIN_MM - 3 * ROW_MM:
            paper.add_page()
            _write_row(paper, [column.title for column in columns], widths, is_head=True)
        _write_row(paper, row, widths)


def _write_row(paper: Paper, cells: Sequence[str], widths: Sequence[float], *, is_head: bool = False) -> None:
    paper.set_font(paper.font_family, size=9 if is_head else POINTS)
    lines = [
        break_lines(cell, width - 2 * PAD_MM, paper.get_string_width)
        for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(len(each) for each in lines) * (ROW_MM - 1) + 2 * PAD_MM + (0 if is_head else 1.5)
    if paper.get_y() + height > paper.h - MARGIN_MM:
        paper.add_page()
    top, left = paper.get_y(), MARGIN_MM
    for cell, width in zip(lines, widths, strict=True):
        if is_head:
            paper.set_fill_color(233, 239, 238)
            paper.rect(left, top, width, height, style="DF")
        else:
            paper.rect(left, top, width, height)
        for i, line in enumerate(cell):
            paper.set_xy(left + PAD_MM, top + PAD_MM + i * (ROW_MM - 1))
            paper.cell(width - 2 * PAD_MM, ROW_MM - 1, line)
        left += width
    paper.set_xy(MARGIN_MM, top + height)


def make_pdf(sheet: Sheet) -> bytes:
    """Return the list as PDF, A4."""
    paper = begin_paper(sheet.title, sheet.foot)
    paper.say(sheet.subtitle)
    blocks = [block for block in sheet.blocks if block.rows]
    if not blocks:
        paper.say(sheet.nothing)
    for block in blocks:
        _draw(paper, sheet.columns, block)
    return paper.finish()


def make_excel(sheet: Sheet) -> bytes:
    """Return the list as Excel; every cell is text, so that nothing in a name is taken for a formula."""
    import xlsxwriter  # noqa: PLC0415 - a quarter of a second at every start; few requests make a workbook

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
    paper = begin_paper(title, foot)
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
