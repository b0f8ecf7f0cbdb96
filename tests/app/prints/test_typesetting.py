"""Lines of Chinese text break by the usual rules; nothing is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.prints.typesetting import break_lines


def measure(text: str) -> float:
    return sum(1.0 if ord(letter) > 0x2000 else 0.5 for letter in text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("一二三四五六", 3, ["一二三", "四五六"]),
        ("一二三，四五", 3, ["一二", "三，四", "五"]),
        ("一二（三四）", 3, ["一二", "（三", "四）"]),
        ("在 2026-12-01 开始", 6, ["在", "2026-12-01", "开始"]),
        ("一\n二", 9, ["一", "二"]),
    ],
)
def test_a_line_never_begins_with_a_closing_mark_nor_ends_with_an_opening_one(
    text: str, width: float, lines: list[str]
) -> None:
    assert break_lines(text, width, measure) == lines


@given(st.text(alphabet="一二三四五，。（）“”ab1 ", max_size=60), st.integers(4, 12))
def test_no_letter_is_lost(text: str, width: int) -> None:
    lines = break_lines(text, width, measure)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
