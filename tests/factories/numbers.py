"""The running numbers of the factories' codes and names."""

from __future__ import annotations

from itertools import count


def start_numbers() -> count[int]:
    """Return numbers that all have six digits: sorted as text, what was made first comes first (9 and 10 would not)."""
    return count(100_001)
