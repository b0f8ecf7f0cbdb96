"""`carematch graph export|import FILE`; nothing is imported before a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(help="网络文件 graph file, *.jsonl.gz (docs/walking-graph.md)")]


def register(cli: typer.Typer) -> None:
    """Add this feature's commands."""
    graph = typer.Typer(
        no_args_is_help=True, help="步行网络的导出与导入 Export and import the walking graph."
    )
    graph.command("export")(export_graph)
    graph.command("import")(import_graph)
    cli.add_typer(graph, name="graph")


def export_graph(file: File) -> None:
    """导出当前步行网络 Write the walking graph in force to a file."""
    from sqlalchemy import select  # noqa: PLC0415 - keeps `--help` quick

    from app.context import open_context  # noqa: PLC0415
    from app.models import WalkingGraph  # noqa: PLC0415
    from app.walking.errors import NoWalkingGraph  # noqa: PLC0415
    from app.walking.files import write_graph  # noqa: PLC0415
    from app.walking.rules import unpack  # noqa: PLC0415

    newest = select(WalkingGraph).order_by(WalkingGraph.imported_at.desc(), WalkingGraph.id.desc())
    with open_context().database.reading() as session:
        row = session.scalar(newest.limit(1))
        if row is None:
            raise NoWalkingGraph
        write_graph(file, unpack(row.packed), row.source)
        print(
            f"已导出 {row.nodes} 个节点、{row.edges} 条路段。{row.nodes} nodes and {row.edges} edges written."
        )


def import_graph(file: File) -> None:
    """导入步行网络；同一文件再次导入不产生变化 Bring in a walking graph; the same one twice changes nothing."""
    from app.areas.queries import get_bounds  # noqa: PLC0415
    from app.areas.rules import Point  # noqa: PLC0415
    from app.clock import now, today  # noqa: PLC0415
    from app.context import open_context  # noqa: PLC0415
    from app.walking.commands import store_graph  # noqa: PLC0415
    from app.walking.errors import GraphElsewhere  # noqa: PLC0415
    from app.walking.files import read_graph  # noqa: PLC0415

    graph, source = read_graph(file)
    database = open_context().database
    with database.reading() as session:
        bounds = get_bounds(session, today())
    nodes = zip(graph.latitude.tolist(), graph.longitude.tolist(), strict=True)
    if not any(bounds.contains(Point(*node)) for node in nodes):
        raise GraphElsewhere(file=file.name)
    if database.write(lambda session: store_graph(session, graph, source, now())):
        print(f"已导入 {len(graph.latitude)} 个节点。{len(graph.latitude)} nodes are in force.")
    else:
        print("此网络已在使用，未作更改。This graph is in force already; nothing changed.")
