"""Reads the project's own source for the house tests: files, syntax trees, what is written where."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the project's folder, its text, its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def count_lines(self) -> int:
        """Return the number of lines."""
        return len(self.text.splitlines())

    def find(self, wanted: Callable[[ast.AST], bool]) -> Iterator[str]:
        """Give `path:line` of every node of the tree that is wanted."""
        for node in ast.walk(self.tree):
            if wanted(node):
                yield f"{self.path}:{getattr(node, 'lineno', 1)}"


def modules(*folders: str) -> tuple[Module, ...]:
    """Return every Python file below the folders; finding none is an error, so that no test passes by looking away."""
    found = tuple(module for folder in folders for module in _read(folder))
    assert found, f"no Python file below {folders}"
    return found


@cache
def _read(folder: str) -> tuple[Module, ...]:
    return tuple(
        Module(str(path.relative_to(ROOT)), text, ast.parse(text, filename=str(path)))
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in [path.read_text(encoding="utf-8")]
    )


def places(
    wanted: Callable[[ast.AST], bool], *folders: str, allowed: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return where a wanted node stands outside the allowed files, and the allowed files that hold none any more."""
    outside, used = [], set()
    for module in modules(*folders):
        for place in module.find(wanted):
            if module.path in allowed:
                used.add(module.path)
            else:
                outside.append(place)
    return outside, sorted(set(allowed) - used)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` of an attribute chain on a name; an empty string for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def imported(node: ast.AST) -> list[str]:
    """Return the full names that an import statement brings in."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def docstrings(tree: ast.Module) -> set[int]:
    """Return the ids of the constants that are documentation: what they mention, the code does not do."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for statement in body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found.add(id(statement.value))
    return found
