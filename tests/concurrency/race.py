"""`python -m tests.concurrency.race [--only R1,R3] [--on sqlite]`: the races at full size on both databases.

Prints a line per bar while running and exits 0 only if nothing was violated and every control went red.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.concurrency import r1, r2, r3, r4, r5
from tests.concurrency.outcome import HEADER, Outcome
from tests.concurrency.stage import Stage, stages

KINDS = ("sqlite", "postgresql")
P99_MS = {"sqlite": 1000, "postgresql": 400}
"""The bar for POST /api/bookings with 16 clients and 4 workers on two cores that do nothing else."""


@dataclass(frozen=True)
class Bar:
    """One bar: the race at a share of its full size, and its twin with the guard out."""

    race: Callable[[Stage, float], Outcome]
    control: Callable[[Stage], Outcome] | None = None


BARS: dict[str, Bar] = {
    "R1": Bar(
        lambda on, size: r1.run(on, attempts=int(10_000 * size)),
        lambda on: r1.run(on, attempts=400, places=4, sabotage="unguarded", workers=2),
    ),
    "R2": Bar(
        lambda on, size: r2.run(on, attempts=int(1_600 * size)),
        lambda on: r2.run(on, attempts=480, sabotage="unguarded_move", workers=2),
    ),
    "R3": Bar(
        lambda on, size: r3.run(on, rounds=int(1_000 * size)),
        lambda on: r3.run(on, rounds=20, is_control=True),
    ),
    "R4": Bar(
        lambda on, size: r4.run(on, rounds_each=max(1, int(15 * size)), rounds_mixed=int(60 * size)),
        lambda on: r4.run(on, rounds_each=2, rounds_mixed=0, is_control=True),
    ),
    "R5": Bar(
        lambda on, size: r5.run(on, requests=int(5_000 * size), kills=2),
        lambda on: r5.run(on, requests=160, kills=0, sabotage="key_outside", workers=2),
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Run the bars that are asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.concurrency.race", description=__doc__)
    parser.add_argument("--only", default=",".join([*BARS, "R6"]), help="bars, as R1,R3")
    parser.add_argument("--on", default=",".join(KINDS), help="databases, as sqlite")
    parser.add_argument("--size", type=float, default=1.0, help="share of the full size, for a quick look")
    given = parser.parse_args(arguments)
    names, kinds = given.only.split(","), tuple(given.on.split(","))
    unknown = [name for name in names if name not in {*BARS, "R6"}] + [k for k in kinds if k not in KINDS]
    if unknown or not 0 < given.size <= 1:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else "--size lies between 0 and 1")
    began = time.monotonic()
    print(HEADER, flush=True)
    outcomes: list[Outcome] = []
    with stages(kinds) as made:
        for name in names:
            if name == "R6":
                outcomes.append(report(_run_machine(given.size)))
                continue
            for on in made:
                on.take_over()
                outcomes.append(report(BARS[name].race(on, given.size)))
    for name in names:
        control = BARS[name].control if name in BARS else None
        if control is not None:
            with stages(kinds, durable=False) as made:  # on a record of its own: it leaves faults behind
                for on in made:
                    on.take_over()
                    outcomes.append(report(control(on)))
    return sum_up(outcomes, time.monotonic() - began)


def report(out: Outcome) -> Outcome:
    print(out.line(), flush=True)
    if not out.is_good:
        for fault in out.violations[:10]:
            print(f"    {fault}", flush=True)
    if out.bar == "R1" and not out.is_control and out.percentile(0.99) > P99_MS[out.database]:
        print(f"    p99 is above {P99_MS[out.database]} ms: is the machine busy?", flush=True)
    return out


def _run_machine(size: float) -> Outcome:
    """R6: random acts against a plain model, and hand-made mutants that it has to kill; pytest runs it."""
    out = Outcome("R6", "both")
    began = time.monotonic()
    # The mutants are of the program's own code, the same on both databases: SQLite finds them faster.
    chosen = ["-n", "2", "-k", "sqlite or plain_model or enough", "tests/concurrency/test_machine.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *chosen]
    environment = os.environ | {"CAREMATCH_MACHINE_EXAMPLES": str(max(5, int(25 * size)))}
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True, check=False
    )
    out.seconds = time.monotonic() - began
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "pytest said nothing"
    out.successes = out.attempts = int(last.split()[0]) if last.split()[0].isdigit() else 0
    out.expect(done.returncode == 0, f"{last}\n{done.stdout[-1500:]}")
    return out


def sum_up(outcomes: list[Outcome], seconds: float) -> int:
    violated = [out for out in outcomes if not out.is_control and out.violations]
    green = [out for out in outcomes if out.is_control and not out.violations]
    controls = sum(out.is_control for out in outcomes)
    print(
        f"{sum(len(out.violations) for out in violated)} violations in {len(outcomes) - controls} races; "
        f"{controls - len(green)} of {controls} controls red; {seconds:.0f} s",
        flush=True,
    )
    return int(bool(violated or green))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
