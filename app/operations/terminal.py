"""`carematch worker` on the command line: reads its hour, then asks a running worker or becomes one."""

from __future__ import annotations

from datetime import time

import typer

from app.context import open_context
from app.operations import logs
from app.operations.requests import ask_for_night
from app.operations.serving import prepare
from app.operations.worker import run_worker


def work(at: str, *, request: bool) -> None:
    """Work until stopped, or leave a request for a night and return."""
    try:
        wanted = time.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter("请写作 HH:MM。Write it as HH:MM.", param_hint="--at") from None
    context = open_context(pool_size=10)
    if request:
        number = ask_for_night(context)
        print(f"已登记，编号 {number}。The request is noted as number {number}.")
        return
    prepare(context)
    logs.configure(context.settings)
    print(f"CareMatch worker: {wanted.isoformat(timespec='minutes')} Asia/Shanghai", flush=True)
    run_worker(context, wanted)
