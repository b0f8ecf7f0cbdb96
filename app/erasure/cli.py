"""`carematch erase`; imports happen when the command runs."""

from __future__ import annotations

from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Add `erase`."""

    @cli.command()
    def erase(
        person: Annotated[str, typer.Argument(help="人员编码 The person's code.")] = "",
        reason: Annotated[str, typer.Option(help="原因，例如：本人书面申请 Why.")] = "",
        yes: Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask.")] = False,
        scrub: Annotated[
            bool,
            typer.Option(
                "--scrub", help="只清除数据库文件中的残留 Only overwrite the database's free space."
            ),
        ] = False,
    ) -> None:
        """删除一个人的资料（不可恢复）。Erase what is known of a person; this cannot be undone."""
        from app.actor import system_actor  # noqa: PLC0415
        from app.clock import now  # noqa: PLC0415
        from app.context import open_context  # noqa: PLC0415
        from app.erasure import whole  # noqa: PLC0415

        if not scrub and not (person and reason.strip()):
            raise typer.BadParameter("请写明人员编码和 --reason。Name the person's code and --reason.")
        if not (scrub or yes):
            typer.confirm(
                f"删除 {person} 的全部资料，不可恢复？Erase all that is known of {person}?", abort=True
            )
        context = open_context(pool_size=3)
        if scrub:
            whole.scrub(context)
            print("已清除残留。The free space is overwritten.")
            return
        whole.erase(context, system_actor(), person, reason, now())
        print(
            f"{person} 的资料已删除。已经导出的表格、打印件和备份不在此列，请自行销毁。\n"
            f"What was known of {person} is erased. Workbooks, papers and backups handed out are not: destroy them."
        )
