"""`carematch place`, `pin`, `unpin`: a placement by hand, by codes; imports happen when a command runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

_CODE = Annotated[str, typer.Argument(help="安排编号 Code of the placement.")]
_WHY = Annotated[str, typer.Option("--reason", help="理由，记入审计 Why; goes into the audit.")]


def register(cli: typer.Typer) -> None:
    """Add the commands."""

    @cli.command()
    def place(  # noqa: PLR0913, PLR0917 - one parameter an option
        need: Annotated[str, typer.Argument(help="需求编号 Code of the need.")],
        care_class: Annotated[str, typer.Argument(metavar="CLASS", help="班编号 Code of the class.")],
        reason: _WHY,
        days: Annotated[str, typer.Option(help="星期，1=周一 Weekdays, 1 = Monday, as 1,3,5.")],
        part: Annotated[str, typer.Option(help="时段 Part of the day, as full_day.")],
        yes_by: Annotated[str, typer.Option(help="谁同意 Who said yes: self, guardian.")] = "self",
        starts: Annotated[
            datetime | None, typer.Option(formats=["%Y-%m-%d"], help="首日，默认最早可行 First day.")
        ] = None,
        override: Annotated[
            bool, typer.Option("--override", help="不受条件与次序限制 Against rules and order.")
        ] = False,
    ) -> None:
        """手工安排一个名额；名额上限不可突破。Place a need by hand; never above a capacity."""
        from app.placements.terminal import ByHand, run_place  # noqa: PLC0415

        run_place(ByHand(need, care_class, days, part, reason, yes_by, starts and starts.date(), override))

    @cli.command()
    def pin(placement: _CODE, reason: _WHY) -> None:
        """固定一个安排，夜间匹配不再移动。Make the night keep a placement where it is."""
        from app.placements.terminal import run_pin  # noqa: PLC0415

        run_pin(placement, reason, is_pinned=True)

    @cli.command()
    def unpin(placement: _CODE, reason: _WHY) -> None:
        """取消固定。Let the night decide again."""
        from app.placements.terminal import run_pin  # noqa: PLC0415

        run_pin(placement, reason, is_pinned=False)
