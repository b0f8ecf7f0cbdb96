"""The stored sort and search keys of a name. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

SYNTHETIC_MARK: Final = "·样例"
"""Ends the name of a person of the synthetic sample."""
_BETWEEN: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=20_000)
def find_pinyin(name: str) -> tuple[str, str]:
    """Return the pinyin of a name in small letters, and its initials; the sample's mark is left out.

    Of a name in another script, its words; dots and blanks between parts are left out, as nobody types them.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - loads a dictionary

    spelt = " ".join(lazy_pinyin(name.removesuffix(SYNTHETIC_MARK))).lower()
    syllables = _BETWEEN.sub(" ", spelt).split()
    return "".join(syllables)[:200], "".join(syllable[0] for syllable in syllables)[:40]
