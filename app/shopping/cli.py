"""`carematch shopping`: the list for the demand-and-supply meeting; nothing is imported before the command runs."""

from __future__ import annotations

from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `shopping`."""

    @cli.command()
    def shopping(
        budget: Annotated[
            int, typer.Option(min=1, max=12, help="最多增加几处 at most so many increments")
        ] = 3,
        as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")] = False,
    ) -> None:
        """增能清单：最多增加几处名额，能多解决多少需求。The few increments that would serve the most unmet need."""
        from app.shopping.terminal import run  # noqa: PLC0415

        raise typer.Exit(run(budget, as_json=as_json))
