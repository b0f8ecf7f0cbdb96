"""Stable codes for rows made by hand: they name a row in files, draws and the audit chain, never its database id."""

from __future__ import annotations

import secrets
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U to be misread on a slip."""


def make_code(prefix: str) -> str:
    """Return a new code such as `P-7K2M9QX4TB`: 50 random bits, so that two offices do not meet."""
    return f"{prefix}-" + "".join(secrets.choice(_LETTERS) for _ in range(10))
