"""`carematch nightly`: tonight's matching; nothing is imported before the command runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `nightly`."""

    @cli.command()
    def nightly(
        on: Annotated[
            datetime | None,
            typer.Option("--date", formats=["%Y-%m-%d"], help="方案生效日，默认明天 the day it takes effect"),
        ] = None,
        once: Annotated[
            bool, typer.Option(help="该日已发布则直接结束 end at once if one is published")
        ] = False,
        draft: Annotated[
            bool, typer.Option(help="只计算与检查，不发布 solve and check, publish nothing")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")] = False,
        time_limit: Annotated[
            float | None, typer.Option(min=1, max=86_400, help="求解时限（秒）seconds for the solver")
        ] = None,
        solver: Annotated[str, typer.Option(hidden=True, help="program of the solver child")] = "",
    ) -> None:
        """今晚的匹配。Work out, check and publish the plan."""
        from app.planning.command import Asked, run  # noqa: PLC0415

        day = None if on is None else on.date()
        raise typer.Exit(run(Asked(day, once, draft, as_json, time_limit, solver)))
