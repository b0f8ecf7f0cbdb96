"""Where races run: a database of each kind in a data folder of its own, and `carematch serve` in front of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from app import checkpoint, sealed
from app.config import Settings
from app.context import open_context
from app.db import Database
from app.migrate import upgrade
from tests.support import postgres
from tests.support.keys import own_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START_SECONDS = 150
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Stage:
    """A migrated database with the data folder that its processes share."""

    kind: str
    data: Path
    url: str | None
    """None: the SQLite file of the data folder."""
    database: Database

    def environment(self) -> dict[str, str]:
        """Return what a process needs to work on this stage."""
        mine = {"DATA": str(self.data), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        if self.url is not None:
            mine["DATABASE_URL"] = self.url
        others = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PORT"}}
        return others | mine

    def take_over(self) -> None:
        """Let this process seal and sign as this stage's do: with two stages open, the last one's key is in use."""
        sealed.install_from(self.data, None)
        checkpoint.install(self.data)

    def open(self) -> Database:
        """Return a connection of this process's own (a forked child must not share its parent's)."""
        return Database.at(Settings(data=self.data, database_url=self.url).url, pool_size=4)


@contextlib.contextmanager
def stages(
    kinds: tuple[str, ...] = ("sqlite", "postgresql"), *, durable: bool = True
) -> Iterator[list[Stage]]:
    """Give a stage per kind of database; everything is taken away at the end."""
    with contextlib.ExitStack() as stack:
        made = []
        for kind in kinds:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carematch-race-")))
            url = None
            if kind == "postgresql":
                server = stack.enter_context(postgres.server(durable=durable))
                url = postgres.create_database(server, f"race_{secrets.token_hex(4)}")
            made.append(stack.enter_context(stage(kind, folder / "data", url)))
        yield made


@contextlib.contextmanager
def stage(
    kind: str, data: Path, url: str | None, fill: Callable[[Path], object] | None = None
) -> Iterator[Stage]:
    """Give one stage on an empty database; the field key of whoever calls is put back.

    Who has a migrated file at hand gives `fill`, which puts one where SQLite looks for it.
    """
    settings = Settings(data=data, database_url=url)
    with own_key():
        context = open_context(settings)
        try:
            if fill is not None:
                fill(Path(settings.url.removeprefix("sqlite:///")))
            upgrade(context.database.engine)
            yield Stage(kind, data, url, context.database)
        finally:
            context.database.dispose()


@dataclass
class Server:
    """A running service."""

    process: subprocess.Popen[str]
    port: int

    def kill(self) -> None:
        """End it at once, with its workers, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def serving(on: Stage, *, workers: int = 4, sabotage: str = "", port: int = 0) -> Iterator[Server]:
    """Give `carematch serve` on a stage; with a sabotage, the same service with one guard taken out."""
    server = start(on, workers=workers, sabotage=sabotage, port=port)
    try:
        yield server
    finally:
        stop(server)


def start(on: Stage, *, workers: int = 4, sabotage: str = "", port: int = 0) -> Server:
    """Start the service and return when it answers."""
    module = ["-m", "tests.concurrency.sabotage"] if sabotage else ["-m", "app"]
    environment = on.environment() | ({"CAREMATCH_SABOTAGE": sabotage} if sabotage else {})
    log = (on.data / "serve.log").open("a")
    process = subprocess.Popen(
        [sys.executable, *module, "serve", "--workers", str(workers), "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,  # so that its workers can be ended with it, and nobody else
    )
    log.close()
    assert process.stdout is not None
    line = process.stdout.readline()
    if "http://" not in line:
        stop(Server(process, 0))
        raise RuntimeError(f"the service did not start: {(on.data / 'serve.log').read_text()[-2000:]}")
    server = Server(process, int(line.rsplit(":", 1)[1]))
    until = time.monotonic() + START_SECONDS
    while not _answers(server.port):
        if time.monotonic() > until or process.poll() is not None:
            stop(server)
            raise RuntimeError(f"the service does not answer: {(on.data / 'serve.log').read_text()[-2000:]}")
        time.sleep(0.1)
    return server


def stop(server: Server) -> None:
    """Stop the service: gently, then at once."""
    if server.process.poll() is None:
        server.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(15)
    server.kill()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
