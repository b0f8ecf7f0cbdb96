"""A folder that belongs to a living process: whoever finds one whose owner has gone takes it away."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = "owner.lock"


@contextlib.contextmanager
def owned(prefix: str, parent: Path) -> Iterator[Path]:
    """Make a folder named ``prefix...``, hold its lock, and take it away with all that is in it.

    It gets that name once the lock is held: `sweep` never sees one that is only being made.
    """
    made = Path(tempfile.mkdtemp(prefix=f".{prefix}", dir=parent))
    folder = made.with_name(made.name.removeprefix("."))
    try:
        with (made / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            made.rename(folder)
            yield folder
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def sweep(prefix: str, parent: Path) -> None:
    """Take away the folders whose owners were killed: nobody holds their lock."""
    for folder in parent.glob(f"{prefix}*"):
        try:
            with (folder / LOCK).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # held by a living run, or another user's
            continue
