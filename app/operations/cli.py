"""`carematch serve`, `migrate`, `backup`, `restore`, `key`, `worker`; imports happen when a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add the commands."""

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

    @cli.command()
    def backup(
        file: Annotated[Path, typer.Argument(help="备份文件 File to write.")],
        with_key: Annotated[
            bool, typer.Option("--with-key", help="连同字段密钥一起备份 Put the field key into it, too.")
        ] = False,
    ) -> None:
        """备份（可在服务运行时进行）。Write every table as of one moment, while the service goes on."""
        from app.context import open_context  # noqa: PLC0415
        from app.operations.backup import back_up  # noqa: PLC0415

        manifest = back_up(open_context(), file, with_key=with_key)
        rows = sum(manifest.rows.values())
        print(f"已备份 {rows} 行到 {file}。{rows} rows are in {file}.")
        if with_key:
            print("此文件含有密钥，请妥善保管。The file holds the key; keep it safe.")
        else:
            print(
                "密钥 keys/field.key 不在备份中，须另行保存。The key keys/field.key is not in it; keep it apart."
            )

    @cli.command()
    def restore(
        file: Annotated[Path, typer.Argument(help="备份文件 File to restore.")],
        replace: Annotated[
            bool, typer.Option("--replace", help="覆盖现有数据 Replace what the database holds.")
        ] = False,
    ) -> None:
        """恢复备份（可在服务运行时进行）。Put a backup in the database's place; everybody signs in again."""
        from app.context import open_context  # noqa: PLC0415
        from app.operations.restore import restore as run  # noqa: PLC0415

        restored = run(open_context(), file, replace=replace)
        manifest = restored.manifest
        rows = sum(manifest.rows.values())
        print(
            f"已恢复 {rows} 行（备份于 {manifest.made_at}）。{rows} rows are back (made {manifest.made_at})."
        )
        if restored.still_there:
            codes = "、".join(restored.still_there)
            print(
                f"备份中这些人的资料本已删除，但他们还有名额：{codes}；请结束名额后运行 carematch erase。\n"
                f"These were erased since, and have places in the backup: {codes}. End the places, then `carematch erase`."
            )

    key = typer.Typer(no_args_is_help=True, help="字段密钥 The key that seals sensitive fields.")
    cli.add_typer(key, name="key")

    @key.command("rotate")
    def rotate_key() -> None:
        """更换字段密钥（可在服务运行时进行，中断后再运行即可继续）。Change the key, also while the service runs; cut short, it goes on when run again."""
        from app.operations.key_terminal import rotate_key as run  # noqa: PLC0415

        run()

    @key.command("status")
    def show_key() -> None:
        """密钥编号与尚待更换的行数。Which key is in use, and how many rows still wait for it."""
        from app.operations.key_terminal import show_key as run  # noqa: PLC0415

        run()

    @cli.command()
    def worker(
        at: Annotated[
            str, typer.Option(help="每晚匹配的时间（上海）Time of the night, Shanghai, as 01:30.")
        ] = "01:30",
        request: Annotated[
            bool,
            typer.Option(
                "--request", help="请正在运行的后台任务立即匹配一次 Ask the running worker for a night now."
            ),
        ] = False,
    ) -> None:
        """后台任务：夜间匹配、到期清理、通知、上报、日包。Nights at a set time and on request; sweeps, notices, packs in between."""
        from app.operations.terminal import work  # noqa: PLC0415

        work(at, request=request)
