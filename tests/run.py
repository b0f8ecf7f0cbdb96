"""Runs the guards and all tests (`dev.py test`, `dev.py lint`); the last line of a test run is `N passed, N failed`."""

import json
import os
import signal
import sys
import time
from collections.abc import Sequence

from dev import BIN, WORK, run, stop_on_signal
from tests.support.browser import NoChromiumError, bring_chromium

TEST_SECONDS = 29 * 60
GUARDS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("import-linter", ["lint-imports"]),
)
# Tests that measure time or use the whole machine (`serial`) run after the others and alone.
ROUNDS = (
    # Tests of one group (a town and a service made once) stay with one worker.
    ["-m", "not serial", "-n", "2", "--dist", "loadgroup"],
    ["-m", "serial", "-n", "0"],
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
    results = []
    for name, (program, *options) in GUARDS:
        started = time.monotonic()
        passed = run([str(BIN / program), *options]) == 0
        print(f"{name}: {'passed' if passed else 'FAILED'} ({time.monotonic() - started:.0f} s)", flush=True)
        results.append(passed)
    return results


def test(rest: list[str]) -> int:
    """Run guards and tests on both databases; a guard counts as one test, a run without tests as a failure."""
    until = time.monotonic() + TEST_SECONDS
    try:
        environment = os.environ | {"CHROMIUM": str(bring_chromium())}
    except NoChromiumError as fault:
        print(f"{fault}\n0 passed, 1 failed", flush=True)
        return 1
    guards = run_guards()
    totals = {"passed": guards.count(True), "failed": guards.count(False), "skipped": 0}
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
    if not ran:
        print("no test ran", flush=True)
        totals["failed"] += 1
    skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    print(f"{totals['passed']} passed, {totals['failed']} failed{skipped}", flush=True)
    return int(totals["failed"] > 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        sys.exit(130)
