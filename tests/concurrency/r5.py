"""R5: requests under an Idempotency-Key, sent again and again, at once, after a cut, after a kill: one effect, one reply."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.ledger.queries import LIVE_BOOKINGS
from app.models import Booking
from tests.concurrency import stage as stages
from tests.concurrency.clients import Client, Sent, count_codes, run_together
from tests.concurrency.outcome import Outcome
from tests.concurrency.state import list_faults
from tests.concurrency.town import Race, make_race

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.concurrency.stage import Server, Stage

CLIENTS = 16
MOST_SENDS = 5


@dataclass(frozen=True)
class Asked:
    """One request under its key."""

    key: str
    need_id: int
    slot_id: int

    @property
    def body(self) -> dict[str, int]:
        """Return the request's body."""
        return {"need_id": self.need_id, "slot_id": self.slot_id}


def run(on: Stage, *, requests: int, kills: int, sabotage: str = "", workers: int = 4) -> Outcome:
    """Send every request 1 to 5 times; kill the whole service while they are under way; ask once more at the end."""
    # Fewer places than requests: refusals, too, must be the same every time.
    places = max(10, requests // 80)
    race = make_race(on.database, dates=4, classes=4, places=places, needs=requests)
    out = Outcome("R5", on.kind, is_control=bool(sabotage))
    began = time.monotonic()

    def start(port: int = 0) -> Server:
        return stages.start(on, workers=workers, sabotage=sabotage, port=port)

    server = start()
    try:
        asked = _deal(race)
        results: list[Any] = []
        failed: list[BaseException] = []

        def send_all() -> None:
            try:
                jobs = [_make_job(server.port, race.token, asked[i::CLIENTS], i) for i in range(CLIENTS)]
                results.extend(run_together(jobs))
            except BaseException as fault:  # noqa: BLE001 - raised below, in the thread that waits
                failed.append(fault)

        sending = threading.Thread(target=send_all)
        sending.start()
        server = _kill_meanwhile(server, sending, kills, start)
        sending.join()
        if failed:
            raise failed[0]
        sent = [each for result in results for each in result]
        last = _ask_again(server.port, race.token, asked)
        out.seconds = time.monotonic() - began
        _judge(on, asked, sent, last, out)
    finally:
        stages.stop(server)
    return out


def _kill_meanwhile(
    server: Server, sending: threading.Thread, kills: int, start: Callable[[int], Server]
) -> Server:
    for _ in range(kills):
        sending.join(2.5)
        if not sending.is_alive():
            break
        server.kill()
        server = start(server.port)
    return server


def _judge(
    on: Stage,
    asked: list[Asked],
    sent: list[tuple[str, Sent]],
    last: dict[str, Sent],
    out: Outcome,
) -> None:
    replies: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for key, each in sent:
        if each.status not in {0, 503}:  # cut off, or told to come again: no reply was given
            replies[key].add((each.status, json.dumps(each.reply, sort_keys=True)))
    for key, final in last.items():
        replies[key].add((final.status, json.dumps(final.reply, sort_keys=True)))
    out.attempts, out.successes = len(sent), sum(each.status == 201 for _, each in sent)
    out.refusals = count_codes([each for _, each in sent])
    out.latencies = [each.seconds for _, each in sent if each.status]
    for key, given in replies.items():
        out.expect(
            len(given) == 1, f"{key} got {len(given)} different replies: {sorted(s for s, _ in given)}"
        )
    strange = Counter(status for given in replies.values() for status, _ in given if status not in {201, 409})
    out.expect(not strange, f"statuses {dict(strange)}")
    with on.database.reading() as session:
        booked = dict(
            session.execute(
                select(Booking.need_id, func.count())
                .where(Booking.state.in_(LIVE_BOOKINGS))
                .group_by(Booking.need_id)
            ).all()
        )
    for each in asked:
        said = any(status == 201 for status, _ in replies[each.key])
        has = booked.get(each.need_id, 0)
        out.expect(has == int(said), f"{each.key}: {has} bookings, told {said}")
    out.violations += list_faults(on.database)


def _ask_again(port: int, token: str, asked: list[Asked]) -> dict[str, Sent]:
    """Send every request a last time, and a few keys with another body, which must be refused."""

    def repeat(mine: list[Asked]) -> dict[str, Sent]:
        with contextlib.closing(Client(port, token)) as client:
            return {each.key: client.send("POST", "/api/bookings", each.body, key=each.key) for each in mine}

    found: dict[str, Sent] = {}
    for part in run_together([partial(repeat, asked[i::CLIENTS]) for i in range(CLIENTS)]):
        found |= part
    with contextlib.closing(Client(port, token)) as client:
        for each in asked[:20]:
            other = client.send("POST", "/api/bookings", {**each.body, "reason": "other"}, key=each.key)
            if other.status != 422 or other.reply["code"] != "idempotency_key_reused":
                found[f"{each.key} with another body"] = other
    return found


def _deal(race: Race) -> list[Asked]:
    draw = random.Random(5)
    asked = [
        Asked(f"r5-{need_id}", need_id, draw.choice(race.slots[on]))
        for on, need_ids in race.needs.items()
        for need_id in need_ids
    ]
    draw.shuffle(asked)
    return asked


def _make_job(port: int, token: str, mine: list[Asked], number: int) -> Callable[[], list[tuple[str, Sent]]]:
    def work() -> list[tuple[str, Sent]]:
        draw = random.Random(number)
        notes: list[tuple[str, Sent]] = []
        clients = [Client(port, token) for _ in range(3)]
        for each in mine:
            times, how = draw.randint(1, MOST_SENDS) - 1, draw.random()  # once more at the end
            if how < 0.2 and times:
                _cut_off(port, token, each)
                times -= 1
            at_once = min(times, len(clients)) if how < 0.5 else 0
            if at_once > 1:
                notes += _send_at_once(clients, each, at_once)
                times -= at_once
            notes += [(each.key, _send_until_answered(clients[0], each)) for _ in range(times)]
        for client in clients:
            client.close()
        return notes

    return work


def _send_until_answered(client: Client, each: Asked) -> Sent:
    """Send as a sensible client does: again after a cut or a 503, for a minute."""
    until = time.monotonic() + 60
    while True:
        made = client.send("POST", "/api/bookings", each.body, key=each.key)
        if made.status not in {0, 503} or time.monotonic() > until:
            return made
        time.sleep(0.2)


def _send_at_once(clients: list[Client], each: Asked, times: int) -> list[tuple[str, Sent]]:
    made: list[Sent] = []
    threads = [
        threading.Thread(
            target=lambda client=client: made.append(
                client.send("POST", "/api/bookings", each.body, key=each.key)
            )
        )
        for client in clients[:times]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [(each.key, one) for one in made]


def _cut_off(port: int, token: str, each: Asked) -> None:
    """Send the request and hang up before any reply: whether it was done, nobody was told."""
    body = json.dumps(each.body)
    head = (
        f"POST /api/bookings HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Accept-Language: en\r\nIdempotency-Key: {each.key}\r\n\r\n"
    )
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall((head + body).encode())
