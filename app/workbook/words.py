"""The words of lists in the workbook: Chinese labels, their codes, weekdays, yes and no. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any, Final

from app.language.labels import label
from app.workbook.texts import CellFault, narrow, squeeze

YES: Final = "是"
NO: Final = "否"
_YES: Final = frozenset({"是", "有", "对", "y", "yes", "true", "1", "√", "✓"})
_NO: Final = frozenset({"否", "无", "没有", "不", "n", "no", "false", "0", "×", "x"})
WEEKDAYS: Final = "一二三四五六日"
_DAY_CHARACTERS: Final = {
    **{c: i for i, c in enumerate(WEEKDAYS)}, **{str(i + 1): i for i in range(7)}, "天": 6,
}  # fmt: skip
_ENGLISH_DAYS: Final = {
    name[:n]: i
    for i, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    for n in (3, len(name))
}
_DAY_WORDS: Final = re.compile(r"星期|礼拜|周|每|逢|[、,和及/|]")
_RANGE: Final = re.compile(r"([一二三四五六日天1-7])(?:至|到|-|~)([一二三四五六日天1-7])")


@cache
def words_of(choice: type[StrEnum]) -> dict[str, StrEnum]:
    """Return every accepted spelling of a list's words, squeezed: Chinese, English, code."""
    accepted: dict[str, StrEnum] = {}
    for member in choice:
        for spelling in (label(member, "en"), label(member, "zh"), member.value):
            accepted[squeeze(spelling)] = member
    return accepted


@cache
def list_labels(choice: type[StrEnum], language: str, omits: tuple[StrEnum, ...] = ()) -> tuple[str, ...]:
    """Return the labels that a drop-down offers."""
    return tuple(label(member, language) for member in choice if member not in omits)


@cache
def _labels_of(choice: type[StrEnum]) -> dict[str, str]:
    return {member.value: label(member, "zh") for member in choice}


def write_word(member: StrEnum) -> str:
    """Return the label that the export writes."""
    # By class: members of two classes with one value are equal, and a cache by member would mix them up.
    return _labels_of(type(member))[member.value]


def read_word(raw: Any, choice: type[StrEnum], omits: tuple[StrEnum, ...] = ()) -> StrEnum:
    """Return the member that a word means.

    Raises
    ------
    CellFault
        `unknown_word`, with the words that are accepted.

    """
    found = words_of(choice).get(squeeze(raw))
    if found is None or found in omits:
        raise CellFault(
            "unknown_word",
            text=narrow(raw),
            words="、".join(list_labels(choice, "zh", omits)),
            words_en=", ".join(m.value for m in choice if m not in omits),
        )
    return found


def read_yes_no(raw: Any) -> bool:
    """Return what a yes or no cell says.

    Raises
    ------
    CellFault
        `not_yes_no`.

    """
    if isinstance(raw, bool):
        return raw
    word = squeeze(raw)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellFault("not_yes_no", text=narrow(raw))


def read_weekday(raw: Any) -> int:
    """Return 0 for Monday ... 6 for Sunday.

    Raises
    ------
    CellFault
        `not_a_weekday`.

    """
    word = squeeze(raw)
    bare = _DAY_WORDS.sub("", word)
    if bare in _DAY_CHARACTERS:
        return _DAY_CHARACTERS[bare]
    if word in _ENGLISH_DAYS:
        return _ENGLISH_DAYS[word]
    raise CellFault("not_a_weekday", text=narrow(raw))


def write_weekday(weekday: int) -> str:
    """Return 周一 ... 周日."""
    return f"周{WEEKDAYS[weekday]}"


def read_weekdays(raw: Any) -> int:
    """Return seven bits, bit 0 = Monday, of a text such as 一三五, 周一至周五, 1、3、5, 工作日.

    Raises
    ------
    CellFault
        `not_weekdays`.

    """
    bare = _DAY_WORDS.sub("", squeeze(raw).replace("工作日", "一至五").replace("每天", "一至日"))
    bits = 0
    for first, last in _RANGE.findall(bare):
        bits |= _bits(range(_DAY_CHARACTERS[first], _DAY_CHARACTERS[last] + 1))
    rest = _RANGE.sub("", bare)
    if any(character not in _DAY_CHARACTERS for character in rest) or not (bits or rest):
        raise CellFault("not_weekdays", text=narrow(raw))
    return bits | _bits(_DAY_CHARACTERS[character] for character in rest)


def write_weekdays(bits: int) -> str:
    """Return 一三五 of the bits."""
    return "".join(day for i, day in enumerate(WEEKDAYS) if bits >> i & 1)


def _bits(days: Iterable[int]) -> int:
    bits = 0
    for day in days:
        bits |= 1 << day
    return bits
