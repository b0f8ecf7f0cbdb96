"""R4: the last place again, for every writer of capacity by itself and for all of them at once."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.actor import system_actor
from app.bookings.checks import Allowed, Wish, check_wish
from app.bookings.commands import book, cancel, move
from app.bookings.errors import HeldBack
from app.bookings.holds import hold, release_hold
from app.clock import now, today
from app.ledger.beyond import WeekFull
from app.ledger.commands import occupy, vacate
from app.ledger.errors import SlotFull
from app.models import (
    Need,
    NeedPattern,
    Placement,
    PlacementException,
    PlacementUse,
    Slot,
    SlotCapacity,
    SlotTemplate,
)
from app.models.enums import (
    CapacityKind,
    Channel,
    ExceptionKind,
    NeedRhythm,
    NeedState,
    Origin,
    PlacementState,
    ServiceKind,
    WishPart,
)
from app.placements.absences import excuse, unexcuse
from app.placements.byhand import Order, place
from app.placements.commands import end
from app.slots.commands import change_capacity
from app.slots.errors import CapacityBelowTaken
from tests.concurrency.clients import FORK, run_together
from tests.concurrency.outcome import Outcome
from tests.concurrency.sabotage import take_unguarded
from tests.concurrency.state import list_faults
from tests.concurrency.town import Race, make_class, make_needs, make_people, make_race

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from app.db import Database, WriteSession
    from tests.concurrency.stage import Stage

CLIENTS = 16
ACTOR = system_actor()
LOSING = (SlotFull, WeekFull, HeldBack, CapacityBelowTaken)


@dataclass
class Hand:
    """What one client races with: something of every writer's kind for the one last place."""

    slot_id: int
    class_id: int
    weekday: int
    on: date
    dated: Allowed
    moving: Allowed
    elsewhere: Allowed
    booking_id: int
    weekly_need_id: int
    draft_id: int
    excused_id: int


def _book(session: WriteSession, hand: Hand) -> Any:
    return book(session, ACTOR, hand.dated, now()).id


def _hold(session: WriteSession, hand: Hand) -> Any:
    return hold(session, ACTOR, hand.dated, now()).id


def _move(session: WriteSession, hand: Hand) -> Any:
    return move(session, ACTOR, hand.booking_id, hand.moving, now()).id


def _place(session: WriteSession, hand: Hand) -> Any:
    order = Order(
        need_id=hand.weekly_need_id,
        class_id=hand.class_id,
        weekdays=1 << hand.weekday,
        part=WishPart.morning,
        reason="race",
        said_yes_by="self",
        starts_on=hand.on,
        overrides=True,
    )
    return place(session, ACTOR, order, now()).id


def _publish(session: WriteSession, hand: Hand) -> Any:
    _set_state(session, hand.draft_id, PlacementState.proposed)
    occupy(session, [hand.draft_id])
    return hand.draft_id


def _unexcuse(session: WriteSession, hand: Hand) -> Any:
    unexcuse(session, ACTOR, hand.excused_id, hand.on)
    return hand.excused_id


def _cut(session: WriteSession, hand: Hand) -> Any:
    change_capacity(session, ACTOR, hand.slot_id, CapacityKind.places, 0, "race")
    row = session.get_one(SlotCapacity, (hand.slot_id, CapacityKind.places))
    return row.slot_id


def _unplace(session: WriteSession, made: int) -> None:
    end(session, ACTOR, made, today(), "race", now())


def _unpublish(session: WriteSession, made: int) -> None:
    vacate(session, [made])
    _set_state(session, made, PlacementState.draft)


def _set_state(session: WriteSession, placement_id: int, state: PlacementState) -> None:
    session.execute(update(Placement).where(Placement.id == placement_id).values(state=state))


