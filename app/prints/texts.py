"""Texts as a file of another program can carry them: no control characters, no line ends of its own. Pure."""

from __future__ import annotations

import re
from typing import Final

_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]+")


def to_line(text: str) -> str:
    """Return a text as one line: what would end a line, or ends nothing and is not seen, becomes one blank."""
    return _UNSEEN.sub(" ", text)
