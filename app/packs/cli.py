"""`carematch packs`; imports happen when the command runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `packs`."""

    @cli.command()
    def packs(
        on: Annotated[
            datetime | None,
            typer.Option("--date", formats=["%Y-%m-%d"], help="日期，默认今天 the day, today"),
        ] = None,
        site: Annotated[str | None, typer.Option(help="只做一个服务点 one site's code")] = None,
        force: Annotated[bool, typer.Option("--force", help="内容未变也重做 also what is unchanged")] = False,
        english: Annotated[bool, typer.Option("--english", help="英文 in English")] = False,
    ) -> None:
        """日包：每个服务点一份当日名单（PDF），断网也能用。A pack per site for a day without the server."""
        from app.clock import now, today  # noqa: PLC0415
        from app.context import open_context  # noqa: PLC0415
        from app.packs.commands import make_packs  # noqa: PLC0415
        from app.packs.folder import PackFolder  # noqa: PLC0415

        context = open_context(pool_size=3)
        folder = PackFolder(context.settings.data / "packs")
        day = today() if on is None else on.date()
        language = "en" if english else "zh"
        done = make_packs(context.database, folder, day, now(), site=site, language=language, is_forced=force)
        for path in done.written:
            print(path)
        print(
            f"{len(done.written)} 份已更新，{done.unchanged} 份无变化。"
            f"{len(done.written)} written, {done.unchanged} unchanged."
        )
        if site is not None and not done.written and not done.unchanged:
            print("没有这个服务点，或当日无人。No such site, or nobody there that day.")
            raise typer.Exit(1)
