"""Nothing a person reads is untranslated."""

from __future__ import annotations

import re
from enum import StrEnum

from app.language.catalogue import say
from app.language.labels import LABELS
from app.language.reasons import TITLES
from app.models import enums
from app.models.enums import Reason
from tests.support.messages import extract, read_catalogue

NAMED = re.compile(r"\{\w+\}|%\(\w+\)s")


def test_every_message_has_a_chinese_text():
    catalogue = read_catalogue()
    messages = extract()
    assert len(messages) > 100
    missing = [text for text in messages if (entry := catalogue.get(text)) is None or not entry.string]
    assert missing == []


def test_translations_keep_the_named_figures():
    entries = [entry for entry in read_catalogue() if entry.id and entry.string]
    assert entries
    wrong = [
        entry.id
        for entry in entries
        if set(NAMED.findall(str(entry.id))) != set(NAMED.findall(str(entry.string)))
    ]
    assert wrong == []


def test_the_catalogue_holds_nothing_that_is_no_longer_said():
    messages = extract()
    assert [entry.id for entry in read_catalogue() if entry.id and entry.id not in messages] == []


def test_every_reason_has_a_title_and_every_label_a_word():
    assert set(TITLES) == set(Reason)
    # By class and value: members of two classes with one value are equal to each other.
    words = {
        (cls, member.value)
        for cls in vars(enums).values()
        if isinstance(cls, type) and issubclass(cls, StrEnum) and cls not in (StrEnum, Reason)
        for member in cls
    }
    assert len(LABELS) > 100
    assert words - set(LABELS) == set()
    assert all(say(text, "zh") for text in LABELS.values())
