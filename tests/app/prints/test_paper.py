"""What a paper's font cannot show is seen to be missing; a name is never shortened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from app.prints import typeface
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


def print_one(text: str) -> str:
    paper = Paper("题", "脚")
    paper.say(text)
    return PdfReader(BytesIO(paper.finish())).pages[0].extract_text().replace("\0", "")


def test_typeface_is_read_once_however_many_print_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, whole = [], typeface.TTFFont

    def count(*given: Any) -> Any:
        read.append(given)
        return whole(*given)

    monkeypatch.setattr(typeface, "TTFFont", count)
    typeface._read.cache_clear()
    names = ["王桂英", "李建国", "陈秀兰", "赵安安"]
    with ThreadPoolExecutor(len(names)) as pool:
        printed = list(pool.map(print_one, names))
    assert len(read) == 1
    assert [name in page for name, page in zip(names, printed, strict=True)] == [True] * len(names)


def test_paper_holds_its_own_letters_only() -> None:
    first, second = Paper("题", "脚"), Paper("题", "脚")
    first.say("王桂英")
    second.say("题")
    assert len(first.finish()) > len(second.finish())
    assert "王" not in print_one("题")


def test_letters_that_were_cut_before_are_cut_from_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "_cutting", typeface._Cutting())
    cuts, cut = [], typeface._cut

    def count(names: frozenset[str]) -> Any:
        cuts.append(names)
        return cut(names)

    monkeypatch.setattr(typeface, "_cut", count)
    made = [make_same(text) for text in ("王桂英", "李建国", "王桂英", "王建国")]
    assert made[0] == made[2], "whatever else was printed between them"
    assert len(cuts) == 2


def make_same(text: str) -> bytes:
    paper = Paper("题", "脚")
    paper.set_creation_date(datetime(2026, 12, 1, 9, tzinfo=UTC))
    paper.say(text)
    return paper.finish()
