"""What a paper's font cannot show is seen to be missing; a name is never shortened."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from app.prints.paper import Paper


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("王桂英", "王桂英"),
        ("测\U00020bb7", "测〓"),
        ("测\U00020bb7试 abc", "测〓试 abc"),
        ("甲\u202e乙\x07", "甲乙"),
        ("甲\t乙", "甲 乙"),
    ],
)
def test_a_character_without_a_glyph_is_printed_as_a_gap(text: str, printed: str) -> None:
    paper = Paper("题", "脚")
    paper.say(text)
    read = PdfReader(BytesIO(paper.finish())).pages[0].extract_text().replace("\0", "")
    assert read.splitlines()[1] == printed
