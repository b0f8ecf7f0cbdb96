"""`carematch demo`: from an empty folder to tonight's plan in the browser."""

from __future__ import annotations

from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `demo`."""

    @cli.command()
    def demo(
        scale: Annotated[
            float, typer.Option(help="样例规模 How large the sample is.", min=0.1, max=10)
        ] = 1.0,
        serve: Annotated[bool, typer.Option(help="完成后启动网页服务 Serve when done.")] = True,
    ) -> None:
        """演示：建库、装入样例、今晚匹配、打开网页。Make the database, load the sample, match tonight, serve."""
        from app.demo.commands import run_demo  # noqa: PLC0415

        raise typer.Exit(run_demo(scale, serve=serve))
