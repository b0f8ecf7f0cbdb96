"""ID numbers: clean, check, widen from 15 to 18 digits, read birth date and sex. Pure: no session, clock or I/O.

The region is a matter of its own: counties are renamed and merged, so an unknown one is a warning, never a fault.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.models.enums import Sex

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = "10X98765432"
_SHAPE: Final = re.compile(r"\d{15}|\d{17}[\dX]")
_IN_PHONES: Final = re.compile(r"[-‐‑–—()./]")
_DASHES: Final = str.maketrans("", "", "-‐‑–—·.'`")


class IdNumberFault(StrEnum):
    """What is wrong with an ID number; the first that applies."""

    length = "id_number_length"
    characters = "id_number_characters"
    birth_date = "id_number_birth_date"
    checksum = "id_number_checksum"


class BadIdNumber(ValueError):
    """An ID number that cannot be right; `fault` says why. The number itself is never in the message."""

    def __init__(self, fault: IdNumberFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True)
class IdNumber:
    """A valid ID number in its 18-character form, and what it says."""

    number: str
    born_on: date
    sex: Sex


def clean_id_number(text: str) -> str:
    """Return the number half-width, without blanks and dashes, with an upper-case X."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_DASHES).upper()


def find_check_character(first_17: str) -> str:
    """Return the 18th character that belongs to the first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK_CHARACTERS[sum(w * int(d) for w, d in zip(_WEIGHTS, first_17, strict=True)) % 11]


def widen_id_number(number: str) -> str:
    """Return the 18-character form of a 15-digit number: the century is put in, the check character added.

    Sequence numbers 996 to 999 were kept for people born before 1900 (GB 11643-1989).
    """
    century = "18" if number[12:15] >= "996" else "19"
    first_17 = number[:6] + century + number[6:]
    return first_17 + find_check_character(first_17)


def parse_id_number(text: str) -> IdNumber:
    """Return what an ID number of 15 or 18 characters says; 15 digits become 18.

    Raises
    ------
    BadIdNumber
        With the first thing that is wrong: length, characters, birth date, check character.

    """
    number = clean_id_number(text)
    if len(number) not in (15, 18):
        raise BadIdNumber(IdNumberFault.length)
    if not (number.isascii() and _SHAPE.fullmatch(number)):
        raise BadIdNumber(IdNumberFault.characters)
    if len(number) == 15:
        number = widen_id_number(number)
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadIdNumber(IdNumberFault.birth_date) from None
    if number[17] != find_check_character(number[:17]):
        raise BadIdNumber(IdNumberFault.checksum)
    return IdNumber(number, born_on, Sex.male if int(number[16]) % 2 else Sex.female)


def clean_phone(text: str) -> str:
    """Return a phone number as its digits: half-width, without blanks, dashes, brackets and the country's 86."""
    digits = _IN_PHONES.sub("", "".join(unicodedata.normalize("NFKC", text).split()))
    return digits.removeprefix("+86") if len(digits.removeprefix("+86")) >= 10 else digits


def find_region(number: str) -> str | None:
    """Return province and county of a valid number; None where the list of counties does not know the code.

    Numbers of the synthetic sample begin with 99, which is no province.
    """
    from stdnum.cn import ric  # noqa: PLC0415 - reads its list of counties from a file
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    try:
        place = ric.get_birth_place(number)
    except ValidationError:
        return None
    return f"{place['province']}{place['county']}"
