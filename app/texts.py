"""Texts that somebody types into one line: trimmed, and without characters that nobody sees and that change how others look."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Controls, and the overrides of writing direction; a note of several lines has its line ends and tabs besides."""


def _refuse_hidden(text: str) -> str:
    if HIDDEN.search(text):
        raise ValueError(
            "含有看不见的控制字符，请删去或重新输入。 | There is an invisible control character in it; take it out or type it anew."
        )
    return text


ONE_LINE: Final = AfterValidator(_refuse_hidden)
"""A text of one line, such as a name: nothing in it that is not seen. What is in the record already stays readable."""
WhyOpened = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=200),
    ONE_LINE,
    Field(examples=["通知入园时间"]),
]
"""Why a sealed field is opened, on a page as in the API: blanks are no reason."""
SaidBy = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    ONE_LINE,
    Field(examples=["监护人"]),
]
"""Who said yes or no: the person, a guardian. A role, not a name."""
