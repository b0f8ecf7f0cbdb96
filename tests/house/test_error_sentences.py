"""A sentence that something went wrong holds no program word: states and kinds are said as the screens say them."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from string import Formatter

import pytest

import app
from app.errors import DomainError
from app.language.catalogue import say
from app.language.labels import LABELS
from app.models.enums import PlacementState
from tests.house.source import modules

OPERATORS = (
    "app.operations", "app.workbook", "app.walking", "app.sample", "app.erasure", "app.idempotency",
)  # fmt: skip
"""What these refuse is read on the command line or by a program, where files, options and headers have names of their own."""
FOR_OPERATORS = {"UnsupportedMediaType", "NulInText", "FieldKeyUnreadable", "NoPlan"}
TERMINALS = (".terminal", ".cli")
KNOWN_WORDS = {"JSON", "CareMatch", "WGS", "PDF", "Excel"}
LATIN = re.compile(r"[A-Za-z_][A-Za-z_-]+")


def list_errors() -> list[type[DomainError]]:
    """Return every error of the program that staff meet."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name.endswith((".errors", ".beyond", ".matches")) or found.name == "app.errors":
            importlib.import_module(found.name)
    kinds, open_ = [], [DomainError]
    while open_:
        kind = open_.pop()
        open_ += kind.__subclasses__()
        kinds.append(kind)
    assert len(kinds) > 100
    return [
        kind
        for kind in kinds
        if kind.__module__.startswith("app.")
        and not kind.__module__.startswith(OPERATORS)
        and not kind.__module__.endswith(TERMINALS)
        and kind.__name__ not in FOR_OPERATORS
    ]


def test_a_chinese_sentence_for_staff_holds_no_latin_word() -> None:
    found = {}
    for kind in list_errors():
        words = set(LATIN.findall(re.sub(r"\{\w+\}", "", kind.zh))) - KNOWN_WORDS
        if words:
            found[kind.__name__] = words
    assert found == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_member_is_said_with_its_word_in_every_sentence(language: str) -> None:
    """Whatever figure of a sentence is a state or a kind, it is filled with what the screens call it."""
    for kind in list_errors():
        names = {
            name for _, name, _, _ in Formatter().parse(kind.zh if language == "zh" else kind.en) if name
        }
        if names and kind.sentence is DomainError.sentence:
            data = dict.fromkeys(names, PlacementState.withdrawn)
            word = say(LABELS[PlacementState, "withdrawn"], language)
            assert word in kind(**data).sentence(language)
            assert "withdrawn" not in kind(**data).sentence(language)


def test_no_sentence_is_given_a_raw_value() -> None:
    """`state.value` or a word of the program in quotes would be printed as it is."""
    figures = {
        kind.__name__: {
            name for text in (kind.zh, kind.en) for _, name, _, _ in Formatter().parse(text) if name
        }
        for kind in list_errors()
    }
    raw = [
        f"{module.path}:{node.lineno} {keyword.arg}"
        for module in modules("app")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in figures.get(getattr(node.func, "id", getattr(node.func, "attr", "")), set())
        and _is_raw(keyword.value)
    ]
    assert raw == []


def _is_raw(value: ast.expr) -> bool:
    if isinstance(value, ast.IfExp):
        return _is_raw(value.body) or _is_raw(value.orelse)
    if isinstance(value, ast.Attribute):
        return value.attr == "value"
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.isidentifier()


def test_a_moment_is_said_to_the_minute() -> None:
    class Over(DomainError):
        zh = en = "{at}"

    assert Over(at="2026-12-01T10:00:07.5+08:00").sentence("zh") == "2026-12-01 10:00"
