"""`carematch ...`: one command a capability; each feature registers its own in `<feature>/cli.py`."""

from __future__ import annotations

import gc
import sys
import tempfile
import traceback
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
    "bookings",
    "placements",
    "attendance",
    "slots",
    "status",
    "operations",
    "erasure",
    "rounds",
    "notices",
    "packs",
    "shopping",
)
"""Packages below `app` whose `cli` module has `register(cli: typer.Typer) -> None`; imports stay light there."""

EXIT_BAD_USE = 2
EXIT_OWN_FAULT = 5
EXIT_STOPPED = 130


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
    # What a command reads stays, and the collector's habit of looking through it every 700 objects is a seventh of a start.
    gc.set_threshold(50_000, 10, 10)
    try:
        build()()
    except KeyboardInterrupt:
        print("已停止。Stopped.", file=sys.stderr)
        sys.exit(EXIT_STOPPED)
    except Exception as fault:  # noqa: BLE001 - the last catch: a person gets a sentence, the folder the details
        sys.exit(_tell(fault))


def _tell(fault: Exception) -> int:
    """Say what happened and return the exit code."""
    from app.context import ForeignFolder  # noqa: PLC0415 - the database's library; `--help` needs none
    from app.errors import DomainError  # noqa: PLC0415

    if isinstance(fault, DomainError):
        print(f"{fault.sentence('zh')}\n{fault.sentence('en')}", file=sys.stderr)
        return EXIT_BAD_USE
    if isinstance(fault, ForeignFolder):
        print(fault, file=sys.stderr)
        return EXIT_BAD_USE
    print(_tell_own_fault(fault), file=sys.stderr)
    return EXIT_OWN_FAULT


def _tell_own_fault(fault: Exception) -> str:
    """Keep the frames (never the message: it may hold personal data) and return the sentence for a person."""
    frames = traceback.extract_tb(fault.__traceback__)
    lines = [type(fault).__name__, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
    with tempfile.NamedTemporaryFile(
        "w", prefix="carematch-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("\n".join(lines) + "\n")
    return (
        f"程序出错（{type(fault).__name__}），没有写入任何不完整的数据；详情在 {file.name}，请交给技术人员。\n"
        f"The program itself failed ({type(fault).__name__}); nothing half-done was kept. "
        f"Give {file.name} to whoever looks after it."
    )
