"""Takes an erased person out of the files of a data folder: handed-over notices, day packs; and remembers the code.

Notice lines are overwritten where they lie: the worker appends to the same file meanwhile, and loses nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

_LIST: Final = "erased.jsonl"


def blank_notices(folder: Path, code: str) -> int:
    """Overwrite every line for this person with blanks in all notice files; return how many."""
    blanked = 0
    for path in sorted((folder / "notices").glob("notices-*.jsonl")):
        with path.open("r+b") as file:
            for start, line in _read_lines(path.read_bytes()):
                if _is_for(line, code):
                    file.seek(start)
                    file.write(b" " * len(line))
                    blanked += 1
            file.flush()
            os.fsync(file.fileno())
    return blanked


def _read_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    for line in content.splitlines(keepends=True):
        if line.endswith(b"\n"):  # an unfinished one is being written now
            yield start, line.rstrip(b"\n")
        start += len(line)


def _is_for(line: bytes, code: str) -> bool:
    try:
        return bool(line.strip()) and json.loads(line).get("to") == code
    except ValueError:
        return False


def note_erased(folder: Path, code: str, on: date) -> None:
    """Remember the code beside the database: a backup made before would bring the person back."""
    handle = os.open(folder / _LIST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (json.dumps({"person": code, "on": on.isoformat()}) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def list_erased(folder: Path) -> list[str]:
    """Return the codes of all who were erased in this installation."""
    path = folder / _LIST
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(json.loads(line)["person"] for line in lines if line.strip()))
