"""Random days and nights hold what they must; what takes a guard away is found.

The long form: `python -m tests.property --histories 100`; every guard taken away in turn, those that take longer to be
missed, too: `CAREMATCH_ALL_GUARDS=1 pytest tests/property`.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.bookings import sweep
from app.placements import byhand
from app.planning import gates, problem
from solver import Resource
from tests.property.history import live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.db import Database
    from tests.support.databases import Databases

pytestmark = [pytest.mark.slow]


def test_nothing_promised_is_revoked_nothing_contested_given_and_no_fault_stops_a_night(
    database: Database, tmp_path: Path
) -> None:
    history = live(database, tmp_path, seed=4, days=9, acts=12)
    assert history.faults == [], "\n".join(history.told[-12:])
    assert history.nights == 9
    assert history.inherited > 0
    assert history.round_state == "published"
    acts = {name for name in history.done if ":" not in name}
    assert {"record", "book", "place", "answer", "end", "cut", "bring_in", "close"} <= acts


def nothing(*_given: Any, **_named: Any) -> None:
    """Do nothing where the program does something."""


def _overfill(occupy: Callable[..., None]) -> Callable[..., None]:
    return lambda session, ids: occupy(session, ids, may_overfill=True)


def _long_ago(expire: Callable[..., list[int]]) -> Callable[..., list[int]]:
    return lambda session, now: expire(session, now + timedelta(days=30))


def _plain_capacities(segments: Any, people: Any, requests: Any) -> list[Resource]:
    """Leave out that promised use above a capacity counts as that capacity for the night."""
    capacity = {segment.id: segment.capacity for segment in segments} | dict(people)
    used = {name for request in requests for option in request.options for name in option.uses}
    return [Resource(name, max(0, capacity[name])) for name in sorted(used)]


MUTANTS: dict[str, tuple[Any, str, Callable[[Any], Any], str]] = {
    "a contested place is given by hand": (
        byhand,
        "check_contest",
        lambda _old: nothing,
        "others could use it",
    ),
    "a round's place is given by hand": (byhand, "check_round", lambda _old: nothing, "although a round"),
    "offers end before their time": (sweep, "expire_offers", _long_ago, "was offered and is expired"),
    "inherited faults count as the night's own": (
        gates,
        "_is_worse",
        lambda _old: lambda *_: True,
        "held_back",
    ),
    "promised use is not made room for": (
        problem,
        "_make_resources",
        lambda _old: _plain_capacities,
        "ended with infeasible",
    ),
    "placing by hand overfills": (byhand, "occupy", _overfill, "over_full"),
}
"""Guard taken away, and what must be said of it."""


@pytest.fixture
def sqlite_database(sqlite_databases: Databases) -> Iterator[Database]:
    """A database of the test's own; what a guard is worth does not depend on the kind."""
    from app.db import Database as Opened

    made = Opened.at(sqlite_databases.make())
    yield made
    made.dispose()


QUICK = {
    "a contested place is given by hand",
    "offers end before their time",
    "promised use is not made room for",
}
ALL_GUARDS = "CAREMATCH_ALL_GUARDS" in os.environ


@pytest.mark.parametrize("name", MUTANTS if ALL_GUARDS else [name for name in MUTANTS if name in QUICK])
def test_guard_that_is_taken_away_is_missed(
    sqlite_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    module, attribute, mutate, said = MUTANTS[name]
    monkeypatch.setattr(module, attribute, mutate(getattr(module, attribute)))
    history = live(sqlite_database, tmp_path, seed=2, days=9, acts=14)
    assert any(said in fault for fault in history.faults), history.told
