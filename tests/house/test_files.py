"""Every file says what it is for and stays small enough to be read at once."""

from __future__ import annotations

import ast
import statistics

from tests.house.source import ROOT, modules

LIMIT = 400
CODE = ("app", "solver", "migrations", "tests")


def test_file_begins_with_a_sentence_that_says_what_it_is_for() -> None:
    silent = [
        module.path
        for module in modules(*CODE)
        if module.text.strip() and not (ast.get_docstring(module.tree) or "").strip()
    ]
    assert not silent, f"these files do not say what they are for: {silent}"


def test_file_over_four_hundred_lines_has_a_decision_record() -> None:
    decisions = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs/decisions").glob("*.md"))
    assert decisions
    # A revision is written once and read as a list; splitting one would make two revisions.
    watched = [m for m in modules("app", "solver", "tests") if m.count_lines > LIMIT]
    unexplained = {m.path: m.count_lines for m in watched if f"`{m.path}`" not in decisions}
    assert not unexplained, f"over {LIMIT} lines without a decision record that names them: {unexplained}"


def test_median_file_is_under_a_hundred_lines() -> None:
    sizes = [module.count_lines for module in modules("app") if module.count_lines > 1]
    assert sizes
    assert statistics.median(sizes) < 100


def test_migrations_are_numbered_without_gap() -> None:
    numbers = sorted(
        int(module.path.rsplit("/", 1)[1][:4])
        for module in modules("migrations/versions")
        if not module.path.endswith("__init__.py")
    )
    assert numbers == list(range(1, len(numbers) + 1))


def test_file_of_words_holds_words_only() -> None:
    """Decision 0004 lets this file be long because it is a list."""
    (words,) = (module for module in modules("app/models") if module.path.endswith("enums.py"))
    kinds = {type(node).__name__ for node in words.tree.body}
    assert kinds <= {"Expr", "ImportFrom", "ClassDef"}
