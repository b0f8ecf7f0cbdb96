"""`python3 dev.py bench --desks`: how long the service lets a person at a desk wait, on both databases, as a table.

One client walks so many people in, one after another, over one kept connection: search, record a wish, ranked options,
booking; then so many ticks of today's rolls. `serve --workers 2`, the synthetic town at scale 2.5 (about 45,000 people),
each kind of call warmed up first. A call is timed where the client sends it; nothing is left out but the warming up.
"""

from __future__ import annotations

import os
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from app.accounts.commands import create_token, create_user
from app.attendance.queries import list_roll_services, list_stays
from app.clock import now, today
from app.db import WriteSession
from app.models import Area, Person, PersonRole, Service
from app.models.enums import AreaKind, Role, StaffRole
from app.sample.commands import load_sample
from tests.benchmarks.table import get_machine
from tests.concurrency.clients import Client, Sent
from tests.concurrency.stage import Stage, serving, stages

PAGE = Path(__file__).resolve().parents[2] / "docs" / "desk-speed.md"
BARS_MS = {"search": 200, "options": 1000, "booking": 300, "roll tick": 100}
"""p95 by product.md: what an adviser and a coordinator wait for."""
WARM_UP = 20
SEED = 1


@dataclass
class Walk:
    """The calls of one database by kind, as sent."""

    kind: str
    people: int
    sent: dict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))


def main(calls: int, scale: float, kinds: Sequence[str]) -> int:
    """Measure on each database, print the table and write the page; 1 if a call answered with what it should not."""
    load = os.getloadavg()[0]
    walks = []
    with stages(tuple(kinds)) as made:
        for on in made:
            print(f"{on.kind}: making the town ...", flush=True)
            on.database.write(
                lambda session: load_sample(session, scale=scale, seed=SEED, today=today(), now=now())
            )
            walks.append(_walk(on, calls))
    text = _write_page(walks, calls, load)
    print(text)
    if calls >= 1000:
        PAGE.write_text(text, encoding="utf-8")
    strange = [f"{walk.kind}: {fault}" for walk in walks for fault in _list_strange(walk)]
    print("\n".join(strange))
    return 1 if strange else 0


def _walk(on: Stage, calls: int) -> Walk:
    # A desk holds one place back for urgent cases and may find lunch full; neither is what is timed here.
    on.database.write(lambda session: session.execute(update(Service).values(held_back_places=0)))
    adviser, coordinator = on.database.write(_make_users)
    draw = random.Random(SEED)
    with on.database.reading() as session:
        walk = Walk(on.kind, session.scalar(select(func.count()).select_from(Person)) or 0)
        elders = session.execute(
            select(Person.id, Person.name, Person.pinyin, Person.pinyin_initials)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(PersonRole.role == Role.elder)
            .order_by(Person.id)
        ).all()
        stays = list_stays(session, [row.id for row in list_roll_services(session)], today())
        keys = sorted({(stay.slot_id, stay.person_id) for stay in stays if stay.excused is None})
    draw.shuffle(elders)
    draw.shuffle(keys)
    with serving(on, workers=2) as server:
        client = Client(server.port, adviser)
        for number, elder in enumerate(elders[: calls + WARM_UP]):
            for kind, each in _walk_in(client, elder, draw):
                if number >= WARM_UP:
                    walk.sent[kind].append(each)
        client.close()
        client = Client(server.port, coordinator)
        for number in range(calls + WARM_UP if keys else 0):
            each = _tick(client, keys[number % len(keys)], number)
            if number >= WARM_UP:
                walk.sent["roll tick"].append(each)
        client.close()
    return walk


def _make_users(session: WriteSession) -> tuple[str, str]:
    """Return the tokens of an adviser and a coordinator of the whole subdistrict."""
    areas = list(session.scalars(select(Area.code).where(Area.kind == AreaKind.subdistrict)))
    for role in (StaffRole.adviser, StaffRole.coordinator):
        create_user(session, f"speed-{role}", "测速", role, uuid.uuid4().hex, areas, [])
    adviser, coordinator = (
        create_token(session, f"speed-{role}", timedelta(hours=4))[0]
        for role in (StaffRole.adviser, StaffRole.coordinator)
    )
    return adviser, coordinator


