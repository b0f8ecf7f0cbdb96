"""The solver's processes of a run, forked from one that has read its libraries: a night of five takes a tenth of the time.

Starting `python -m solver` and reading NumPy, SciPy and OR-Tools takes a second or more, and the suite does it hundreds of
times. What is forked here does all the rest as that process does: files, signals, exit codes, a group of its own to be
ended. Tests that name another program, or start `python -m app` or `python -m solver` themselves, get the real start.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from app.planning import child as planning_child

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
LOOK_SECONDS = 0.01
NUMBER = struct.Struct("<q")  # a process's id, then its exit code
LIBRARIES = (
    "ortools.graph.python.min_cost_flow",
    "ortools.sat.python.cp_model",
    "solver.__main__",
    "solver.explain.shopping",
    "solver.explain.worth",
    "solver.limits",
    "solver.stable.search",
    "solver.supervise",
)
"""What a solver reads before or while it solves; the rest is read by these."""


@contextlib.contextmanager
def warm() -> Iterator[str]:
    """Start the process that has read the libraries; give the address where it will answer; end it."""
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        address = str(Path(folder) / "solver")
        command = [sys.executable, "-m", "tests.support.warm_solver", address]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
        try:
            yield address
        finally:
            assert process.stdin is not None
            process.stdin.close()  # it ends where its standard input does, also when this process is killed
            process.wait()


def use(address: str) -> None:
    """Let `app.planning.child` of this process start its solvers there."""
    own = tuple(planning_child.SOLVER)

    def start(command: Sequence[str], **how: Any) -> subprocess.Popen[str] | WarmChild:
        if tuple(command[: len(own)]) != own:
            return subprocess.Popen(command, **how)
        return WarmChild(address, command[len(own) :], how["stdout"])

    vars(planning_child)["subprocess"] = SimpleNamespace(**vars(subprocess) | {"Popen": start})


def _connect(address: str) -> socket.socket:
    """Connect as soon as somebody answers."""
    until = time.monotonic() + START_SECONDS
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(address)
        except OSError as fault:
            line.close()
            if time.monotonic() > until:
                raise RuntimeError("the process that solvers are forked from does not answer") from fault
            time.sleep(0.02)
        else:
            return line


class WarmChild:
    """What `app.planning.child` uses of a `Popen`."""

    def __init__(self, address: str, words: Sequence[str], output: Any) -> None:
        self.returncode: int | None = None
        reader, writer = os.pipe()
        self._line = _connect(address)
        told = json.dumps({"words": list(words), "folder": str(Path.cwd())}).encode()
        socket.send_fds(self._line, [told], [output.fileno(), writer])
        os.close(writer)
        self.pid = self._hear()
        self.stderr = os.fdopen(reader, errors="replace")

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code; raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("solver", timeout or 0.0)
            self.returncode = self._hear()
            self._line.close()
        return self.returncode

    def _hear(self) -> int:
        """Return the next number that is told; a short run's second one may come together with the first."""
        told = self._line.recv(NUMBER.size, socket.MSG_WAITALL)
        if len(told) < NUMBER.size:
            self._line.close()
            raise RuntimeError("the process that solvers are forked from is gone")
        return int(NUMBER.unpack(told)[0])

    def terminate(self) -> None:
        """Ask it to end."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


def serve(address: str) -> None:
    """Fork a solver for everybody who asks, until standard input ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(16)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [], LOOK_SECONDS if running else None)
        if sys.stdin in ready:
            return
        if listener in ready:
            line, _ = listener.accept()
            told, handles, _, _ = socket.recv_fds(line, 65_536, 2)
            pid = os.fork()
            if pid == 0:
                listener.close()
                line.close()
                _solve(told, handles)
            with contextlib.suppress(OSError):  # who asked may be gone
                line.send(NUMBER.pack(pid))
            running[pid] = line
            for handle in handles:
                os.close(handle)
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with contextlib.suppress(OSError), running.pop(pid) as line:
                    line.send(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _solve(told: bytes, handles: Sequence[int]) -> NoReturn:
    """Be the solver's process; never returns."""
    code = 3
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asked = json.loads(told)
        os.chdir(asked["folder"])
        nowhere = os.open(os.devnull, os.O_RDONLY)
        for handle, place in zip((nowhere, *handles), (0, 1, 2), strict=True):
            os.dup2(handle, place)
        from solver.__main__ import find_begin, make_parser
        from solver.commands import run_command

        code = run_command(make_parser().parse_args(asked["words"]), find_begin())
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os._exit(code)


def read_libraries() -> None:
    """Read what a solver may need, and take it out of the rubbish that every collection looks through."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, whose end ends this process
    read_libraries()
    serve(sys.argv[1])
