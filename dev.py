"""Everything a developer or a first-time user runs; standard library only, so that it works before anything is installed.

`python3 dev.py COMMAND` makes `.venv` from the lock files where it is missing, half made or stale, then does:

    setup   nothing more              demo   sample, tonight's matching, pages on 127.0.0.1 (PORT=, DATA=)
    test    the guards and all tests  lint   the guards only (--fix repairs what it can)
    bench   benchmarks                race   races for the last place      crash  kills at random moments
    shots   pictures of the screens   lock   write the lock files anew (needs uv)
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "CareMatch needs Python 3.11 or later; this is %d.%d. Try: python3.11 dev.py" % sys.version_info[:2]
    )

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
MARKER = VENV / "carematch-environment.json"
WORK = ROOT / ".dev"  # logs and counts of this file's own; never needed for the next run
LOCKS = {"demo": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
DATA_MARK = ".carematch-data"
MODULES = {
    "test": ["tests.run", "test"],
    "lint": ["tests.run", "lint"],
    "bench": ["tests.benchmarks"],
    "race": ["tests.concurrency.race"],
    "crash": ["tests.concurrency.crash"],
    "shots": ["tests.browser.shots"],
}


class DevError(Exception):
    """Ends the command with one sentence and an exit code; `code` 2 is bad use, 1 a failure."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    os.chdir(ROOT)
    keep_bytecode()
    if command in {"", "-h", "--help", "help"}:
        print(__doc__)
        return 0 if command else 2
    if command == "demo":
        return demo(rest)
    if command in MODULES:
        set_up("dev")
        return hand_over([str(PYTHON), "-m", *MODULES[command], *rest], dict(os.environ))
    if command in {"setup", "lock"} and not rest:
        return lock() if command == "lock" else set_up("demo")
    words = " ".join([command, *rest])
    raise DevError(f"dev.py does not know '{words}'; it knows setup, demo, {', '.join(MODULES)}, lock", 2)


def keep_bytecode() -> None:
    """Keep compiled modules in `.dev`, whatever Python was told outside.

    A run starts hundreds of processes; without this each of them may compile every library anew, for seconds.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(WORK / "bytecode"))


# --- the environment ---------------------------------------------------------------------------------------------


def set_up(kind: str) -> int:
    """Make `.venv` hold exactly what the lock of `kind` ("demo" or "dev") names, and the project itself.

    The marker is taken away before anything changes and written last: an environment without it is half made and is
    built anew. The development lock holds everything of the demo's, so one marked for both serves both.
    """
    with alone():
        marker = read_marker()
        wanted = {name: digest(LOCKS[name]) for name in (["demo"] if kind == "demo" else ["demo", "dev"])}
        project = digest(ROOT / "pyproject.toml")
        if marker and marker["project"] == project and wanted.items() <= marker["locks"].items():
            return 0
        started = time.monotonic()
        MARKER.unlink(missing_ok=True)
        uv = shutil.which("uv")
        if marker and not uv and not any(BIN.glob("pip*")):
            marker = None  # uv made it without pip, and uv has gone
        if not marker:
            make_empty(uv)
        if not marker or not wanted.items() <= marker["locks"].items():
            lock_file = LOCKS[kind]
            count = sum(1 for line in lock_file.read_text(encoding="utf-8").splitlines() if "==" in line[:80])
            print(f"Installing up to {count} locked packages into .venv (a minute or two) ...", flush=True)
            # Wheels only: nobody is asked for a C compiler. The compiling of modules is left to their first use.
            install(uv, ["--require-hashes", "--only-binary=:all:", "-r", str(lock_file)])
        install(uv, ["--no-deps", "--no-build-isolation", "-e", str(ROOT)])
        kept = {
            name: was
            for name, was in (marker or {"locks": {}})["locks"].items()
            if was == digest(LOCKS[name])
        }
        marker = {"python": python_identity(), "locks": kept | wanted, "project": project}
        unfinished = MARKER.with_suffix(".new")
        unfinished.write_text(json.dumps(marker, indent=1), encoding="utf-8")
        unfinished.replace(MARKER)
        print(f"The environment is ready ({time.monotonic() - started:.0f} s).", flush=True)
    return 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the set-up lock: two commands at once do not install into one environment.

    The installers inherit it, so that one whose starter was killed is waited for.
    """
    try:
        WORK.mkdir(exist_ok=True)
        opened = (WORK / "setup.lock").open("a")
    except OSError as fault:
        raise DevError(
            f"{ROOT} cannot be written ({fault.strerror}), and .venv belongs there; copy the project to a folder of yours",
            2,
        ) from fault
    with opened as handle:
        os.set_inheritable(handle.fileno(), os.name != "nt")
        if os.name != "nt":
            import fcntl  # noqa: PLC0415 - absent on Windows

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print("Another set-up is running; waiting for it ...", flush=True)
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_marker() -> dict[str, Any] | None:
    """Return what the environment was made of; None where it is missing, half made or of another Python."""
    try:
        marker: dict[str, Any] = json.loads(MARKER.read_text(encoding="utf-8"))
        sound = (
            marker["python"] == python_identity()
            and PYTHON.exists()
            and {"locks", "project"} <= marker.keys()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return marker if sound else None


def python_identity() -> str:
    """Return version and place of the interpreter, and the place of the environment: none of them can be changed."""
    return f"{sys.version.split()[0]} {Path(sys.base_prefix).resolve()} {VENV}"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file of the project."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise DevError(
            f"{path.name} cannot be read ({fault.strerror}); take a fresh copy of the project"
        ) from fault


