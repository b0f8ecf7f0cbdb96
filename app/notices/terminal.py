"""Prints the outbox for the command line: keys and states, no text."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from app.actor import system_actor
from app.clock import to_local
from app.context import open_context
from app.models.enums import NoticeState
from app.notices.queries import Wanted, count_notices, list_notices, name_receivers


def print_notices(state: str | None, limit: int, *, as_json: bool) -> None:
    """Print the newest notices and the count of each state."""
    if state is not None and state not in NoticeState.__members__:
        raise typer.BadParameter("waiting|sent|failed", param_hint="--state")
    wanted = Wanted(state=None if state is None else NoticeState(state), limit=limit)
    with open_context(pool_size=2).database.reading() as session:
        rows = list_notices(session, system_actor(), wanted)
        names = name_receivers(session, rows)
        counts = count_notices(session, system_actor())
    lines = [
        {
            "key": row.key,
            "to": names[row.id],
            "state": row.state.value,
            "tries": row.tries,
            "due_at": to_local(row.due_at).isoformat(timespec="minutes"),
            "sent_at": None if row.sent_at is None else to_local(row.sent_at).isoformat(timespec="minutes"),
            "fault": row.fault,
        }
        for row in rows
    ]
    if as_json:
        counted = {name.value: number for name, number in counts.items()}
        print(json.dumps({"counts": counted, "notices": lines}, ensure_ascii=False))
        return
    table = Table()
    for head in ("通知 Notice", "收件人 To", "状态 State", "次数 Tries", "发送 Sent", "原因 Fault"):
        table.add_column(head, overflow="fold")  # a key cut short could not be looked for
    for line in lines:
        cells = (line["key"], line["to"], line["state"], line["tries"], line["sent_at"] or "", line["fault"])
        table.add_row(*(str(cell) for cell in cells))
    console = Console()
    console.print(table)
    console.print(" · ".join(f"{name.value} {number}" for name, number in counts.items()))
