"""S12: thirty hostile files at the door of the import, each turned away within 2 s of work and 256 MiB."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from app.workbook.errors import UNUSABLE
from tests.app.workbook.test_hostile import HOSTILE, sheet_of, workbook_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def laughing_sheet(path: Path) -> Path:
    """Entities that would unfold to a billion words, in the sheet itself."""
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
    return workbook_of(path, ENTITIES + sheet_of(cell))


def laughing_strings(path: Path) -> Path:
    strings = f'{ENTITIES}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a9;</t></si></sst>'
    cell = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    return workbook_of(path, sheet_of(cell), parts={"xl/sharedStrings.xml": strings.encode()})


def outside_entity(path: Path) -> Path:
    head = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return workbook_of(
        path, head + sheet_of('<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>')
    )


def deep_tree(path: Path) -> Path:
    return workbook_of(path, sheet_of("<row>" * 400_000))


def many_parts(path: Path) -> Path:
    return workbook_of(path, sheet_of(""), parts={f"xl/worksheets/sheet{n}.xml": b"" for n in range(2, 2500)})


def many_sheets(path: Path) -> Path:
    """A book that lists a hundred thousand sheets, all the same one."""
    workbook_of(path, sheet_of(""))
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 100_000))
    content = path.read_bytes()
    path.unlink()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            part = before.read(name)
            if name == "xl/workbook.xml":
                start, end = part.split(b"<sheets>")[0], part.split(b"</sheets>")[1]
                part = start + b"<sheets>" + sheets.encode() + b"</sheets>" + end
            after.writestr(name, part)
    return path


def twice_the_same_part(path: Path) -> Path:
    workbook_of(path, sheet_of(""))
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr("xl/worksheets/sheet1.xml", sheet_of("<row/>"))
    return path


def climbing_part(path: Path) -> Path:
    """Without the sheet that the book names, and with one whose name leads out of any folder."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("../../../../tmp/evil.xml", "x")
    return path


def locked_part(path: Path) -> Path:
    content = bytearray(workbook_of(path, sheet_of("")).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(mark, start)) >= 0:
            content[start + at] |= 1
            start += 4
    return write(path, bytes(content))


def cut_short(path: Path) -> Path:
    return write(path, workbook_of(path, sheet_of("<row/>" * 1000)).read_bytes()[:-200])


def bomb_in_strings(path: Path) -> Path:
    return workbook_of(path, sheet_of(""), parts={"xl/sharedStrings.xml": b" " * 120_000_000})


def bomb_of_one_cell(path: Path) -> Path:
    text = "金" * 30_000_000
    return workbook_of(path, sheet_of(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'))


def too_large(path: Path) -> Path:
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(65 * 1024 * 1024)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def dangling(path: Path) -> Path:
    path.symlink_to(path.parent / "nowhere")
    return path


def endless(path: Path) -> Path:
    path.symlink_to("/dev/zero")
    return path


HERE: dict[str, Callable[[Path], Path]] = {
    "laughing sheet": laughing_sheet,
    "laughing strings": laughing_strings,
    "outside entity": outside_entity,
    "deep tree": deep_tree,
    "many parts": many_parts,
    "many sheets": many_sheets,
    "twice the same part": twice_the_same_part,
    "climbing part": climbing_part,
    "locked part": locked_part,
    "cut short": cut_short,
    "bomb in strings": bomb_in_strings,
    "bomb of one cell": bomb_of_one_cell,
    "too large": too_large,
    "pipe": pipe,
    "dangling link": dangling,
    "endless device": endless,
    "gzip": lambda p: write(p, gzip.compress(b"\0" * 5_000_000)),
    "pdf": lambda p: write(p, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 5000),
    "picture": lambda p: write(p, b"\x89PNG\r\n\x1a\n" + bytes(5000)),
    "page": lambda p: write(p, b"<html><table><tr><td>x</td></tr></table></html>"),
    "old xml table": lambda p: write(
        p, b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    ),
    "sqlite": lambda p: write(p, b"SQLite format 3\0" + bytes(5000)),
    "zeros": lambda p: write(p, bytes(3_000_000)),
    "one byte": lambda p: write(p, b"P"),
    "only the mark of a zip": lambda p: write(p, b"PK\x05\x06" + bytes(18)),
}
GATE = """
import json, os, signal, sys, time
from pathlib import Path
from app.errors import DomainError
from app.workbook.lines import Findings
from app.workbook.tabs import read_tabs
for line in sys.stdin:
    name, path = json.loads(line)
    child = os.fork()
    signal.alarm(0 if child else 20)
    if child:
        os.waitpid(child, 0)
        continue
    started, said = time.process_time(), "passed"
    try:
        read_tabs(Path(path), Findings(), lambda step: None)
    except DomainError as error:
        said = error.code
    seconds = time.process_time() - started
    # A child begins with what it has at the fork as its peak.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps([name, said, seconds, int(peak.split()[1]) // 1024]), flush=True)
    os._exit(0)
"""


def test_each_is_refused_within_two_seconds_and_256_mebibytes(tmp_path: Path) -> None:
    files = {name: make(_place(tmp_path, name)) for name, make in HERE.items()}
    for number, (code, make) in enumerate(HOSTILE):
        if code not in {"columns_disagree", "no_known_sheet"}:
            files[f"{number} {code}"] = make(_place(tmp_path, f"{number}"))
    assert len(files) >= 30
    asked = "".join(json.dumps([name, str(path)]) + "\n" for name, path in files.items())
    done = subprocess.run(
        [sys.executable, "-c", GATE],
        input=asked,
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    told = {name: rest for name, *rest in map(json.loads, done.stdout.splitlines())}
    assert set(told) == set(files), "these never answered"
    assert {name: said for name, (said, _, _) in told.items() if said not in UNUSABLE} == {}
    assert {name: rest for name, rest in told.items() if rest[1] >= 2 or rest[2] >= 256} == {}


def _place(folder: Path, name: str) -> Path:
    place = folder / name.replace(" ", "-")
    place.mkdir()
    return place / "file.xlsx"
