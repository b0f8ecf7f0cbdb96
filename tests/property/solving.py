"""Starts the warm solver for as long as histories are lived, and says how a night calls it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
WARM = Path(__file__).with_name("warm.py")
STARTED_WITHIN = 60


@contextmanager
def warm_solver() -> Iterator[Sequence[str]]:
    """Give the command of a solver that need not start up for each problem."""
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder) / "s"
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.property.warm", "serve", str(address)], cwd=ROOT
        )
        try:
            until = time.monotonic() + STARTED_WITHIN
            while not address.exists():
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the warm solver did not start")
                time.sleep(0.02)
            yield (sys.executable, "-S", "-E", str(WARM), str(address))
        finally:
            server.terminate()
            server.wait()
