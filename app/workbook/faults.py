"""What can be wrong with a row: a stable code, the place, and one sentence in Chinese and in English.

Pure. A sentence says what is wrong and what to do; a cell's own text is shown shortened, sensitive cells not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from app.workbook.sentences import SENTENCES

_SHOWN: Final = 40


@dataclass(frozen=True)
class Problem:
    """What is wrong with one value: fault code, column key, the figures of the sentence."""

    code: str
    column: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One fault at its place: sheet, Excel row, column letter and header."""

    code: str
    sheet: str
    row: int | None
    letter: str = ""
    header: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def zh(self) -> str:
        """Return the whole sentence in Chinese."""
        row = "" if self.row is None else f"第 {self.row} 行"
        column = f"{self.letter} 列「{self.header}」" if self.header else ""
        return f"「{self.sheet}」{row}{column}：{SENTENCES[self.code][0].format_map(_Shown(self.data))}"

    @property
    def en(self) -> str:
        """Return the whole sentence in English."""
        row = "" if self.row is None else f" row {self.row}"
        column = f" column {self.letter} ({self.header})" if self.header else ""
        return f"{self.sheet}{row}{column}: {SENTENCES[self.code][1].format_map(_Shown(self.data))}"

    def as_json(self) -> dict[str, Any]:
        """Return the fault for `--json`."""
        return {
            "code": self.code, "sheet": self.sheet, "row": self.row, "column": self.letter, "header": self.header,
            "zh": self.zh, "en": self.en,
        }  # fmt: skip


class _Shown(dict[str, Any]):
    """Shortens what the sentence shows of a cell."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__({k: v if len(str(v)) <= _SHOWN else f"{str(v)[:_SHOWN]}…" for k, v in data.items()})

    def __missing__(self, key: str) -> str:
        return "?"
