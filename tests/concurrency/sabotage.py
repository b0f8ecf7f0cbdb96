"""The service with one guard taken out: what each race must find. Never imported by anything but the races.

`python -m tests.concurrency.sabotage serve --workers 4 --port 0` with CAREMATCH_SABOTAGE naming the guard.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, update

from app.models import SlotCapacity

if TYPE_CHECKING:
    from fastapi import FastAPI

PAUSE = 0.05
"""Seconds between a check and what relies on it: a plain race would oversell too seldom to be seen."""


def apply(mode: str) -> None:
    """Take the named guard out of this process."""
    modes = {
        "unguarded": _unguarded,
        "unguarded_move": _unguarded_move,
        "key_outside": _key_outside,
        "late_commit": _late_commit,
    }
    modes[mode]()


def take_unguarded(session: Any, slot_id: int, uses: Mapping[Any, int], *, keep_free: Any = None) -> None:
    """Take without asking whether there is anything left; the CHECK is kept quiet by stopping at the capacity."""
    for kind, amount in uses.items():
        more = SlotCapacity.taken + amount
        session.execute(
            update(SlotCapacity)
            .where(SlotCapacity.slot_id == slot_id, SlotCapacity.kind == kind)
            .values(taken=case((more > SlotCapacity.capacity, SlotCapacity.capacity), else_=more))
            .execution_options(synchronize_session=False)
        )


def _unguarded() -> None:
    """Check then insert: the capacity is read before the write, and nothing is asked in it."""
    from app.bookings import changes, routes

    check = routes.check_wish

    def check_and_pause(*given: Any) -> Any:
        allowed = check(*given)
        time.sleep(PAUSE)
        return allowed

    routes.check_wish = check_and_pause
    changes.take = take_unguarded


def _unguarded_move() -> None:
    """The guard is missing on one path only: moving."""
    from app.bookings import changes, commands, routes

    move, take = commands.move, changes.take

    def move_unguarded(*given: Any) -> Any:
        changes.take = take_unguarded
        try:
            return move(*given)
        finally:
            changes.take = take

    check = routes.check_wish

    def check_and_pause(session: Any, actor: Any, wish: Any, at: Any) -> Any:
        allowed = check(session, actor, wish, at)
        if wish.moves:
            time.sleep(PAUSE)
        return allowed

    routes.check_wish = check_and_pause
    commands.move = move_unguarded


def _key_outside() -> None:
    """The reply is kept in a transaction of its own after the work: a repeat at once, or after a kill, finds none."""
    from app.idempotency import commands, once

    def do_once(database: Any, key: Any, work: Callable[[Any], Any], refuse: Callable[[Any], Any]) -> Any:
        from app.errors import DomainError

        if key is None:
            return database.write(work)
        try:
            kept = database.write(work)
        except DomainError as error:
            kept = refuse(error)
        time.sleep(PAUSE)
        return commands.keep_refusal(database, key, kept)

    once.do_once = do_once


def _late_commit() -> None:
    """The reply goes out first and the work is committed a moment later, as a misplaced dependency exit would do."""
    import threading

    from app.idempotency import commands, once

    class Undone(Exception):
        def __init__(self, kept: Any) -> None:
            self.kept = kept

    def do_once(database: Any, key: Any, work: Callable[[Any], Any], refuse: Callable[[Any], Any]) -> Any:
        def try_out(session: Any) -> Any:
            raise Undone(work(session))

        def later() -> None:
            time.sleep(PAUSE * 60)
            commands.do_once(database, key, work, refuse)

        try:
            database.write(try_out)
        except Undone as undone:
            threading.Thread(target=later, daemon=True).start()
            return undone.kept
        raise AssertionError("unreachable")

    once.do_once = do_once


def make() -> FastAPI:
    """Return the service with the guard taken out; each worker process calls this."""
    apply(os.environ["CAREMATCH_SABOTAGE"])
    from app.main import create_app

    return create_app()


def main() -> None:
    """Serve like `carematch serve`, with another factory."""
    import uvicorn

    from app.operations import serving

    config = uvicorn.Config

    def make_config(_app: str, **given: Any) -> uvicorn.Config:
        return config("tests.concurrency.sabotage:make", **given)

    serving.uvicorn.Config = make_config
    given = dict(zip(sys.argv[2::2], sys.argv[3::2], strict=True))
    serving.serve(serving.Serving("127.0.0.1", int(given["--port"]), int(given["--workers"])))


if __name__ == "__main__":
    main()
