"""R1: thousands of attempts over HTTP on a few hundred places; exactly the capacity is booked, the rest is told why."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.concurrency.clients import Client, Sent, count_codes, run_together
from tests.concurrency.outcome import Outcome
from tests.concurrency.stage import Stage, serving
from tests.concurrency.state import count_live, list_faults, sum_taken
from tests.concurrency.town import Race, make_race

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 16
ALLOWED = {"full", "need_not_open"}


def run(on: Stage, *, attempts: int, sabotage: str = "", workers: int = 4, places: int = 20) -> Outcome:
    """Let 16 clients try every need once, on a slot drawn for it."""
    race = make_race(on.database, places=places, needs=attempts)
    out = Outcome("R1", on.kind, is_control=bool(sabotage))
    with serving(on, workers=workers, sabotage=sabotage) as server:
        began = time.monotonic()
        tries = _deal(race)
        jobs = [_make_job(server.port, race.token, tries[i::CLIENTS]) for i in range(CLIENTS)]
        sent = [each for result in run_together(jobs) for each in result]
        out.seconds = time.monotonic() - began
    asked = Counter(slot_id for _, slot_id in tries)
    judge(on, race, sent, out, wanted=sum(min(race.places, times) for times in asked.values()))
    return out


def judge(on: Stage, race: Race, sent: list[Sent], out: Outcome, *, wanted: int) -> None:
    """Compare the replies with the record; `wanted`: the bookings that the places and the attempts allow."""
    done = [each for each in sent if each.status == 201]
    out.attempts, out.successes = len(sent), len(done)
    out.refusals = count_codes(sent)
    out.latencies = [each.seconds for each in sent]
    live = sum(count_live(on.database)[slot_id] for slot_id in race.all_slots)
    taken = sum_taken(on.database, race.all_slots)
    out.expect(len(done) == wanted, f"{len(done)} acknowledged where {wanted} could be")
    out.expect(live == len(done), f"{live} live bookings for {len(done)} acknowledged")
    out.expect(taken == live, f"{taken} taken for {live} live bookings")
    faults = [code for code in out.refusals if code.startswith("5") or code == "no reply"]
    out.expect(not faults, f"server faults: {faults}")
    unexpected = {each.status for each in sent} - {201, 409}
    out.expect(not unexpected, f"statuses {sorted(unexpected)}")
    out.expect(set(out.refusals) <= ALLOWED, f"refusals without a known code: {dict(out.refusals)}")
    out.violations += list_faults(on.database)


def _deal(race: Race) -> list[tuple[int, int]]:
    """Return (need, slot) pairs, every need once, slots drawn with a fixed seed."""
    draw = random.Random(1)
    tries = [
        (need_id, draw.choice(race.slots[on])) for on, need_ids in race.needs.items() for need_id in need_ids
    ]
    draw.shuffle(tries)
    return tries


def _make_job(port: int, token: str, tries: list[tuple[int, int]]) -> Callable[[], list[Sent]]:
    def work() -> list[Sent]:
        client = Client(port, token)
        for need_id, slot_id in tries:
            client.send(
                "POST", "/api/bookings", {"need_id": need_id, "slot_id": slot_id}, key=f"r1-{need_id}"
            )
        client.close()
        return client.sent

    return work
