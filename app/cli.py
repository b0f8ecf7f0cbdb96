"""`carematch ...`: one command a capability; each feature registers its own in `<feature>/cli.py`."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

FEATURES = (
    "demo",
    "sample",
    "walking",
    "workbook",
    "planning",
    "accounts",
    "audit",
    "placements",
    "slots",
    "status",
    "operations",
    "rounds",
    "notices",
    "packs",
)
"""Packages below `app` whose `cli` module has `register(cli: typer.Typer) -> None`; imports stay light there."""

EXIT_BAD_USE = 2
EXIT_OWN_FAULT = 5


def build() -> typer.Typer:
    """Return the command line with every feature's commands."""
    cli = typer.Typer(
        name="carematch",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="CareMatch 五里桥养老托育匹配：记录需求与名额，每晚匹配，并说明原因。Care near people, matched and explained.",
    )
    for feature in FEATURES:
        import_module(f"app.{feature}.cli").register(cli)
    return cli


def main() -> None:
    """Run the command line; a situation that a person can mend is one sentence, never a traceback."""
    from app.context import ForeignFolder  # noqa: PLC0415 - keeps `--help` quick
    from app.errors import DomainError  # noqa: PLC0415

    try:
        build()()
    except DomainError as error:
        print(f"{error.sentence('zh')}\n{error.sentence('en')}", file=sys.stderr)
        sys.exit(EXIT_BAD_USE)
    except ForeignFolder as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_USE)