Writer = tuple["Callable[[WriteSession, Hand], Any]", "Callable[[WriteSession, Hand, Any], Any]"]
WRITERS: dict[str, Writer] = {
    "book": (_book, lambda session, _hand, made: cancel(session, ACTOR, made, now())),
    "hold": (_hold, lambda session, _hand, made: release_hold(session, ACTOR, made)),
    "move": (_move, lambda session, hand, made: move(session, ACTOR, made, hand.elsewhere, now())),
    "place": (_place, lambda session, _hand, made: _unplace(session, made)),
    "publish": (_publish, lambda session, _hand, made: _unpublish(session, made)),
    "unexcuse": (
        _unexcuse,
        lambda session, hand, made: excuse(session, ACTOR, made, hand.on, ExceptionKind.absent, now()),
    ),
    "cut": (
        _cut,
        lambda session, hand, _made: change_capacity(
            session, ACTOR, hand.slot_id, CapacityKind.places, 1, "race"
        ),
    ),
}
"""By name: what takes the last place, and what gives it back."""
ONE_WINNER = [name for name in WRITERS if name != "cut"]
"""Cutting an empty slot twice is no conflict: it races only beside others."""


def run(on: Stage, *, rounds_each: int, rounds_mixed: int, is_control: bool = False) -> Outcome:
    """Race every writer by itself, then all at once; the control books without the guard."""
    hands = _make_hands(on.database)
    out = Outcome("R4", on.kind, is_control=is_control)
    draw = random.Random(4)
    turns: list[list[str]] = [[name] * CLIENTS for name in ONE_WINNER for _ in range(rounds_each)]
    turns += [[draw.choice(list(WRITERS)) for _ in range(CLIENTS)] for _ in range(rounds_mixed)]
    barrier = FORK.Barrier(CLIENTS)
    won = FORK.Array("b", len(turns) * CLIENTS)
    began = time.monotonic()
    jobs = [_make_job(on, hands[i], i, turns, barrier, won, is_control=is_control) for i in range(CLIENTS)]
    for latencies in run_together(jobs):
        out.latencies += latencies
    out.seconds = time.monotonic() - began
    out.attempts, out.successes = len(turns) * CLIENTS, sum(won)
    out.refusals["full"] = out.attempts - out.successes
    for number, names in enumerate(turns):
        winners = Counter(name for i, name in enumerate(names) if won[number * CLIENTS + i] and name != "cut")
        cut = any(name == "cut" and won[number * CLIENTS + i] for i, name in enumerate(names))
        out.expect(
            winners.total() + cut == 1,
            f"round {number}: winners {dict(winners)}, {'cut' if cut else 'not cut'}",
        )
    if not is_control:
        out.violations += list_faults(on.database)
    return out


def _make_job(
    on: Stage,
    hand: Hand,
    number: int,
    turns: list[list[str]],
    barrier: Any,
    won: Any,
    *,
    is_control: bool,
) -> Callable[[], list[float]]:
    def work() -> list[float]:
        database = on.open()
        latencies = []
        for turn, names in enumerate(turns):
            take, give_back = WRITERS[names[number]]
            barrier.wait(60)
            began = time.perf_counter()
            made = _try(database, hand, take, is_control=is_control)
            latencies.append(time.perf_counter() - began)
            won[turn * CLIENTS + number] = made is not None
            barrier.wait(60)
            if made is not None and not is_control:
                database.write(lambda session, made=made, undo=give_back: undo(session, hand, made))
            elif made is not None:
                _clear(database, hand)
            barrier.wait(60)
        database.dispose()
        return latencies

    return work


def _try(
    database: Database, hand: Hand, take: Callable[[WriteSession, Hand], Any], *, is_control: bool
) -> Any:
    if is_control:
        with database.reading() as session:
            row = session.get_one(SlotCapacity, (hand.slot_id, CapacityKind.places))
            if row.taken >= row.capacity:
                return None
        time.sleep(0.01)
        uses = {CapacityKind.places: 1}
        return database.write(lambda session: take_unguarded(session, hand.slot_id, uses) or True)
    try:
        return database.write(lambda session: take(session, hand))
    except LOSING:
        return None


