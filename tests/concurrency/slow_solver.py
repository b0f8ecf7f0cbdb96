"""The solver behind a gate: it solves once the file named by CAREMATCH_GATE is gone; lets tests act during the solve."""

from __future__ import annotations

import os
import runpy
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    gate = Path(os.environ["CAREMATCH_GATE"])
    until = time.monotonic() + 60
    while gate.exists() and time.monotonic() < until:
        time.sleep(0.02)
    sys.argv[0] = "solver"
    runpy.run_module("solver", run_name="__main__")