def make_empty(uv: str | None) -> None:
    """Replace `.venv` by an empty environment."""
    if VENV.is_symlink():
        raise DevError(".venv is a link to another place; remove the link and run again", 2)
    if VENV.exists():
        print("The environment is half made or of another Python: making it anew.", flush=True)
        shutil.rmtree(VENV)
    if uv:
        quietly([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)], "uv could not make .venv")
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian splits it off
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        raise DevError(
            f"this Python has no venv with pip; on Debian: apt-get install python{version}-venv"
        ) from None
    quietly([sys.executable, "-m", "venv", str(VENV)], "Python could not make .venv")


def install(uv: str | None, arguments: list[str]) -> None:
    """Install with uv where there is one, else with the environment's own pip."""
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), *arguments]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        command += ["--no-compile", "--retries=2", "--root-user-action=ignore", *arguments]
    quietly(command, "the packages could not be installed")


def quietly(command: Sequence[str], failure: str) -> None:
    """Run a command with its words in `.dev/setup.log`; raise `DevError` with a cause a person can act on."""
    log = WORK / "setup.log"
    with log.open("w", encoding="utf-8") as out:
        code = run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, close_fds=False)
    if code:
        raise DevError(f"{failure}: {explain(log.read_text(encoding='utf-8', errors='replace'))}")


def explain(said: str) -> str:
    """Return the cause of a failed installation in one line."""
    known = {
        "there is no network, or the package registry cannot be reached": (
            "NewConnectionError", "Name or service not known", "Temporary failure in name resolution", "dns error",
            "Connection refused", "Failed to fetch", "Max retries exceeded", "ProxyError", "Read timed out",
        ),
        "the disk is full": ("No space left on device",),
        "a package is not the one that was locked (hashes differ)": ("DO NOT MATCH THE HASHES", "Hash mismatch"),
        "a locked package has no wheel for this Python and machine": ("No matching distribution", "no wheels"),
        "the folder may not be written": ("Permission denied",),
    }  # fmt: skip
    for cause, signs in known.items():
        if any(sign in said for sign in signs):
            return f"{cause} (details: .dev/setup.log)"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"{lines[-1] if lines else 'no reason given'} (details: .dev/setup.log)"


def lock() -> int:
    """Write both lock files anew; no address of a registry gets into them."""
    uv = shutil.which("uv")
    if not uv:
        raise DevError("writing the lock files needs uv on the path", 2)
    head = ["uv", "pip", "compile", "pyproject.toml", "--extra", "build"]
    tail = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "-q", "-o"]
    code = run([*head, *tail, "requirements.lock"])
    return code or run([*head, "--extra", "dev", "-c", "requirements.lock", *tail, "requirements-dev.lock"])


# --- the demo ----------------------------------------------------------------------------------------------------