def _walk_in(client: Client, elder: Any, draw: random.Random) -> Iterator[tuple[str, Sent]]:
    """Serve one walk-in: find the person, record a lunch, look at the options, book the best free one."""
    asked = draw.choice([elder.name, elder.name[:2], elder.pinyin, elder.pinyin_initials])
    yield "search", client.send("POST", "/api/people/search", {"text": asked})
    on = _find_lunch_day(draw)
    wish = {
        "person_id": elder.id,
        "kind": "canteen",
        "rhythm": "dated",
        "starts_on": on.isoformat(),
        "patterns": [{"part": "lunch", "occurs_on": on.isoformat()}],
        "is_another": True,
    }
    made = client.send("POST", "/api/needs", wish, key=uuid.uuid4().hex)
    yield "record a need", made
    if made.status != 201:
        return
    need_id = made.reply["id"]
    found = client.send("GET", f"/api/needs/{need_id}/options")
    yield "options", found
    free = [one for one in found.reply["options"] if one["left"] and one["slot_ids"]]
    if free:
        body = {"need_id": need_id, "slot_id": free[0]["slot_ids"][0]}
        yield "booking", client.send("POST", "/api/bookings", body, key=uuid.uuid4().hex)


def _find_lunch_day(draw: random.Random) -> date:
    """Return one of the next days on which canteens cook."""
    days = [today() + timedelta(days=i) for i in range(1, 8)]
    return draw.choice([day for day in days if day.weekday() < 5][:3])


def _tick(client: Client, key: tuple[int, int], number: int) -> Sent:
    slot_id, person_id = key
    tick = {
        "tick_id": str(uuid.uuid4()),
        "slot_id": slot_id,
        "person_id": person_id,
        "mark": ("present", "absent")[number // 7 % 2],
        "marked_at": _stamp(),
    }
    return client.send("POST", "/api/roll/ticks", {"ticks": [tick]}, key=uuid.uuid4().hex)


def _stamp() -> str:
    instant: datetime = now()
    return instant.isoformat()


def _list_strange(walk: Walk) -> list[str]:
    """Return statuses that are neither done nor a refusal that a busy day brings."""
    allowed = {
        "search": {200},
        "options": {200},
        "record a need": {201},
        "booking": {201, 409},
        "roll tick": {200},
    }
    strange = []
    for kind, sent in walk.sent.items():
        wrong = [each for each in sent if each.status not in allowed[kind]]
        strange += (
            [f"{kind} answered {wrong[0].status} {wrong[0].reply} ({len(wrong)} times)"] if wrong else []
        )
    refused = [
        one["code"]
        for each in walk.sent["roll tick"]
        if each.status == 200
        for one in each.reply["ticks"]
        if one["code"]
    ]
    strange += [f"{len(refused)} ticks were refused: {refused[0]}"] if refused else []
    missing = [kind for kind in BARS_MS if not walk.sent[kind]]
    return strange + [f"{kind} was never called" for kind in missing]


def _write_page(walks: Sequence[Walk], calls: int, load: float) -> str:
    lines = [
        "# How long a desk waits",
        "",
        f"{today():%Y-%m-%d}, `python3 dev.py bench --desks --calls {calls}`. {get_machine()}; load when it began {load:.1f}.",
        "One client, one connection, `serve --workers 2`, warm; milliseconds from sending a call to its whole reply.",
        "",
        "| database | people | call | calls | done | p50 | p95 | most | wanted (p95) | |",
        "|---|--:|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for walk in walks:
        for kind, sent in walk.sent.items():
            times = sorted(each.seconds * 1000 for each in sent)
            done = sum(each.status < 300 for each in sent)
            p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
            bar = BARS_MS.get(kind)
            verdict = "" if bar is None else "holds" if p95 < bar else "**misses**"
            wanted = "" if bar is None else f"< {bar}"
            lines.append(
                f"| {walk.kind} | {walk.people:,} | {kind} | {len(sent)} | {done} | {p50:.0f} | {p95:.0f} | {times[-1]:.0f} | {wanted} | {verdict} |"
            )
    return "\n".join([*lines, ""])
