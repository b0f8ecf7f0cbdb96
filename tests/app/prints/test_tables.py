"""Tables go over pages without tearing a row, and a text in an Excel file is never a formula."""

from __future__ import annotations

from io import BytesIO

import openpyxl
from pypdf import PdfReader

from app.prints.excel import Sheet, make_workbook
from app.prints.paper import Paper
from app.prints.tables import Column, list_rows

HOSTILE = ("=1+2", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "http://example.invalid", "\t=1", "00123")


def read_pages(content: bytes) -> list[str]:
    pages = PdfReader(BytesIO(content)).pages
    return [page.extract_text().replace("\0", "").replace("\n", "") for page in pages]


def test_head_stands_on_every_page_and_no_row_is_lost_or_torn() -> None:
    paper = Paper("名单", "页脚")
    rows = [(f"第{number}行甲", f"第{number}行乙" * 6) for number in range(60)]
    list_rows(paper, [Column("表头甲"), Column("表头乙", 2)], rows)
    pages = read_pages(paper.finish())
    assert len(pages) > 2
    assert all("表头甲" in page and "表头乙" in page for page in pages)
    for first, second in rows:
        (page,) = [page for page in pages if first in page]
        assert second.replace(" ", "") in page.replace(" ", "")


def test_empty_table_has_its_head() -> None:
    paper = Paper("名单", "页脚")
    list_rows(paper, [Column("姓名")], [])
    assert "姓名" in read_pages(paper.finish())[0]


def test_texts_stay_texts_and_numbers_numbers() -> None:
    made = make_workbook(
        [
            Sheet(
                "订餐[a]:*?/\\'", ["内容", "份数"], [(text, number) for number, text in enumerate(HOSTILE)]
            ),
            Sheet("订餐[a]:*?/\\'", ["无"], []),
        ]
    )
    book = openpyxl.load_workbook(BytesIO(made))
    assert len(book.sheetnames) == 2
    first = book[book.sheetnames[0]]
    rows = list(first.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == list(HOSTILE)
    assert {row[0].data_type for row in rows} == {"s"}
    assert [row[1].value for row in rows] == list(range(len(HOSTILE)))
    assert all(cell.hyperlink is None for row in rows for cell in row)
