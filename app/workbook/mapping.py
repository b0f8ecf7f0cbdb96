"""A mapping: which column of a list means what. Proposed from headers, written as TOML for people, read back. Pure but for the file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from app.workbook.cells import is_blank
from app.workbook.errors import UnusableFile
from app.workbook.fields import BY_KEY, FIELDS, PATTERNS
from app.workbook.headers import plain_header
from app.workbook.reading import Grid
from app.workbook.texts import show

_SEARCHED_ROWS: Final = 20
_LEAST_RECOGNISED: Final = 2


@dataclass
class Mapping:
    """One source's mapping: header to field key, and what to assume where the list says nothing."""

    source: str
    columns: dict[str, str]
    unused: list[str] = field(default_factory=list)
    entered_on: date | None = None
    patterns: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as it is remembered."""
        return {
            "columns": self.columns,
            "unused": self.unused,
            "entered_on": self.entered_on.isoformat() if self.entered_on else None,
            "patterns": self.patterns,
        }

    @classmethod
    def from_json(cls, source: str, kept: dict[str, Any]) -> Mapping:
        """Return a remembered mapping."""
        entered_on = kept.get("entered_on")
        return cls(
            source,
            kept["columns"],
            kept.get("unused", []),
            date.fromisoformat(entered_on) if entered_on else None,
            kept.get("patterns", {}),
        )


def find_header(grid: Grid, known: Sequence[str] = ()) -> int | None:
    """Return the index of the header row: the one with the most recognised cells; merged titles above are skipped."""
    words = _words() | {plain_header(header) for header in known}
    scores = [
        sum(plain_header(cell) in words for cell in row if not is_blank(cell))
        for row in grid.rows[:_SEARCHED_ROWS]
    ]
    best = max(range(len(scores)), key=lambda i: (scores[i], -i), default=None)
    return best if best is not None and scores[best] >= _LEAST_RECOGNISED else None


def hash_headers(headers: Sequence[Any]) -> str:
    """Return what tells lists of one source from others: their headers, whatever the blanks."""
    plain = [plain_header(header) for header in headers]
    while plain and not plain[-1]:
        plain.pop()
    return hashlib.sha256("\0".join(plain).encode()).hexdigest()


def propose(source: str, headers: Sequence[Any], today: date) -> Mapping:
    """Return a mapping for a list's headers; a field is used once, for the first header that means it."""
    columns: dict[str, str] = {}
    unused = []
    for header in headers:
        if is_blank(header):
            continue
        found = next((f.key for f in FIELDS if plain_header(header) in map(plain_header, f.headers)), None)
        if found is None or found in columns.values():
            unused.append(show(header))
        else:
            columns[show(header)] = found
    mapping = Mapping(source, columns, unused, today)
    if any(BY_KEY[key].sheet == "needs" for key in columns.values()):
        mapping.patterns = {kind.value: text for kind, text in PATTERNS.items()}
    return mapping


def write_mapping(path: Path, mapping: Mapping) -> None:
    """Write a mapping as TOML that an official can read and change."""
    lines = [
        "# 对应关系：左边是名单的表头，右边是含义。改好后：carematch import 名单.xlsx --map 本文件",
        "# Left: the list's headers; right: what they mean. Meanings:",
        *(f"#   {f.key} = {f.zh}" for f in FIELDS),
        "",
        f"source = {_quote(mapping.source)}",
        f"unused = {json.dumps(mapping.unused, ensure_ascii=False)}  # 未使用的列 columns not used",
    ]
    if mapping.entered_on:
        lines.append(
            f"entered_on = {mapping.entered_on.isoformat()}  # 名单没写日期时以此为准 where the list gives no date"
        )
    lines += [
        "",
        "[columns]",
        *(f"{_quote(header)} = {_quote(key)}" for header, key in mapping.columns.items()),
    ]
    if mapping.patterns:
        lines += ["", "# 名单没写希望时间时 where the list names no days", "[patterns]"]
        lines += [f"{kind} = {_quote(text)}" for kind, text in mapping.patterns.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_mapping(path: Path) -> Mapping:
    """Return the mapping of a TOML file.

    Raises
    ------
    UnusableFile
        Where it is no mapping, or names a meaning that there is not.

    """
    try:
        kept = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UnusableFile("mapping_unusable", file=path.name, why=str(fault), why_en=str(fault)) from fault
    columns = kept.get("columns")
    wrong = [
        name
        for name, is_right in (
            ("source", isinstance(kept.get("source"), str)),
            ("columns", isinstance(columns, dict) and bool(columns)),
            ("entered_on", isinstance(kept.get("entered_on", date.min), date)),
            ("patterns", isinstance(kept.get("patterns", {}), dict)),
        )
        if not is_right
    ]
    wrong += [str(key) for key in (columns or {}).values() if key not in BY_KEY]
    if wrong:
        words = "、".join(wrong)
        raise UnusableFile("mapping_unusable", file=path.name, why=f"请检查 {words}", why_en=f"check {words}")
    return Mapping(
        kept["source"],
        columns or {},
        kept.get("unused", []),
        kept.get("entered_on"),
        kept.get("patterns", {}),
    )


def _words() -> set[str]:
    return {plain_header(header) for f in FIELDS for header in f.headers}


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
