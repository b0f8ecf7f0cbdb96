"""`carematch serve`: migrate, bind, say where, run the workers."""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass
from typing import Final

import uvicorn

from app import migrate
from app.calendars.reference import load_reference
from app.config import Settings, get_settings, hand_down
from app.context import Context, open_context
from app.operations.errors import PortTaken
from app.operations.rotation import check_key_fits
from app.operations.workers import make_supervisor

_CONNECTIONS: Final = 80
"""What all workers together may open: a PostgreSQL server allows 100 unless somebody changed it."""
_BACKLOG: Final = 2048


@dataclass(frozen=True)
class Serving:
    """Where and how to serve."""

    host: str
    port: int
    workers: int


def prepare(context: Context) -> None:
    """Bring the database to this program's revision and add missing reference data. Raises `KeyDoesNotFit`."""
    migrate.upgrade(context.database.engine)
    with context.database.reading() as session:
        check_key_fits(session)
    context.database.write(load_reference)


def serve(wanted: Serving) -> None:
    """Serve until stopped. Raises `PortTaken`."""
    settings = get_settings()
    context = open_context(settings)
    prepare(context)
    context.database.dispose()
    metrics_folder = settings.data / "metrics"
    shutil.rmtree(metrics_folder, ignore_errors=True)  # counts of an earlier `serve`
    metrics_folder.mkdir(parents=True)
    threads = count_threads(settings, wanted.workers)
    hand_down(settings, threads=threads, metrics_folder=metrics_folder)
    bound = _bind(wanted.host, wanted.port)
    config = uvicorn.Config(
        "app.main:create_app",
        factory=True,
        workers=wanted.workers,
        log_level="warning",
        access_log=False,  # addresses would carry ids and names; our own line has the route only
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
        # The night uses both cores; a worker that answers late is not a dead one.
        timeout_worker_healthcheck=60,
        backlog=_BACKLOG,
    )
    print(f"CareMatch: http://{wanted.host}:{bound.getsockname()[1]}", flush=True)
    if wanted.workers > 1:
        make_supervisor(config, [bound]).run()
    else:
        uvicorn.Server(config).run(sockets=[bound])


def count_threads(settings: Settings, workers: int) -> int:
    """Return the threads of one worker, so that all pools together stay within what a server allows."""
    return max(4, min(settings.threads, _CONNECTIONS // workers))


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol has to be named: an event loop sends small replies at once only on sockets that say they are TCP;
    # on others each reply waits some 40 ms for the client's acknowledgement.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as fault:
        raise PortTaken(host=host, port=port, why=fault.strerror) from fault
    bound.listen(_BACKLOG)  # from here on a client waits instead of being refused
    bound.set_inheritable(True)
    return bound
