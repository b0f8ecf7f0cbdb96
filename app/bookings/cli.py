"""`carematch sweep`: ends what ends by itself; imports happen when a command runs."""

from __future__ import annotations

import typer


def register(cli: typer.Typer) -> None:
    """Add the command."""

    @cli.command()
    def sweep() -> None:
        """结束到期的保留、待答复安排与名额，并补开时段。End what is over and make the slots of the coming weeks."""
        from app.bookings.sweep import sweep as run  # noqa: PLC0415
        from app.clock import now  # noqa: PLC0415
        from app.context import open_context  # noqa: PLC0415

        swept = run(open_context().database, now())
        for name, count in vars(swept).items():
            print(f"{name}: {count}")
