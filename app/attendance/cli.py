"""`carematch alarms`: raises what is due now, as the worker does every minute; imports happen when a command runs."""

from __future__ import annotations

import typer


def register(cli: typer.Typer) -> None:
    """Add the command."""

    @cli.command()
    def alarms() -> None:
        """发出到期的未到警报，并结清已过日期的预约。Raise alarms that are due and settle bookings of days that are over."""
        from app.attendance.sweep import sweep_day  # noqa: PLC0415
        from app.clock import now  # noqa: PLC0415
        from app.context import open_context  # noqa: PLC0415

        swept = sweep_day(open_context().database, now())
        for name, count in vars(swept).items():
            print(f"{name}: {count}")
