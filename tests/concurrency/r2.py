"""R2: bookings, cancellations, moves, capacity cuts and a waitlist at once; never too many, and the end is a serial one."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from app.models import AuditRow, SlotCapacity
from app.models.enums import CapacityKind
from tests.concurrency.clients import Client, Sent, count_codes, run_together
from tests.concurrency.outcome import Outcome
from tests.concurrency.stage import Stage, serving
from tests.concurrency.state import list_faults
from tests.concurrency.town import Race, make_race

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from app.db import Database

CLIENTS = 16
CANCELLED, MOVED, CUT = 0.30, 0.10, 0.05
ALLOWED = {
    "full",
    "need_not_open",
    "capacity_below_taken",
    "stale_version",
    "already_waiting",
    "not_waiting",
    "not_possible_in_state",
}


def run(on: Stage, *, attempts: int, sabotage: str = "", workers: int = 4) -> Outcome:
    """Let 16 clients do everything at once, and watch."""
    race = make_race(on.database, dates=2, classes=4, places=8, needs=attempts)
    out = Outcome("R2", on.kind, is_control=bool(sabotage))
    watcher = Watcher(on, race.all_slots)
    with serving(on, workers=workers, sabotage=sabotage) as server, watcher:
        began = time.monotonic()
        jobs = [_make_job(server.port, race, number) for number in range(CLIENTS)]
        sent = [each for result in run_together(jobs) for each in result]
        out.seconds = time.monotonic() - began
    out.attempts, out.successes = len(sent), sum(200 <= each.status < 300 for each in sent)
    out.refusals = count_codes(sent)
    out.latencies = [each.seconds for each in sent]
    out.violations += watcher.faults
    out.expect(watcher.looks > 5, f"the watcher looked {watcher.looks} times only")
    strange = {code for code in out.refusals if code not in ALLOWED}
    out.expect(not strange, f"unexpected refusals: {sorted(strange)}")
    out.violations += list_faults(on.database)
    out.violations += replay(on.database, race)
    return out


class Watcher(threading.Thread):
    """Looks at the record again and again while others write, and notes every moment with more taken than there is."""

    def __init__(self, on: Stage, slot_ids: list[int]) -> None:
        super().__init__(daemon=True)
        self._database = on.open()
        self._slot_ids = slot_ids
        self._ended = threading.Event()
        self.faults: list[str] = []
        self.looks = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join(30)
        self._database.dispose()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._ended.is_set():
            with self._database.reading() as session:
                for slot_id, capacity, taken in session.execute(
                    select(SlotCapacity.slot_id, SlotCapacity.capacity, SlotCapacity.taken).where(
                        SlotCapacity.slot_id.in_(self._slot_ids)
                    )
                ):
                    if taken > capacity:
                        self.faults.append(f"slot {slot_id}: for a moment {taken} of {capacity}")
            self.looks += 1
            time.sleep(0.05)


def replay(database: Database, race: Race) -> list[str]:
    """Play the acts in the order in which they were noted against a plain model, and compare the end.

    The audit chain is a serial order: its head is locked from an act's note to its commit.
    """
    capacity = dict.fromkeys(race.all_slots, race.places)
    booked: dict[str, int] = {}
    live: Counter[int] = Counter()
    faults = []
    with database.reading() as session:
        for row in session.scalars(select(AuditRow).order_by(AuditRow.sequence)):
            if row.act == "booking.book":
                booked[row.subject] = row.data["slot"]
                live[row.data["slot"]] += 1
            elif row.act == "booking.cancel":
                live[booked.pop(row.subject)] -= 1
            elif row.act == "booking.move":
                live[booked[row.subject]] -= 1
                booked[row.subject] = row.data["slot"]
                live[row.data["slot"]] += 1
            elif row.act == "slot.capacity":
                capacity[int(row.subject.partition(":")[2])] = row.data["capacity"]
            faults += [
                f"slot {slot_id}: the serial model has {live[slot_id]} of {capacity[slot_id]} after {row.act}"
                for slot_id in {row.data.get("slot")} & capacity.keys()
                if live[slot_id] > capacity[slot_id]
            ]
        rows = session.execute(
            select(SlotCapacity.slot_id, SlotCapacity.capacity, SlotCapacity.taken).where(
                SlotCapacity.slot_id.in_(race.all_slots), SlotCapacity.kind == CapacityKind.places
            )
        )
        faults += [
            f"slot {slot_id} ends with {taken} of {end}, the serial model with {live[slot_id]} of {capacity[slot_id]}"
            for slot_id, end, taken in rows
            if (end, taken) != (capacity[slot_id], live[slot_id])
        ]
    return faults


def _make_job(port: int, race: Race, number: int) -> Callable[[], list[Sent]]:
    mine = [(on, need_id) for on, need_ids in race.needs.items() for need_id in need_ids][number::CLIENTS]

    def work() -> list[Sent]:
        draw = random.Random(number)
        client = Client(port, race.token)
        booked: list[tuple[date, int]] = []
        for on, need_id in mine:
            slot_id = draw.choice(race.slots[on])
            made = client.send("POST", "/api/bookings", {"need_id": need_id, "slot_id": slot_id})
            if made.status == 201:
                booked.append((on, made.reply["id"]))
            elif draw.random() < 0.3:
                client.send("POST", "/api/waitlist", {"need_id": need_id, "service_id": race.service_id})
            chance = draw.random()
            if booked and chance < CANCELLED:
                client.send("DELETE", f"/api/bookings/{booked.pop(draw.randrange(len(booked)))[1]}")
            elif booked and chance < CANCELLED + MOVED:
                its_day, booking_id = draw.choice(booked)
                to = draw.choice(race.slots[its_day])
                client.send("POST", f"/api/bookings/{booking_id}/move", {"slot_id": to})
            elif chance < CANCELLED + MOVED + CUT:
                body = {"kind": "places", "capacity": draw.randint(4, 9), "reason": "race"}
                path = f"/api/slots/{draw.choice(race.all_slots)}"
                seen = client.send("GET", path)
                client.send("PUT", f"{path}/capacity", body, version=seen.reply["version"])
        client.close()
        return client.sent

    return work
