"""Files that are no workbook, or a harmful one: one clear sentence each, within 2 s and 256 MiB, nothing imported."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from app.workbook.container import check_container
from app.workbook.errors import UNUSABLE, UnusableFile
from app.workbook.lines import Findings
from app.workbook.tabs import read_tabs
from app.workbook.writing import write_workbook
from tests.app.workbook.test_faults import to_raw, write_raw
from tests.app.workbook.town import make_town, write_town

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="人员" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
ROOT = RELATIONS.replace("relationships/worksheet", "relationships/officeDocument").replace(
    "worksheets/sheet1.xml", "xl/workbook.xml"
)


def workbook_of(path: Path, sheet: str | bytes, *, parts: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT)
        archive.writestr("_rels/.rels", ROOT)
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return path


def sheet_of(cells: str, dimension: str = "A1:A1") -> str:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'
    )


def noise(path: Path) -> Path:
    path.write_bytes(random.Random(7).randbytes(2 * 1024 * 1024))
    return path


def zip_noise(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04" + random.Random(7).randbytes(2 * 1024 * 1024))
    return path


def plain_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("名单.csv", "姓名,电话\n")
    return path


def bomb(path: Path) -> Path:
    workbook_of(path, sheet_of(""))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(150):
            part.write(b"<c/>" * 250_000)
    return path


def lying_bomb(path: Path) -> Path:
    """Declares a small size for what unpacks to 60 MB."""
    workbook_of(path, b" " * 60_000_000)
    content = path.read_bytes()
    real = (60_000_000).to_bytes(4, "little")
    path.write_bytes(content.replace(real, (1000).to_bytes(4, "little")))
    return path


def far_cell(path: Path) -> Path:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook_of(path, sheet_of(cells, "A1:XFD1048576"))


def far_cell_in_disguise(path: Path) -> Path:
    cells = "<row><c r='A1'><v>1</v></c></row><row><c  r = 'ZZ9'><v>1</v></c></row>"
    return workbook_of(path, sheet_of(cells))


def write_ole(path: Path) -> Path:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))
    return path


def write_csv(path: Path) -> Path:
    path.write_text("姓名,身份证号\n样例,1\n" * 500, encoding="gb18030")
    return path


def swapped(path: Path) -> Path:
    raw = to_raw(make_town())
    for row in raw["people"]:
        row["name"], row["born_on"] = row["born_on"], row["name"]
    return write_raw(path, raw)


def swapped_words(path: Path) -> Path:
    raw = to_raw(make_town())
    for row in raw["people"]:
        row["name"], row["sex"] = row["sex"], row["name"]
    return write_raw(path, raw)


def rotated(path: Path) -> Path:
    raw = to_raw(make_town())
    for row in raw["people"]:
        row["born_on"], row["sex"], row["stairs"] = row["sex"], row["stairs"], row["born_on"]
    return write_raw(path, raw)


def other_sheets(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("工资表").write_string(0, 0, "金额")
    return path


HOSTILE: list[tuple[str, Callable[[Path], Path]]] = [
    ("file_is_noise", noise),
    ("file_damaged", zip_noise),
    ("file_is_zip", plain_zip),
    ("file_has_macros", lambda p: workbook_of(p, sheet_of(""), parts={"xl/vbaProject.bin": b"x"})),
    ("file_has_macros", lambda p: workbook_of(p, sheet_of(""), parts={"xl/macrosheets/sheet1.xml": b"x"})),
    ("file_empty", lambda p: p.touch() or p),  # type: ignore[func-returns-value]
    ("file_unreadable", lambda p: p),
    ("file_unreadable", lambda p: p.mkdir() or p),  # type: ignore[func-returns-value]
    ("file_is_bomb", bomb),
    ("file_damaged", lying_bomb),
    ("file_too_wide", far_cell),
    ("file_too_wide", far_cell_in_disguise),
    ("file_old_or_encrypted", write_ole),
    ("file_old_or_encrypted", lambda p: workbook_of(p, "", parts={"xl/workbook.bin": b"x"})),
    ("file_is_text", write_csv),
    ("file_is_text", lambda p: p.write_text("﻿姓名\t电话\n", encoding="utf-16") and p),
    ("file_damaged", lambda p: workbook_of(p, "<worksheet><sheetData><row")),
    ("columns_disagree", swapped),
    ("columns_disagree", swapped_words),
    ("columns_disagree", rotated),
    ("no_known_sheet", other_sheets),
]


@pytest.mark.parametrize(
    ("code", "make"), HOSTILE, ids=[f"{i}-{code}" for i, (code, _) in enumerate(HOSTILE)]
)
def test_file_is_refused_in_one_sentence(tmp_path: Path, code: str, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / "file.xlsx")
    with pytest.raises(UnusableFile) as refused:
        read_tabs(path, Findings(), lambda step: None)
    assert refused.value.code == code
    for language in ("zh", "en"):
        sentence = refused.value.sentence(language)
        assert "\n" not in sentence
        assert "?" not in sentence


def test_macro_workbook_is_known_by_its_content_type(tmp_path: Path) -> None:
    path = tmp_path / "renamed.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", CONTENT.replace("></", '><Default ContentType="x.macroEnabled"/></')
        )
        archive.writestr("xl/workbook.xml", BOOK)
    with pytest.raises(UnusableFile) as refused:
        check_container(path)
    assert refused.value.code == "file_has_macros"


def test_column_that_is_only_wrong_has_a_fault_in_each_row(tmp_path: Path) -> None:
    raw = to_raw(make_town())
    for row in raw["people"]:
        row["sex"] = "M"
    findings = Findings()
    read_tabs(write_raw(tmp_path / "wrong.xlsx", raw), findings, lambda step: None)
    assert [(f.code, f.row) for f in findings.list_faults()] == [("unknown_word", n) for n in range(2, 7)]


def test_headers_decide_where_columns_change_places(tmp_path: Path) -> None:
    path = tmp_path / "order.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Providers")
        page.write_row(0, 0, ["Name", "备注", " 编 码 * "])
        page.write_row(1, 0, ["样例中心", "x", "PV1"])
    findings = Findings()
    tabs = read_tabs(path, findings, lambda step: None)
    assert findings.list_faults() == []
    assert tabs["providers"].lines[0].values == {"name_zh": "样例中心", "code": "PV1"}


def test_our_own_workbook_passes_the_door(tmp_path: Path) -> None:
    check_container(write_town(tmp_path / "town.xlsx", make_town()))


def test_huge_declared_dimension_alone_is_harmless(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>编码</t></is></c></row>'
    path = workbook_of(tmp_path / "dim.xlsx", sheet_of(cells, "A1:XFD1048576"))
    assert list(read_tabs(path, Findings(), lambda step: None)) == ["people"]


def test_every_situation_has_two_sentences() -> None:
    assert all(zh.endswith("。") and en.endswith(".") for zh, en in UNUSABLE.values())


MEASURED = {"noise": noise, "bomb": bomb, "lying": lying_bomb, "far": far_cell, "ole": write_ole}
PROBE = """
import json, sys, time
from pathlib import Path
from app.workbook.lines import Findings
from app.workbook.tabs import read_tabs
from app.errors import DomainError
started = time.process_time()
try:
    read_tabs(Path(sys.argv[1]), Findings(), lambda step: None)
