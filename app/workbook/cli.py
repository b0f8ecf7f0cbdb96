"""Commands of this feature; nothing is imported before a command runs."""

from __future__ import annotations

import typer


def register(cli: typer.Typer) -> None:
    """Add this feature's commands."""
