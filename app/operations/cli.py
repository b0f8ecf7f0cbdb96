"""`carematch serve` and `migrate`; imports happen when a command runs."""

from __future__ import annotations

from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `serve` and `migrate`."""

    @cli.command()
    def serve(
        workers: Annotated[int, typer.Option(help="进程数 Processes.", min=1, max=16)] = 1,
        host: Annotated[str, typer.Option(help="监听地址 Address to listen on.")] = "127.0.0.1",
        port: Annotated[
            int | None, typer.Option(help="端口，默认取 PORT Port, by default PORT's.", min=0, max=65535)
        ] = None,
    ) -> None:
        """启动网页与接口服务。Migrate, then serve pages and API until stopped."""
        from app.config import get_settings  # noqa: PLC0415
        from app.operations.serving import Serving  # noqa: PLC0415
        from app.operations.serving import serve as run  # noqa: PLC0415

        run(Serving(host, get_settings().port if port is None else port, workers))

    @cli.command()
    def migrate() -> None:
        """更新数据库结构并补齐基础数据。Bring the database to the newest revision and add missing reference data."""
        from app.context import open_context  # noqa: PLC0415
        from app.migrate import get_head  # noqa: PLC0415
        from app.operations.serving import prepare  # noqa: PLC0415

        prepare(open_context())
        print(f"数据库已是最新版本 {get_head()}。The database is at {get_head()}.")
