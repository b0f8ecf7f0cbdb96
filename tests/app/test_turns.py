"""Writers of one file take turns: one at a time, over threads and processes, and a holder that dies holds nobody up."""

from __future__ import annotations

import multiprocessing
import threading
import time
from typing import TYPE_CHECKING, Any

from app.turns import AFTER_A_VAIN_WAIT_SECONDS, Turns

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FORK = multiprocessing.get_context("fork")


def test_turn_is_taken_by_one_at_a_time(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "turn", 5)
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(20):
            assert turns.take()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.0005)
            inside[0] -= 1
            turns.give()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_who_waits_too_long_goes_ahead_without_a_turn(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    holder, other = Turns(path, 1), Turns(path, 0.05)
    assert holder.take()
    assert not other.take()
    holder.give()
    assert other.take()
    other.give()


class _Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


def test_holder_that_sleeps_is_waited_for_once_and_not_at_every_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _Clock()
    monkeypatch.setattr("app.turns.time", clock)
    path = tmp_path / "turn"
    holder, other = Turns(path, 15), Turns(path, 15)
    assert holder.take()
    assert not other.take()
    assert clock.passed >= 15
    assert not any(other.take() for _ in range(20))
    assert clock.passed < 15 + 20 * 2 * AFTER_A_VAIN_WAIT_SECONDS, "no write waits the whole time again"
    holder.give()
    assert other.take(), "awake again: one at a time"
    assert not Turns(path, 15).take()
    other.give()


def _hold(path: Path, has_it: Any) -> None:
    turns = Turns(path, 5)
    assert turns.take()
    has_it.set()
    time.sleep(60)


def test_holder_that_is_killed_holds_nobody_up(tmp_path: Path) -> None:
    path, has_it = tmp_path / "turn", FORK.Event()
    process = FORK.Process(target=_hold, args=(path, has_it), daemon=True)
    process.start()
    assert has_it.wait(10)
    assert not Turns(path, 0.05).take()
    process.kill()
    process.join(10)
    mine = Turns(path, 5)
    assert mine.take()
    mine.give()
