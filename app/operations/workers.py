"""The workers of `serve`: forked from a process that has read the program, and missed as soon as they are gone."""

from __future__ import annotations

import multiprocessing
import pickle
from multiprocessing.connection import wait
from socket import socket

from uvicorn import Config, _subprocess
from uvicorn.supervisors import Multiprocess, multiprocess


class Worker(multiprocess.Process):
    """A worker whose death ends the wait for its answer.

    uvicorn's own waits for the whole patience that a busy worker has; one that was killed between question and answer
    stayed away for a minute, in which no other worker was looked after either.
    """

    def _healthcheck(self, timeout: float) -> bool | None:
        try:
            self.parent_conn.send(b"ping")
            if self.parent_conn not in wait([self.parent_conn, self.process.sentinel], timeout):
                return None
            started: bool = self.parent_conn.recv()
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        return started


def make_supervisor(config: Config, sockets: list[socket]) -> Multiprocess:
    """Return the supervisor of so many workers. uvicorn has no setting for what they are and how they are made.

    Forked from one process that has read the program and does nothing else: each would otherwise read it by itself, two
    seconds of processor time, and hold a copy of its own.
    """
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["app.preload"])
    _subprocess.spawn = forks  # type: ignore[assignment] # both contexts make processes in the same way
    multiprocess.Process = Worker  # type: ignore[misc]
    return Multiprocess(config, sockets=sockets)
