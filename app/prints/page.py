"""The one door to a new paper: who only may have to print does not load the library that makes PDF files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.prints.paper import Paper


def begin_paper(title: str, foot: str) -> Paper:
    """Return a new A4 paper with its title written and `foot` below every page."""
    from app.prints.paper import Paper  # noqa: PLC0415 - fpdf and its fonts load 250 modules; few requests print

    return Paper(title, foot)
