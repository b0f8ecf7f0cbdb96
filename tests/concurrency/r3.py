"""R3: one last place, 16 clients behind a barrier, round after round: one winner each time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.ledger.commands import release, take
from app.ledger.errors import SlotFull
from app.models import SlotCapacity
from app.models.enums import CapacityKind
from tests.concurrency.clients import FORK, run_together
from tests.concurrency.outcome import Outcome
from tests.concurrency.sabotage import take_unguarded
from tests.concurrency.stage import Stage
from tests.concurrency.state import list_faults
from tests.concurrency.town import make_race

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import Database, WriteSession

CLIENTS = 16
ONE = {CapacityKind.places: 1}
PAUSE = 0.005


def run(on: Stage, *, rounds: int, is_control: bool = False) -> Outcome:
    """Let 16 processes race for one place so many times; the control reads before it locks."""
    race = make_race(on.database, dates=1, classes=1, places=1, needs=0)
    slot_id = race.all_slots[0]
    out = Outcome("R3", on.kind, is_control=is_control)
    barrier, won = FORK.Barrier(CLIENTS), FORK.Array("b", rounds * CLIENTS)
    began = time.monotonic()
    jobs = [
        _make_job(on, slot_id, number, rounds, barrier, won, is_control=is_control)
        for number in range(CLIENTS)
    ]
    for latencies in run_together(jobs):
        out.latencies += latencies
    out.seconds = time.monotonic() - began
    out.attempts = rounds * CLIENTS
    out.successes = sum(won)
    out.refusals["full"] = out.attempts - out.successes
    for number in range(rounds):
        winners = sum(won[number * CLIENTS : (number + 1) * CLIENTS])
        out.expect(winners == 1, f"round {number}: {winners} winners")
    if not is_control:
        out.violations += list_faults(on.database)
    return out


def _make_job(
    on: Stage, slot_id: int, number: int, rounds: int, barrier: object, won: object, *, is_control: bool
) -> Callable[[], list[float]]:
    attempt = _take_late if is_control else _take

    def work() -> list[float]:
        database = on.open()
        latencies = []
        for turn in range(rounds):
            barrier.wait(60)
            began = time.perf_counter()
            is_winner = attempt(database, slot_id)
            latencies.append(time.perf_counter() - began)
            won[turn * CLIENTS + number] = is_winner
            barrier.wait(60)
            if is_winner:
                database.write(lambda session: _give_back(session, slot_id))
            barrier.wait(60)
        database.dispose()
        return latencies

    return work


def _take(database: Database, slot_id: int) -> bool:
    try:
        database.write(lambda session: take(session, slot_id, ONE))
    except SlotFull:
        return False
    return True


def _take_late(database: Database, slot_id: int) -> bool:
    """Read first, lock later: right on its own, wrong beside others."""
    with database.reading() as session:
        is_free = session.scalar(
            select(SlotCapacity.taken < SlotCapacity.capacity).where(SlotCapacity.slot_id == slot_id)
        )
    time.sleep(PAUSE)
    if is_free:
        database.write(lambda session: take_unguarded(session, slot_id, ONE))
    return bool(is_free)


def _give_back(session: WriteSession, slot_id: int) -> None:
    taken = session.scalar(
        select(SlotCapacity.taken).where(SlotCapacity.slot_id == slot_id).with_for_update()
    )
    if taken:  # several winners of the control took one place
        release(session, slot_id, ONE)
