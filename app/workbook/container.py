"""Refuses files that are no workbook, or not a harmless one, before anything reads them.

Looks at bytes only: nothing is unpacked to disk, nothing is parsed, and what is unpacked is counted as it streams.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Final

from app.workbook.errors import UnusableFile

LARGEST_FILE: Final = 64 * 1024 * 1024
_LARGEST_UNPACKED: Final = 1024 * 1024 * 1024
_HARMLESS_UNPACKED: Final = 48 * 1024 * 1024
"""Up to here any ratio is harmless; above, a real workbook packs about 10 to 1 and a bomb up to 1,000 to 1."""
_LARGEST_RATIO: Final = 40
_MOST_PARTS: Final = 2000
_MOST_SHEETS: Final = 200
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 64

_OLE: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK"
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet[\s/>]")
_FAR_CELL: Final = re.compile(
    rb"""\br\s*=\s*["'](?:[A-Z]*(?:[4-9]\d{5}|\d{7,})|(?:[E-Z][A-Z]|[A-Z]{3,})\d+)["']"""
)
"""A row from 400,000 or a column from EA: the reader would make room for everything up to there."""


def check_container(path: Path, *, deeply: bool = True) -> None:
    """Raise `UnusableFile` for anything but a plain .xlsx workbook of a plausible size.

    Noise, text, another zip, an encrypted or old workbook, macros, a zip bomb; deeply, also what its parts really
    unpack to and cells far outside.
    """
    try:
        found = path.stat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            # A pipe or a device has no size and no end; reading it would wait for ever.
            raise UnusableFile("file_unreadable", file=path.name, why="不是普通文件 not a file")
        size = found.st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as fault:
        raise UnusableFile("file_unreadable", file=path.name, why=fault.strerror or "") from fault
    if size == 0:
        raise UnusableFile("file_empty", file=path.name)
    if size > LARGEST_FILE:
        raise UnusableFile("file_too_large", file=path.name, mebibytes=LARGEST_FILE >> 20)
    if head.startswith(_OLE):
        raise UnusableFile("file_old_or_encrypted", file=path.name)
    if not head.startswith(_ZIP):
        raise UnusableFile("file_is_text" if _is_text(head) else "file_is_noise", file=path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, path.name, size)
            if deeply:
                _check_content(archive, path.name, size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as fault:
        raise UnusableFile("file_damaged", file=path.name) from fault


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return head.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[: len(head) - 4 if len(head) == 4096 else None].decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(c.isprintable() or c in "\r\n\t\ufeff" for c in text)
    return False


def _check_parts(archive: zipfile.ZipFile, name: str, size: int) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnusableFile("file_old_or_encrypted", file=name)
    if any("vbaproject" in part.casefold() or "/macrosheets/" in part.casefold() for part in names):
        raise UnusableFile("file_has_macros", file=name)
    if "xl/workbook.bin" in names:
        raise UnusableFile("file_old_or_encrypted", file=name)
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise UnusableFile("file_is_zip", file=name)
    if len(parts) > _MOST_PARTS or len(names) < len(parts):
        raise UnusableFile("file_damaged", file=name)
    _check_unpacked(sum(part.file_size for part in parts), size, name)


def _check_content(archive: zipfile.ZipFile, name: str, size: int) -> None:
    unpacked = 0
    for part in archive.infolist():
        unpacked += _stream(archive, part, name, unpacked, size)


def _check_unpacked(unpacked: int, size: int, name: str) -> None:
    if unpacked > _LARGEST_UNPACKED or (unpacked > _HARMLESS_UNPACKED and unpacked > size * _LARGEST_RATIO):
        raise UnusableFile("file_is_bomb", file=name)


def _stream(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, before: int, size: int) -> int:
    """Count what the part really unpacks to (declared sizes can lie) and look at sheets for far cells."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    is_types = part.filename == "[Content_Types].xml"
    is_book = part.filename == "xl/workbook.xml"
    counted, sheets, tail = 0, 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            counted += len(chunk)
            _check_unpacked(before + counted, size, name)
            if is_sheet and _FAR_CELL.search(tail + chunk):
                raise UnusableFile("file_too_wide", file=name)
            if is_types and b"macroEnabled" in chunk:
                raise UnusableFile("file_has_macros", file=name)
            sheets += len(_SHEET.findall(chunk)) if is_book else 0
            # Each may name the same part, which the reader would parse again and again.
            if sheets > _MOST_SHEETS:
                raise UnusableFile("file_too_many_sheets", file=name, sheets=_MOST_SHEETS)
            tail = chunk[-_OVERLAP:]
    return counted
