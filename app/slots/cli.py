"""`carematch recount`: does the ledger add up? Imports happen when the command runs."""

from __future__ import annotations

import typer


def register(cli: typer.Typer) -> None:
    """Add the commands."""

    @cli.command()
    def recount() -> None:
        """核对名额账目，不作修改。Compare every slot with the record; changes nothing, exit 1 if one differs."""
        from app.context import open_context  # noqa: PLC0415
        from app.ledger.queries import list_differences  # noqa: PLC0415

        with open_context().database.reading() as session:
            found = list_differences(session)
        for row in found:
            print(f"slot {row.slot_id} {row.kind.value}: taken {row.taken}, counted {row.counted}")
        print(f"不一致 {len(found)} 处。{len(found)} differences.")
        raise typer.Exit(int(bool(found)))
