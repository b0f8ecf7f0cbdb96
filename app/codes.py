"""Stable codes for rows that no file named: they name a row in files, draws and the audit chain, never its database id."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute, Session

LONGEST: Final = 48
"""Characters of a code of a need and of all that follows from one."""
_MARK: Final = 8
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U to be misread on a slip."""


def make_code(prefix: str) -> str:
    """Return a new code such as `P-7K2M9QX4TB`: 50 random bits, so that two offices do not meet."""
    return f"{prefix}-" + "".join(secrets.choice(_LETTERS) for _ in range(10))


def shorten(code: str, most: int) -> str:
    """Return a code of at most `most` characters; one cut short ends in eight that tell it from others that begin alike."""
    if len(code) <= most:
        return code
    mark = hashlib.sha256(code.encode()).hexdigest()[:_MARK]
    return f"{code[: most - _MARK - 1]}~{mark}"


def find_free_code(session: Session, column: InstrumentedAttribute[str], head: str, number: int) -> str:
    """Return `head` and the first number from `number` on that no row has; a workbook may have brought some of them."""
    while True:
        tail = f"-{number}"
        code = shorten(head, LONGEST - len(tail)) + tail
        if session.scalar(select(column).where(column == code)) is None:
            return code
        number += 1
