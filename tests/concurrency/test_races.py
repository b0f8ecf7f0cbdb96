"""The short forms of the races, on both databases; full size: `python -m tests.concurrency.race`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.concurrency import r1, r2, r3, r4, r5
from tests.concurrency.stage import Stage, stage
from tests.support.databases import Databases, SqliteDatabases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.concurrency.outcome import Outcome

pytestmark = [pytest.mark.serial, pytest.mark.slow]


@pytest.fixture
def on(databases: Databases, tmp_path: Path) -> Iterator[Stage]:
    """A database without a row, with a data folder of its own."""
    if isinstance(databases, SqliteDatabases):
        with stage("sqlite", tmp_path / "data", None, databases.make_at) as made:
            yield made
        return
    url = databases.make()
    with stage("postgresql", tmp_path / "data", url) as made:
        yield made
    databases.drop(url)


RACES: dict[str, Callable[[Stage], Outcome]] = {
    "R1": lambda on: r1.run(on, attempts=160, places=4, workers=2),
    "R2": lambda on: r2.run(on, attempts=160, workers=2),
    "R3": lambda on: r3.run(on, rounds=15),
    "R4": lambda on: r4.run(on, rounds_each=1, rounds_mixed=6),
    "R5": lambda on: r5.run(on, requests=64, kills=1, workers=2),
}
CONTROLS: dict[str, Callable[[Stage], Outcome]] = {
    "R1": lambda on: r1.run(on, attempts=240, places=3, workers=2, sabotage="unguarded"),
    "R2": lambda on: r2.run(on, attempts=320, workers=2, sabotage="unguarded_move"),
    "R3": lambda on: r3.run(on, rounds=5, is_control=True),
    "R4": lambda on: r4.run(on, rounds_each=1, rounds_mixed=0, is_control=True),
    "R5": lambda on: r5.run(on, requests=64, kills=0, workers=2, sabotage="key_outside"),
}


@pytest.mark.parametrize("bar", RACES)
def test_race_leaves_no_violation(on: Stage, bar: str) -> None:
    out = RACES[bar](on)
    assert out.violations == []
    assert out.attempts > 50
    assert out.successes > 0


@pytest.mark.parametrize("bar", CONTROLS)
def test_control_without_its_guard_goes_red(on: Stage, bar: str) -> None:
    assert CONTROLS[bar](on).violations
