"""`carematch round ...` and `carematch verify`; nothing is imported before a command runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

_CODE = Annotated[str, typer.Argument(help="轮次编号 Code of the round.")]
_JSON = Annotated[bool, typer.Option("--json", help="以 JSON 输出 Print JSON.")]
_DAY = typer.Option(formats=["%Y-%m-%d"])
_OUT = Annotated[Path | None, typer.Option("--out", help="写入文件，默认打印 Write to a file.")]


def register(cli: typer.Typer) -> None:
    """Add `round` and `verify`."""
    rounds = typer.Typer(
        no_args_is_help=True, help="轮次：报名、抽签、公布 Rounds: registration, draw, list."
    )
    cli.add_typer(rounds, name="round")
    _add_reading(rounds)
    _add_acts(rounds)

    @cli.command()
    def verify(
        list_file: Annotated[Path, typer.Argument(metavar="LIST", help="公布的名单文件 Published list.")],
        commitment: Annotated[
            Path | None,
            typer.Option(help="报名前公布的承诺文件 Commitment as it was announced before the window."),
        ] = None,
        as_json: _JSON = False,
    ) -> None:
        """离线核验公布的名单。Derive a published list again, offline: commitment, draw, order, cutoffs."""
        from app.rounds.check import run  # noqa: PLC0415

        raise typer.Exit(run(list_file, commitment, as_json=as_json))


def _add_reading(rounds: typer.Typer) -> None:
    @rounds.command("list")
    def list_(as_json: _JSON = False) -> None:
        """列出轮次。List rounds."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.list_(as_json=as_json)

    @rounds.command("show")
    def show(code: _CODE) -> None:
        """查看一个轮次。Show one round as JSON."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.show(code)

    @rounds.command("commitment")
    def commitment(code: _CODE, out: _OUT = None) -> None:
        """导出报名前公布的承诺。Write what was announced before the window opened."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.write_commitment(code, out)

    @rounds.command("published")
    def published(code: _CODE, out: _OUT = None) -> None:
        """导出公布的名单。Write the published list, as `carematch verify` reads it."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.write_list(code, out)

    @rounds.command("preview")
    def preview(code: _CODE) -> None:
        """试抽，不作数。Show what the draw would look like now; nobody is told."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.preview(code)


def _add_acts(rounds: typer.Typer) -> None:
    @rounds.command("create")
    def create(  # noqa: PLR0913, PLR0917 - one option a column
        code: _CODE,
        opens: Annotated[datetime, _DAY],
        closes: Annotated[datetime, _DAY],
        publishes: Annotated[datetime, _DAY],
        starts: Annotated[datetime, _DAY],
        kind: Annotated[str, typer.Option(help="after_school|holiday_class|nursery|...")],
        name: Annotated[str, typer.Option(help="名称 Name shown.")],
        mode: Annotated[str, typer.Option(help="stable|welfare")] = "stable",
        policy_version: Annotated[str, typer.Option(help="政策版本 Version of the policy.")] = "1",
    ) -> None:
        """新建轮次（密钥自动生成并密封）。Make a round; its secret is made and sealed."""
        from app.rounds import terminal  # noqa: PLC0415

        dates = (opens.date(), closes.date(), publishes.date(), starts.date())
        terminal.create(code, name, kind, mode, dates, policy_version)

    for act, help_ in (
        ("announce", "公布承诺（报名开始前）。Publish the commitment, before the window opens."),
        ("open", "开始报名（到日自动）。Let needs in; happens by itself on the first day."),
        ("close", "截止报名（过后自动）。Fix who takes part; happens by itself after the last day."),
        ("publish", "公布名单（夜间匹配后自动）。Publish the list; the night does so by itself."),
    ):
        _add_act(rounds, act, help_)

    @rounds.command("draw")
    def draw(
        code: _CODE,
        number: Annotated[str, typer.Option(help="公开数，如彩票开奖号 Public number.")],
        source: Annotated[str, typer.Option(help="来源 Where it can be looked up.")],
        arose: Annotated[datetime, _DAY],
    ) -> None:
        """录入公开数并抽签。Enter the public number and draw; once."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.draw(code, number, source, arose.date())

    @rounds.command("cancel")
    def cancel(code: _CODE, reason: Annotated[str, typer.Option(help="理由 Why.")]) -> None:
        """作废轮次（抽签前）。Cancel a round that is not drawn."""
        from app.rounds import terminal  # noqa: PLC0415

        terminal.cancel(code, reason)


def _add_act(rounds: typer.Typer, act: str, help_: str) -> None:
    @rounds.command(act, help=help_)
    def run(code: _CODE) -> None:
        from app.rounds import terminal  # noqa: PLC0415

        terminal.act(code, act)
