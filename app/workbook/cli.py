"""`carematch template|export|import`: the workbook on the command line; nothing is imported before a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="工作簿文件 The workbook.")]


def register(cli: typer.Typer) -> None:
    """Add this feature's commands."""

    @cli.command()
    def template(file: File) -> None:
        """空白工作簿：带说明和下拉选项。Write an empty workbook with notes and drop-downs."""
        from app.workbook.terminal import run_template  # noqa: PLC0415

        raise typer.Exit(run_template(file))

    @cli.command()
    def export(file: File) -> None:
        """导出全部数据（含敏感信息明文）。Export the whole record, sensitive fields in clear."""
        from app.workbook.terminal import run_export  # noqa: PLC0415

        raise typer.Exit(run_export(file))

    @cli.command(name="import")
    def import_(
        file: File,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查 Check only.")] = False,
        skip_faulty: Annotated[
            bool, typer.Option("--skip-faulty", help="跳过有错的行 Leave out faulty rows.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")] = False,
    ) -> None:
        """导入工作簿：有一处错误就全部不导入。Import a workbook; while a fault is left nothing is imported."""
        from app.workbook.terminal import run_import  # noqa: PLC0415

        raise typer.Exit(run_import(file, dry_run=dry_run, skip_faulty=skip_faulty, as_json=as_json))
