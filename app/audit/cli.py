"""`carematch verify-audit`; imports happen when the command runs."""

from __future__ import annotations

from typing import Annotated

import typer

_BROKEN = 1


def register(cli: typer.Typer) -> None:
    """Add `verify-audit`."""

    @cli.command("verify-audit")
    def verify_audit(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
        """核对审计链。Check that no row of the audit chain was altered, left out or cut off; exit 1 where one was."""
        import json  # noqa: PLC0415
        from dataclasses import asdict  # noqa: PLC0415

        from app import checkpoint  # noqa: PLC0415
        from app.audit.queries import verify_chain  # noqa: PLC0415
        from app.context import open_context  # noqa: PLC0415

        context = open_context()
        # Read before the database: a row that is added meanwhile must not look as if it were cut off.
        noted = checkpoint.read()
        with context.database.reading() as session:
            verdict = verify_chain(session, noted)
        if as_json:
            print(json.dumps(asdict(verdict), ensure_ascii=False))
        elif not verdict.breaks:
            print(f"审计链完整，共 {verdict.rows} 条。The chain holds; {verdict.rows} rows.")
        for broken in [] if as_json else verdict.breaks:
            print(f"第 {broken.sequence} 条：{broken.zh}。Row {broken.sequence}: {broken.en}.")
        raise typer.Exit(_BROKEN if verdict.breaks else 0)
