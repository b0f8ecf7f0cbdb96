"""Runs the guards and all tests (`dev.py test`, `dev.py lint`); the last line of a test run is `N passed, N failed`."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dev import BIN, WORK, check_program, end, run, stop_on_signal
from tests.support.browser import NoChromiumError, bring_chromium
from tests.support.scratch import scratch

TEST_SECONDS = 29 * 60
GUARDS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("import-linter", ["lint-imports"]),
)
# Tests that start services of several processes and kill them (`serial`) run after the others. Two at a time: a service
# that starts keeps one core busy, and who waits for it the other one idle.
ROUNDS = (
    # Who runs which tests: tests/support/shares.py. Three, for two cores: a good part of them wait for a process or a page.
    ["-m", "not serial", "-n", "3", "--dist", "loadscope", "--no-loadscope-reorder"],
    ["-m", "serial", "-n", "2", "--dist", "loadscope"],
)
NO_TESTS_COLLECTED = 5


def main(arguments: Sequence[str]) -> int:
    """Run `test [pytest's arguments]` or `lint [--fix]` and return the exit code."""
    command, *rest = arguments
    if command == "test":
        return test(rest)
    if rest not in ([], ["--fix"]):
        print("lint takes --fix and nothing else", file=sys.stderr)
        return 2
    if rest:
        run([str(BIN / "ruff"), "check", "--fix", "--quiet", "."])
        run([str(BIN / "ruff"), "format", "--quiet", "."])
    return int(not all(run_guards()))


def run_guards() -> list[bool]:
    """Run every guard, say how each went, and return whether each passed."""
    with guards_beside() as finish:
        return finish()


@contextlib.contextmanager
def guards_beside() -> Iterator[Callable[[], list[bool]]]:
    """Run the guards while something else goes on; what is given waits for them, says how each went, whether each passed.

    What a guard says is kept until then, so that it stays in one piece.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as open_:
        running = []
        for name, (program, *options) in GUARDS:
            check_program(str(BIN / program))
            said = open_.enter_context((Path(folder) / program).open("w+b"))
            process = subprocess.Popen([str(BIN / program), *options], stdout=said, stderr=subprocess.STDOUT)
            open_.callback(end, process, told=False)
            running.append((name, process, said))

        def finish() -> list[bool]:
            results = []
            for name, process, said in running:
                passed = process.wait() == 0
                said.seek(0)
                print(said.read().decode(errors="replace").rstrip())
                print(f"{name}: {'passed' if passed else 'FAILED'}", flush=True)
                results.append(passed)
            return results

        yield finish


def test(rest: list[str]) -> int:
    """Run guards and tests on both databases; a guard counts as one test, a run without tests as a failure."""
    until = time.monotonic() + TEST_SECONDS
    try:
        environment = os.environ | {"CHROMIUM": str(bring_chromium())}
    except NoChromiumError as fault:
        print(f"{fault}\n0 passed, 1 failed", flush=True)
        return 1
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    with scratch() as folder, guards_beside() as finish_guards:
        ran = run_rounds(rest, environment | {"TMPDIR": str(folder)}, totals, until, finish_guards)
    if not ran:
        print("no test ran", flush=True)
        totals["failed"] += 1
    skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    print(f"{totals['passed']} passed, {totals['failed']} failed{skipped}", flush=True)
    return int(totals["failed"] > 0)


def run_rounds(
    rest: list[str],
    environment: dict[str, str],
    totals: dict[str, int],
    until: float,
    finish_guards: Callable[[], list[bool]],
) -> int:
    """Run pytest round by round, add what it and the guards counted to ``totals``, and return how many tests ran."""
    ran = 0
    for number, options in enumerate(ROUNDS):
        counts = WORK / f"counts-{number}.json"
        counts.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", *options, *rest]
        code = run(command, env=environment | {"CAREMATCH_TEST_COUNTS": str(counts)}, until=until)
        found = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else {}
        for name in totals:
            totals[name] += found.get(name, 0)
        ran += found.get("passed", 0) + found.get("failed", 0)
        if code not in {0, NO_TESTS_COLLECTED} and not found.get("failed"):
            print(f"pytest ended with code {code} and counted no failure", flush=True)
            totals["failed"] += 1
        if number == 0:  # the second round starts services on both cores
            guards = finish_guards()
            totals["passed"] += guards.count(True)
            totals["failed"] += guards.count(False)
    return ran


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        sys.exit(130)
