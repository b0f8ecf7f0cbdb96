"""The morning on which every run of tests and benchmarks begins, whatever the day it is run on."""

from __future__ import annotations

import os
from datetime import UTC, datetime

CLOCK_SHIFT = "CAREMATCH_CLOCK_SHIFT"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday, ten o'clock in Shanghai, in a year whose calendar is published."""


def begin() -> None:
    """Shift the clock of this process and its children, unless the variable says another day; before `app.clock` is read."""
    os.environ.setdefault(CLOCK_SHIFT, str(int((START - datetime.now(UTC)).total_seconds())))