def _clear(database: Database, hand: Hand) -> None:
    slot = SlotCapacity.slot_id == hand.slot_id
    database.write(lambda session: session.execute(update(SlotCapacity).where(slot).values(taken=0)))


def _make_hands(database: Database) -> list[Hand]:
    race = make_race(database, dates=1, classes=1, places=1, needs=0)
    slot_id, on = race.all_slots[0], next(iter(race.slots))
    return database.write(lambda session: _deal(session, race, slot_id, on))


def _deal(session: WriteSession, race: Race, slot_id: int, on: date) -> list[Hand]:
    from app.slots.commands import extend_horizon

    slot = session.get_one(Slot, slot_id)
    template = session.get_one(SlotTemplate, slot.template_id)
    other_class = make_class(session, race.service_id, CLIENTS)
    extend_horizon(session, today())
    other_slot = session.scalars(
        select(Slot.id).where(Slot.class_id == other_class, Slot.occurs_on == on)
    ).one()
    area_id = session.scalars(select(_home())).one()
    people = make_people(session, area_id, CLIENTS * 5)
    groups = [people[i::5] for i in range(5)]
    dated, moving = make_needs(session, groups[0], on), make_needs(session, groups[1], on)
    weekly = [_make_weekly(session, person_id, template.weekday, on) for person_id in groups[2]]
    drafts = [_make_placement(session, person_id, template, on, is_draft=True) for person_id in groups[3]]
    excused = [_make_placement(session, person_id, template, on, is_draft=False) for person_id in groups[4]]
    hands = []
    for i in range(CLIENTS):
        allowed = check_wish(session, ACTOR, Wish(dated[i], slot_id), now())
        elsewhere = check_wish(session, ACTOR, Wish(moving[i], other_slot), now())
        there = check_wish(session, ACTOR, Wish(moving[i], slot_id, moves=True), now())
        booking = book(session, ACTOR, elsewhere, now())
        hands.append(
            Hand(
                slot_id,
                slot.class_id,
                template.weekday,
                on,
                allowed,
                there,
                elsewhere,
                booking.id,
                weekly[i],
                drafts[i],
                excused[i],
            )
        )
    return hands


def _home() -> Any:
    from app.models import Compound

    return select(Compound.area_id).order_by(Compound.area_id.desc()).limit(1).scalar_subquery()


def _make_weekly(session: WriteSession, person_id: int, weekday: int, on: date) -> int:
    need = Need(
        code=f"RW-{person_id}",
        person_id=person_id,
        kind=ServiceKind.day_care,
        rhythm=NeedRhythm.weekly,
        state=NeedState.open,
        entered_on=on - timedelta(days=30),
        starts_on=on,
        patterns=[NeedPattern(rank=1, weekdays=1 << weekday, part=WishPart.morning)],
    )
    session.add(need)
    session.flush()
    return need.id


def _make_placement(
    session: WriteSession, person_id: int, template: SlotTemplate, on: date, *, is_draft: bool
) -> int:
    need_id = _make_weekly(session, person_id, template.weekday, on)
    row = Placement(
        code=f"RL-{person_id}",
        need_id=need_id,
        person_id=person_id,
        class_id=template.class_id,
        weekdays=1 << template.weekday,
        part=WishPart.morning,
        starts_on=on,
        ends_on=on,
        state=PlacementState.draft if is_draft else PlacementState.active,
        origin=Origin.plan,
        confirmed_at=None if is_draft else now(),
        confirmed_channel=None if is_draft else Channel.desk,
        uses=[PlacementUse(template_id=template.id, kind=CapacityKind.places, amount=1)],
    )
    session.add(row)
    session.flush()
    if not is_draft:
        session.add(PlacementException(placement_id=row.id, on_date=on, kind=ExceptionKind.absent))
        session.flush()
    return row.id
