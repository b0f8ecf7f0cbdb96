"""R7: workers are killed under load; every acknowledged booking is there afterwards, and nothing is half there."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking
from tests.concurrency.clients import Client, Sent, count_codes, run_together
from tests.concurrency.outcome import Outcome
from tests.concurrency.stage import Server, Stage, serving
from tests.concurrency.state import count_live, list_faults, sum_taken
from tests.concurrency.town import Race, make_race

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 8
SECONDS_A_KILL = 0.8
"""How long the load goes on per kill: a worker needs a moment to come back."""
ATTEMPTS_A_KILL = 25
"""Every one of them books: more would be a test of how much two cores can do while workers start anew."""


def run(on: Stage, *, kills: int) -> Outcome:
    """Book without a pause while workers are killed one after another; then count what was acknowledged."""
    race = make_race(on.database, places=400, needs=max(400, kills * ATTEMPTS_A_KILL))
    out = Outcome("R7", on.kind)
    done = threading.Event()
    killed: list[int] = []
    with serving(on, workers=3) as server:
        began = time.monotonic()
        killer = threading.Thread(target=_kill_workers, args=(server, kills, done, killed))
        killer.start()
        try:
            until = time.time() + kills * SECONDS_A_KILL + 5
            sent = [each for part in run_together(_deal(server, race, until)) for each in part]
        finally:
            done.set()
            killer.join()
        out.seconds = time.monotonic() - began
    out.expect(len(killed) >= kills * 0.9, f"only {len(killed)} of {kills} kills were made")
    judge(on, race, sent, out)
    return out


def run_control(on: Stage, *, bookings: int = 10) -> Outcome:
    """Reply before the commit: the power fails right after the replies, and acknowledged bookings are gone."""
    race = make_race(on.database, dates=1, classes=1, places=bookings, needs=bookings)
    out = Outcome("R7", on.kind, is_control=True)
    began = time.monotonic()
    with serving(on, workers=1, sabotage="late_commit") as server:
        client = Client(server.port, race.token)
        for need_id, slot_id in ((need, race.all_slots[0]) for need in next(iter(race.needs.values()))):
            client.send(
                "POST", "/api/bookings", {"need_id": need_id, "slot_id": slot_id}, key=f"r7-{need_id}"
            )
        server.kill()
        client.close()
    out.seconds = time.monotonic() - began
    judge(on, race, client.sent, out)
    return out


def judge(on: Stage, race: Race, sent: list[Sent], out: Outcome) -> None:
    """Compare acknowledged bookings with the record; a reply that never came may have booked or not."""
    acknowledged = {each.body["need_id"] for each in sent if each.status == 201 and each.body}
    out.attempts, out.successes = len(sent), len(acknowledged)
    out.refusals = count_codes(sent)
    out.latencies = [each.seconds for each in sent if each.status]
    there = _list_booked_needs(on)
    lost = acknowledged - there
    out.expect(not lost, f"{len(lost)} acknowledged bookings are lost")
    live = count_live(on.database)
    taken = sum_taken(on.database, race.all_slots)
    booked = sum(live[slot_id] for slot_id in race.all_slots)
    out.expect(taken == booked, f"{taken} taken for {booked} live bookings")
    out.violations += list_faults(on.database)


def _list_booked_needs(on: Stage) -> set[int]:
    with on.database.reading() as session:
        return set(session.scalars(select(Booking.need_id).where(Booking.state.in_(LIVE_BOOKINGS))))


def _deal(server: Server, race: Race, until: float) -> list[Callable[[], list[Sent]]]:
    draw = random.Random(7)
    tries = [(need, draw.choice(race.slots[on])) for on, needs in race.needs.items() for need in needs]
    draw.shuffle(tries)

    def job(part: list[tuple[int, int]]) -> Callable[[], list[Sent]]:
        def work() -> list[Sent]:
            client = Client(server.port, race.token)
            pause = max(0.0, until - time.time()) / len(part)
            for number, (need_id, slot_id) in enumerate(part):
                # Spread over the whole time: a kill at any moment meets requests under way.
                time.sleep(max(0.0, until - time.time() - pause * (len(part) - number)))
                body = {"need_id": need_id, "slot_id": slot_id}
                # The same key again after a cut: at most one booking each, whatever the first try did.
                for _ in range(20):
                    if client.send("POST", "/api/bookings", body, key=f"r7-{need_id}").status:
                        break
                    time.sleep(0.05)
            return client.sent

        return work

    return [job(tries[i::CLIENTS]) for i in range(CLIENTS)]


def _kill_workers(server: Server, kills: int, done: threading.Event, killed: list[int]) -> None:
    draw = random.Random(11)
    while len(killed) < kills and not done.wait(draw.uniform(0.1, 0.9)):
        workers = list_workers(server.process.pid)
        if len(workers) < 2:
            continue  # somebody serves on while the supervisor brings the others back
        victim = draw.choice(workers)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed.append(victim)


def list_workers(supervisor: int) -> list[int]:
    """Return the worker processes of a server: forked by the child of it that has read the program."""
    return [
        worker
        for forker, words in _list_children(supervisor)
        if "forkserver" in words
        for worker, _ in _list_children(forker)
    ]


def _list_children(parent: int) -> list[tuple[int, str]]:
    """Return the processes of a parent with their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, above = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            words = (entry / "cmdline").read_text()
        except OSError:
            continue
        if int(above) == parent and state != "Z":  # one that was killed waits to be buried
            found.append((int(entry.name), words))
    return found
