"""Where packs lie: a folder a day that only its owner reads; a file is replaced whole or not at all, old days go away."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Final

_MARKS: Final = ".fingerprints.json"
"""What each file was made from, so that an unchanged pack is not written again."""


class PackFolder:
    """The folder `packs` of a data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_path(self, on: date, site: str) -> Path:
        """Return where a site's pack of a day lies; a site's code never leads out of the folder."""
        name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in site)
        return self.root / on.isoformat() / f"{name}.pdf"

    def is_current(self, on: date, site: str, fingerprint: str) -> bool:
        """Return whether the file that lies there was made from the same content."""
        return self.find_path(on, site).exists() and self._read_marks(on).get(site) == fingerprint

    def put(self, on: date, site: str, content: bytes, fingerprint: str) -> Path:
        """Write a pack beside its place and move it there: whoever opens it reads the old one or the new one."""
        path = self.find_path(on, site)
        self._open(path.parent)
        _replace(path, content)
        marks = self._read_marks(on) | {site: fingerprint}
        _replace(path.parent / _MARKS, json.dumps(marks).encode())
        return path

    def drop(self, on: date, site: str) -> None:
        """Take away the pack of a site at which nothing happens any more."""
        self.find_path(on, site).unlink(missing_ok=True)

    def expire(self, today: date, kept_days: int) -> list[date]:
        """Take away the days that are over, and what a crash left behind; return these days."""
        gone = []
        for folder in sorted(self.root.iterdir()) if self.root.exists() else ():
            on = _read_day(folder)
            if on is not None and on <= today - timedelta(days=kept_days):
                shutil.rmtree(folder)
                gone.append(on)
            elif on is not None:
                for part in folder.glob("*.part"):
                    part.unlink(missing_ok=True)
        return gone

    def _open(self, folder: Path) -> None:
        for each in (self.root, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            each.chmod(0o700)  # the mask of the process may have taken less away than wanted

    def _read_marks(self, on: date) -> dict[str, str]:
        try:
            marks = json.loads((self.root / on.isoformat() / _MARKS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return marks if isinstance(marks, dict) else {}


def _read_day(folder: Path) -> date | None:
    try:
        return date.fromisoformat(folder.name) if folder.is_dir() else None
    except ValueError:
        return None


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
