"""`carematch sample`: the synthetic town; nothing is imported before a command runs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer


class Size(StrEnum):
    """How large a town."""

    full = "full"
    small = "small"


def register(cli: typer.Typer) -> None:
    """Add this feature's commands."""
    group = typer.Typer(help="装入样例数据（全部为虚构）Load the sample; all of it is synthetic.")
    group.callback(invoke_without_command=True)(load)
    group.command("race")(race)
    cli.add_typer(group, name="sample")


def load(
    context: typer.Context,
    scale: Annotated[
        float, typer.Option(min=0.02, max=10, help="人数倍数 people and needs, times this")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="随机种子 the same seed gives the same town")] = 1,
    size: Annotated[Size, typer.Option(help="small：约500条需求 about 500 needs")] = Size.full,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="以哪一天为今天 the day taken for today")
    ] = None,
) -> None:
    """把样例装入空库 Load the sample into an empty record."""
    if context.invoked_subcommand is not None:
        return
    from time import monotonic  # noqa: PLC0415 - keeps `--help` quick

    from app import clock, migrate  # noqa: PLC0415
    from app.context import open_context  # noqa: PLC0415
    from app.sample.commands import SMALL_SCALE, load_sample  # noqa: PLC0415

    begun = monotonic()
    database = open_context().database
    migrate.upgrade(database.engine)
    now = clock.now()
    counts = database.write(
        lambda session: load_sample(
            session,
            scale=scale * (SMALL_SCALE if size is Size.small else 1.0),
            seed=seed,
            today=clock.today() if today is None else today.date(),
            now=now,
        )
    )
    print(
        f"样例已装入：{counts['person']:,} 人，{counts['need']:,} 条需求，用时 {monotonic() - begun:.1f} 秒（全部为虚构）。\n"
        f"The sample is in: {counts['person']:,} people, {counts['need']:,} needs (all synthetic)."
    )


def race(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="输出 token、slots、needs 的 JSON")] = False,
    slots: Annotated[int, typer.Option(min=1, max=500, help="场次数 slots")] = 25,
    places: Annotated[int, typer.Option(min=1, max=1_000, help="每场名额 places each")] = 20,
    needs: Annotated[int, typer.Option(min=1, max=100_000, help="需求数 needs")] = 10_000,
) -> None:
    """生成压力测试用的场次与需求 Make slots and needs for a load client to fight over."""
    import json  # noqa: PLC0415 - keeps `--help` quick
    from dataclasses import asdict  # noqa: PLC0415

    from app import clock, migrate  # noqa: PLC0415
    from app.context import open_context  # noqa: PLC0415
    from app.sample.race import Size as RaceSize  # noqa: PLC0415
    from app.sample.race import make_race  # noqa: PLC0415

    database = open_context().database
    migrate.upgrade(database.engine)
    size = RaceSize(slots, places, needs)
    made = database.write(lambda session: make_race(session, size, clock.today()))
    if as_json:
        print(json.dumps(asdict(made)))
    else:
        print(
            f"已生成 {len(made.slots)} 个场次、{len(made.needs)} 条需求；加 --json 输出编号与令牌。\n"
            f"{len(made.slots)} slots and {len(made.needs)} needs made; --json prints their ids and a token."
        )
