"""The stored sort and search keys of a name. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

SYNTHETIC_MARK: Final = "·样例"
"""Ends the name of a person of the synthetic sample."""


@lru_cache(maxsize=20_000)
def find_pinyin(name: str) -> tuple[str, str]:
    """Return the pinyin of a name without blanks, and its initials; the sample's mark is left out."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - loads a dictionary

    syllables = lazy_pinyin(name.removesuffix(SYNTHETIC_MARK))
    return "".join(syllables)[:200], "".join(syllable[0] for syllable in syllables if syllable)[:40]
