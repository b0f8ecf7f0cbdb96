"""Where a run of all tests writes: a folder in memory where the machine has room for it, else one on its disk.

Some thousand databases are made and thrown away in a run; on a disk each costs the kernel more than the test does.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.owned import owned, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30  # bytes free; a run has been seen to need half of one GiB
PREFIX = "carematch-tests-"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Make the folder, and take it away again with all that is in it; a run that was killed leaves it to the next."""
    parent = MEMORY if has_room(MEMORY) else Path(tempfile.gettempdir())
    sweep(PREFIX, parent)
    with owned(PREFIX, parent) as folder:
        folder.chmod(0o711)  # root's PostgreSQL runs as another user, and has to come through
        yield folder


def has_room(parent: Path) -> bool:
    """Whether a folder can hold a run: enough of it is free, and programs may be started from it."""
    try:
        state = os.statvfs(parent)
    except OSError:
        return False
    runs_programs = not state.f_flag & getattr(os, "ST_NOEXEC", 0)
    return runs_programs and os.access(parent, os.W_OK) and state.f_bavail * state.f_frsize >= ROOM
