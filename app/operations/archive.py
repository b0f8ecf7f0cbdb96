"""The backup file: a zip of a manifest and one file of JSON lines a table. Values carry their type; no database here."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from app.operations.errors import NotABackup

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_KEY: Final = "field.key"

Row = dict[str, Any]


@dataclass
class Manifest:
    """What a backup holds, with a checksum for each table: a file cut short is no backup."""

    revision: str
    made_at: str
    key_check: str
    """Blind index of a fixed word: tells whether the present key opens the sealed fields."""
    rows: dict[str, int] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def write(
    path: Path, manifest: Manifest, tables: Iterable[tuple[str, Iterable[Row]]], key: bytes | None
) -> None:
    """Write a backup; `path` must not exist. The manifest is filled in on the way and written last."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, rows in tables:
            digest, count = hashlib.sha256(), 0
            with archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as file:
                for row in rows:
                    line = json.dumps(encode(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    digest.update(line)
                    file.write(line)
                    count += 1
            manifest.rows[name], manifest.checksums[name] = count, digest.hexdigest()
        if key is not None:
            archive.writestr(_KEY, key)
        archive.writestr(_MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))


class Reader:
    """A backup opened for reading; raises `NotABackup` for anything else, before a row is given out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
            told = json.loads(self._archive.read(_MANIFEST))
            self.manifest = Manifest(**told)
        except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as fault:
            raise self._refuse("读不出清单", "its manifest cannot be read") from fault
        if self.manifest.format != FORMAT:
            raise self._refuse("格式版本不认识", "its format is unknown")
        self._check()

    @property
    def key(self) -> bytes | None:
        """The field key, where the backup was made with it."""
        return self._archive.read(_KEY) if _KEY in self._archive.namelist() else None

    def read(self, table: str) -> Iterator[Row]:
        """Give a table's rows; none for a table that the backup does not know."""
        if table not in self.manifest.rows:
            return
        with self._archive.open(f"tables/{table}.jsonl") as file:
            for line in file:
                yield decode(json.loads(line))

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def _check(self) -> None:
        for name, expected in self.manifest.checksums.items():
            digest = hashlib.sha256()
            try:
                with self._archive.open(f"tables/{name}.jsonl") as file:
                    while part := file.read(1 << 20):
                        digest.update(part)
            except (KeyError, OSError, zipfile.BadZipFile) as fault:
                raise self._refuse(f"表 {name} 读不出", f"table {name} cannot be read") from fault
            if digest.hexdigest() != expected:
                raise self._refuse(f"表 {name} 校验不符", f"the checksum of table {name} is wrong")

    def _refuse(self, zh: str, en: str) -> NotABackup:
        return NotABackup(file=str(self._path), why_zh=zh, why_en=en)


def encode(row: Mapping[str, Any]) -> Row:
    """Return a row as JSON can carry it: what JSON lacks is a pair of type and text."""
    return {name: _encode(value) for name, value in row.items()}


def decode(row: Mapping[str, Any]) -> Row:
    """Return a row as it was."""
    return {name: _decode(value) for name, value in row.items()}


def _encode(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return {"$": "bytes", "v": base64.b64encode(bytes(value)).decode()}
        case datetime():
            instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return {"$": "instant", "v": instant.isoformat()}
        case date():
            return {"$": "date", "v": value.isoformat()}
        case time():
            return {"$": "time", "v": value.isoformat()}
        case dict() | list():
            return {"$": "json", "v": value}
        case _:
            return value


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    match value["$"]:
        case "bytes":
            return base64.b64decode(value["v"])
        case "instant":
            return datetime.fromisoformat(value["v"])
        case "date":
            return date.fromisoformat(value["v"])
        case "time":
            return time.fromisoformat(value["v"])
        case _:
            return value["v"]
