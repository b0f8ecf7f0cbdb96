"""What is masked, who sees which field, and what a search text may mean. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HIDDEN: Final = "***"


class Field(StrEnum):
    """A sensitive field that can be unmasked."""

    id_number = "id_number"
    phone = "phone"
    health_note = "health_note"
    address = "address"
    evidence = "evidence"
    pickups = "pickups"


SITE_FIELDS: Final = frozenset({Field.phone, Field.evidence, Field.pickups})
"""What a site may unmask, with a reason, of people who consented to it."""


def mask(value: str | None, *, tail: int = 4) -> str | None:
    """Return a value with all but its last characters starred; a short one is starred whole."""
    if value is None:
        return None
    if len(value) < 2 * tail:
        return HIDDEN
    return "*" * (len(value) - tail) + value[-tail:]


def hide(value: object | None) -> str | None:
    """Return that there is something, and nothing of it."""
    return None if value is None else HIDDEN


@dataclass(frozen=True)
class Term:
    """One word of a search: every word must fit the person in some way."""

    text: str
    last4: str | None = None
    whole: str | None = None
    letters: str | None = None


_LAST4: Final = re.compile(r"\d{3}[\dX]")
_WHOLE: Final = re.compile(r"\d{7,17}[\dX]?")
_LETTERS: Final = re.compile(r"[a-z]+")


def parse_search(text: str) -> list[Term]:
    """Return the words of a search text and what each may mean: a name, pinyin, digits of a number, a place."""
    words = unicodedata.normalize("NFKC", text).split()[:6]
    return [_parse_word(word) for word in words]


def _parse_word(word: str) -> Term:
    upper, lower = word.upper(), word.lower()
    return Term(
        text=word,
        last4=upper if _LAST4.fullmatch(upper) else None,
        whole=upper if _WHOLE.fullmatch(upper) else None,
        letters=lower if _LETTERS.fullmatch(lower) else None,
    )
