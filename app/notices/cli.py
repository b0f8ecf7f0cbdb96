"""`carematch notices send|list`; imports happen when a command runs."""

from __future__ import annotations

from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `notices`."""
    notices = typer.Typer(no_args_is_help=True, help="通知发件箱 The outbox of notices.")
    cli.add_typer(notices, name="notices")

    @notices.command()
    def send(
        channel: Annotated[
            str | None, typer.Option(help="file|console，默认取设置 by default the settings'.")
        ] = None,
    ) -> None:
        """发送到期的通知（可与后台任务同时运行）。Send what is due; a worker may be at it, too."""
        from app.context import open_context  # noqa: PLC0415
        from app.notices.channels import make_channel  # noqa: PLC0415
        from app.notices.sending import deliver  # noqa: PLC0415

        if channel not in {None, "file", "console"}:
            raise typer.BadParameter("file 或 console。file or console.", param_hint="--channel")
        context = open_context(pool_size=2)
        done = deliver(context.database, make_channel(context.settings, channel), limit=100_000)
        print(f"已发送 {done.sent}，未成功 {done.missed}。{done.sent} sent, {done.missed} not.")
        if done.missed:
            raise typer.Exit(1)

    @notices.command("list")
    def list_(
        state: Annotated[str | None, typer.Option(help="waiting|sent|failed")] = None,
        limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
        as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")] = False,
    ) -> None:
        """列出通知及状态，最新在前。List notices with their state, the newest first."""
        from app.notices.terminal import print_notices  # noqa: PLC0415

        print_notices(state, limit, as_json=as_json)