except DomainError as error:
    code = error.code
seconds = time.process_time() - started
# Not getrusage: its peak counts what the parent held before this program began.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps([code, seconds, int(peak.split()[1]) // 1024]))
"""


@pytest.mark.parametrize("name", MEASURED)
def test_refusal_takes_two_seconds_and_256_mebibytes_at_most(tmp_path: Path, name: str) -> None:
    path = MEASURED[name](tmp_path / "file.xlsx")
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)],
        capture_output=True,
        check=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    code, seconds, mebibytes = json.loads(done.stdout)
    assert code in UNUSABLE
    assert seconds < 2
    assert mebibytes < 256


HOSTILE_TEXTS = [
    "=1+1",
    "+1",
    "-1+cmd",
    "@SUM(A1)",
    '=HYPERLINK("http://x")',
    "\t=1",
    "http://example.org",
    "{=1}",
]


def test_texts_never_become_formulas_or_links(tmp_path: Path) -> None:
    rows = [{"code": f"PV{i}", "name_zh": text} for i, text in enumerate(HOSTILE_TEXTS)]
    path = tmp_path / "texts.xlsx"
    write_workbook(path, lambda sheet: rows if sheet.key == "providers" else ())
    with zipfile.ZipFile(path) as archive:
        pages = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        relations = [n for n in archive.namelist() if "worksheets/_rels" in n]
        linked = [n for n in relations if b"hyperlink" in archive.read(n)]
    assert not any("<f>" in page for page in pages)
    assert not linked
    tabs = read_tabs(path, Findings(), lambda step: None)
    assert [line.values["name_zh"] for line in tabs["providers"].lines] == [t.strip() for t in HOSTILE_TEXTS]


def test_workbook_is_for_its_owner_only(tmp_path: Path) -> None:
    path = write_town(tmp_path / "town.xlsx", make_town())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["town.xlsx"]
