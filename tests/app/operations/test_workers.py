"""The supervisor of `serve` misses a worker as soon as it is gone, whatever it was being asked."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from uvicorn import Config

from app.operations.workers import Worker
from tests.concurrency.r7 import list_workers
from tests.concurrency.stage import serving, stages

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that never answers."""
    made = Worker(Config("app.main:create_app", factory=True), [])
    made.process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(PATIENCE,))
    made.process.start()
    yield made
    made.process.kill()
    made.process.join()


def test_worker_killed_while_it_is_asked_is_not_waited_for(worker: Worker) -> None:
    killer = threading.Timer(0.3, worker.process.kill)
    killer.start()
    began = time.monotonic()
    assert not worker.is_alive(timeout=PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2  # uvicorn's own would have waited to the end
    killer.join()


@pytest.mark.slow
def test_every_killed_worker_is_replaced() -> None:
    with stages(("sqlite",), durable=False) as (on,), serving(on, workers=2) as server:
        gone: set[int] = set()
        for _ in range(12):
            victim = wait_for_workers(server.process.pid, gone)[0]
            gone.add(victim)
            os.kill(victim, signal.SIGKILL)
        assert len(wait_for_workers(server.process.pid, gone)) == 2


def wait_for_workers(supervisor: int, gone: set[int]) -> list[int]:
    """Return both workers, none of them one of those that were killed; fail where they do not come."""
    until = time.monotonic() + PATIENCE / 2
    while time.monotonic() < until:
        found = [pid for pid in list_workers(supervisor) if pid not in gone]
        if len(found) == 2:
            return found
        time.sleep(0.05)
    raise AssertionError("a killed worker was not replaced")
