"""The audit chain's head, kept in the data folder: rows cut off the chain's end would otherwise leave no trace.

The file only moves forward; restoring a backup is the one way back, and leaves a line of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import structlog

_log = structlog.get_logger("carematch.audit")

_NAME: Final = "audit-head.json"
_RESTORED: Final = "audit-restored.jsonl"


@dataclass(frozen=True)
class Head:
    """Sequence and hash of the last row of the chain."""

    sequence: int
    hash: str


class _Installed:
    folder: Path | None = None


def install(folder: Path | None) -> None:
    """Keep the head in this folder; None keeps none (tests that roll back)."""
    _Installed.folder = folder


def read() -> Head | None:
    """Return the head last noted; None where none was."""
    if _Installed.folder is None or not (path := _Installed.folder / _NAME).exists():
        return None
    return Head(**json.loads(path.read_text(encoding="utf-8")))


def advance(head: Head) -> None:
    """Note a head that has been committed; an older one than noted changes nothing.

    The commit has happened, so a full disk here must not look like a failed request: it is logged.
    """
    try:
        with _locked() as folder:
            if folder is None:
                return
            noted = read()
            if noted is None or head.sequence > noted.sequence:
                _replace(folder, head)
    except OSError as fault:
        _log.error("audit_head_not_noted", sequence=head.sequence, fault=type(fault).__name__)


def reset(head: Head, *, because: str) -> None:
    """Go back to a restored database's head, and leave a line that says from where and why."""
    with _locked() as folder:
        if folder is None:
            return
        noted = read()
        line = {"from": asdict(noted) if noted else None, "to": asdict(head), "because": because}
        with (folder / _RESTORED).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        _replace(folder, head)


@contextmanager
def _locked() -> Iterator[Path | None]:
    folder = _Installed.folder
    if folder is None:
        yield None
        return
    with (folder / f"{_NAME}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _replace(folder: Path, head: Head) -> None:
    made = folder / f"{_NAME}.new"
    made.write_text(json.dumps(asdict(head)), encoding="utf-8")
    os.replace(made, folder / _NAME)  # noqa: PTH105 - atomic, and says so
