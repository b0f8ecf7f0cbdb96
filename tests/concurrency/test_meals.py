"""The last seat and the last meal of a sitting, for guests ticked at several doors at once; and its control."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.actor import system_actor
from app.clock import now, today
from app.ledger.commands import recount
from app.ledger.errors import SlotFull
from app.meals import commands
from app.meals.commands import tick
from app.meals.errors import NoMealLeft
from app.models import PlacementException, SlotCapacity, WalkIn
from app.models.enums import CapacityKind, ExceptionKind
from tests.app.meals import conftest
from tests.app.planning.town import publish_years
from tests.concurrency.sabotage import take_unguarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import Database, WriteSession

DOORS = 8


def set_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> int:
    """Make a canteen with three seats and four meals today, three of them ordered and one of these spare."""
    monkeypatch.setattr(conftest, "TODAY", today())

    def work(session: WriteSession) -> int:
        publish_years(session)
        canteen = conftest.make_canteen(session)
        rows = [canteen.order() for _ in range(3)]
        session.add(
            PlacementException(
                placement_id=rows[0].id, on_date=today(), kind=ExceptionKind.absent, frees_place=False
            )
        )
        return canteen.slot(today()).id

    return database.write(work)


def race(work: Callable[[], object]) -> list[object]:
    start, results = threading.Barrier(DOORS), []

    def run() -> None:
        start.wait()
        try:
            results.append(work())
        except (SlotFull, NoMealLeft) as full:
            results.append(type(full))

    threads = [threading.Thread(target=run) for _ in range(DOORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_guest_gets_the_last_meal_and_one_the_spare_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot_id = set_up(database, monkeypatch)

    def work() -> bool:
        return database.write(lambda session: tick(session, system_actor(), slot_id, now()).from_spare)

    results = race(work)
    assert sorted(map(str, results)).count("False") == 1
    assert results.count(True) == 1
    assert len(results) == DOORS
    with database.reading() as session:
        assert recount(session) == []
        assert session.scalar(select(func.count(WalkIn.id))) == 2


def test_without_the_guard_more_sit_down_than_there_are_seats(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot_id = set_up(database, monkeypatch)
    monkeypatch.setattr(commands, "take", lambda *a, **k: (take_unguarded(*a, **k), time.sleep(0.05)))

    def work() -> bool:
        return database.write(lambda session: tick(session, system_actor(), slot_id, now()).from_spare)

    race(work)
    with database.reading() as session:
        seats = session.get_one(SlotCapacity, (slot_id, CapacityKind.seats))
        guests = session.scalar(select(func.count(WalkIn.id))) or 0
    assert guests > seats.capacity
