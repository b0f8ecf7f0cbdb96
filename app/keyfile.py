"""Keeps the keyring in the data folder: read, replaced whole, watched by every process. Knows no database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from time import monotonic
from typing import Final

from app.keyring import KEY_BYTES, Keyring

LOOK_EVERY_SECONDS: Final = 1.0
"""A process that runs for weeks hears of a rotation's next step within this time."""


def find_path(folder: Path) -> Path:
    """Return where the key lies below a data folder."""
    return folder / "keys" / "field.key"


def read(folder: Path) -> Keyring:
    """Read the keyring of a data folder; make one with a fresh key where there is none. Raises `BadKey`."""
    path = find_path(folder)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = _write_beside(path, Keyring(secrets.token_bytes(KEY_BYTES)).write())
        try:
            os.link(part, path)  # never over one that another process made a moment ago
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return Keyring.parse(path.read_bytes())


def replace(folder: Path, keyring: Keyring) -> None:
    """Put a keyring in the place of the one before: at any moment one of the two is there, and whole."""
    path = find_path(folder)
    _write_beside(path, keyring.write()).replace(path)
    _sync_folder(path.parent)


def keep(folder: Path, encoded: bytes) -> None:
    """Make this key the data folder's; the one before stays beside it under another name."""
    path = find_path(folder)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        put_aside(folder)
    _write_beside(path, encoded).replace(path)
    _sync_folder(path.parent)


def put_aside(folder: Path) -> Path:
    """Copy the present keyring under another name, for backups that were made with it; return the copy's place."""
    path = find_path(folder)
    copy = path.with_name(f"field.key.before-{secrets.token_hex(4)}")
    _write_beside(path, path.read_bytes()).replace(copy)
    _sync_folder(path.parent)
    return copy


class Watch:
    """A data folder's keyring, read again when its file has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._look()
        self._keyring = read(folder)
        self._not_before = monotonic() + LOOK_EVERY_SECONDS

    def get(self) -> Keyring:
        """Return the keyring as the file has it, at most `LOOK_EVERY_SECONDS` late."""
        if monotonic() >= self._not_before:
            self._not_before = monotonic() + LOOK_EVERY_SECONDS
            seen = self._look()
            if seen is not None and seen != self._seen:
                self._keyring = read(self._folder)
                self._seen = seen
        return self._keyring

    def _look(self) -> tuple[int, int] | None:
        try:
            found = find_path(self._folder).stat()
        except OSError:  # a folder that is gone for a moment: what was read stays good
            return None
        return found.st_mtime_ns, found.st_ino


def _write_beside(path: Path, content: bytes) -> Path:
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return part


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
