"""`carematch template|export|import|map|matches`: the workbook on the command line; nothing is imported before a command runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="工作簿文件 The workbook.")]

AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")]


class Decision(StrEnum):
    """What a person may say about a near match."""

    same = "same"
    different = "different"


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
        mapping: Annotated[
            Path | None,
            typer.Option("--map", metavar="MAP.toml", help="按对应关系导入名单 Import a list by a mapping."),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """导入工作簿：有一处错误就全部不导入。Import a workbook; while a fault is left nothing is imported."""
        from app.workbook.door import refuse  # noqa: PLC0415

        if refuse(file, as_json=as_json):
            raise typer.Exit(2)
        from app.workbook.terminal import run_import  # noqa: PLC0415

        raise typer.Exit(run_import(file, mapping, dry_run=dry_run, skip_faulty=skip_faulty, as_json=as_json))

    @cli.command(name="map")
    def map_(
        file: File,
        source: Annotated[str | None, typer.Option(help="名单来源 Where lists like this come from.")] = None,
        out: Annotated[
            Path | None,
            typer.Option(metavar="MAP.toml", help="写到哪里 Where to write; else beside the file."),
        ] = None,
    ) -> None:
        """为任意名单提出列的对应关系。Propose what the columns of any list mean."""
        from app.workbook.door import refuse  # noqa: PLC0415

        if refuse(file, as_json=False):
            raise typer.Exit(2)
        from app.workbook.listterminal import run_map  # noqa: PLC0415

        raise typer.Exit(run_map(file, source, out))

    matches = typer.Typer(
        help="相近的人：由人判断是否同一人。Near matches: a person decides.", no_args_is_help=True
    )
    cli.add_typer(matches, name="matches")

    @matches.command(name="list")
    def list_(as_json: AsJson = False) -> None:
        """列出等待判断的。List what waits for a decision."""
        from app.workbook.listterminal import run_list_matches  # noqa: PLC0415

        raise typer.Exit(run_list_matches(as_json=as_json))

    @matches.command()
    def decide(
        row_code: Annotated[str, typer.Argument(help="名单中的编码 The row's code.")],
        person_code: Annotated[str, typer.Argument(help="已登记者的编码 The registered person's code.")],
        decision: Annotated[Decision, typer.Argument(help="same 同一人，different 不是")],
    ) -> None:
        """判断是否同一人；下次导入按此办理。Decide; the next import honours it."""
        from app.workbook.listterminal import run_decide  # noqa: PLC0415

        raise typer.Exit(run_decide(row_code, person_code, decision.value))