def demo(rest: list[str]) -> int:
    """Check port and folder before anything is made, then hand over to the program."""
    port = check_port(os.environ.get("PORT", "8000"))
    data = take_data_folder(Path(os.environ.get("DATA") or ROOT / "data"))
    set_up("demo")
    return hand_over(
        [str(BIN / "carematch"), "demo", *rest], os.environ | {"PORT": str(port), "DATA": str(data)}
    )


def check_port(text: str) -> int:
    """Return the port if it is one and nobody listens on it."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise DevError(f"PORT={text} is not a port; give a number from 1 to 65535", 2)
    port = int(text)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise DevError(
                f"port {port} needs more rights; choose another: PORT=8001 python3 dev.py demo", 2
            ) from None
        except OSError:
            other = port + 1 if port < 65535 else 8001
            raise DevError(
                f"port {port} is in use; choose another: PORT={other} python3 dev.py demo", 2
            ) from None
    return port


def take_data_folder(path: Path) -> Path:
    """Return the data folder, marked as this program's; a folder of anyone else's is never touched."""
    path = path.expanduser().absolute()
    try:
        if path.exists() and not path.is_dir():
            raise DevError(f"DATA={path} is not a folder; choose a new or an empty one", 2)
        if path.exists() and not (path / DATA_MARK).exists() and not is_empty(path):
            raise DevError(
                f"DATA={path} holds files that CareMatch did not make; choose a new or an empty folder", 2
            )
        path.mkdir(parents=True, exist_ok=True)
        if not (path / DATA_MARK).exists():
            path.chmod(0o700)  # what it will hold is for its owner only
            (path / DATA_MARK).write_text(
                "CareMatch made this folder and may change what is in it.\n", encoding="utf-8"
            )
    except OSError as fault:
        raise DevError(f"DATA={path} cannot be used: {fault.strerror}; choose another folder", 2) from fault
    return path


def is_empty(folder: Path) -> bool:
    """Return whether a folder holds nothing; what a fresh file system puts into its top is nobody's."""
    return all(entry.name == "lost+found" for entry in folder.iterdir())


# --- running things ----------------------------------------------------------------------------------------------


class Terminated(KeyboardInterrupt):
    """SIGTERM, treated as Ctrl-C; unlike Ctrl-C it has not reached the children."""


def run(command: Sequence[str], *, until: float | None = None, **how: Any) -> int:
    """Run a command to its end and return its exit code; when stopped, or past `until`, end it first."""
    check_program(command[0])
    process = subprocess.Popen(list(command), **how)
    try:
        return process.wait(None if until is None else max(1.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        print("past its time limit; stopped", flush=True)
        end(process, told=False)
        return 124
    except BaseException as reason:
        end(process, told=type(reason) is KeyboardInterrupt)
        raise


def end(process: "subprocess.Popen[bytes]", *, told: bool) -> None:
    """Ask a child to end if the terminal has not already, give it time to tidy up, then insist."""
    asks = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)]
    for ask in ([None] if told else []) + asks[int(told) :]:
        if process.poll() is None:
            if ask is not None:
                process.send_signal(ask)
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                process.wait(15)


def hand_over(command: Sequence[str], environment: dict[str, str]) -> int:
    """Become the command, so that signals and the exit code are its own."""
    check_program(command[0])
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(command[0], list(command), environment)
    return run(command, env=environment)


def check_program(name: str) -> None:
    """Refuse a program that has gone from the environment since it was made."""
    if not Path(name).exists() and not shutil.which(name):
        raise DevError(f"{Path(name).name} is missing from .venv; remove the folder .venv and run again")


def stop_on_signal(number: int, _frame: object) -> NoReturn:
    """Turn SIGTERM into an exception, so that children are stopped and `finally` runs."""
    signal.signal(number, signal.SIG_IGN)
    raise Terminated


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        sys.exit(main(sys.argv[1:]))
    except DevError as stop:
        print(f"dev.py: {stop}", file=sys.stderr)
        sys.exit(stop.code)
    except OSError as fault:
        print(f"dev.py: {fault.strerror}: {fault.filename or 'no file named'}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\ndev.py: stopped; the next run repairs what is half done", file=sys.stderr)
        sys.exit(130)
