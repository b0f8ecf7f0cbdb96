"""`carematch status`: the record and the last night in figures."""

from __future__ import annotations

from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `status`."""

    @cli.command()
    def status(
        as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")] = False,
    ) -> None:
        """现状：登记人数、需求与最近一次匹配。What the record holds and how the last night went."""
        import json  # noqa: PLC0415

        from app.context import open_context  # noqa: PLC0415
        from app.status.queries import get_figures  # noqa: PLC0415
        from app.status.summary import print_figures  # noqa: PLC0415

        context = open_context()
        with context.database.reading() as session:
            figures = get_figures(session)
        if as_json:
            print(json.dumps(figures, ensure_ascii=False))
        else:
            print_figures(figures)
