"""``python -m tests.benchmarks [--only TEXT] [--quick]``: measures, prints the table and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.instances import TOWNS, again
from tests.benchmarks.table import write_row, write_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
GRACE_SECONDS = 180  # drawing, imports and writing beside the limit itself

# (instance, runner, limit in seconds); --quick takes the rows marked True
PLAN = [
    ("night-500-several", "this solver", 10, True),
    ("night-500-several", "HiGHS MIP", 10, True),
    ("night-500-several", "this solver, exactly", 10, True),
    *(
        (name, runner, 60, False)
        for name in ("night-500-six-sites", *again("night-500-six-sites"))
        for runner in ("this solver", "HiGHS MIP", "this solver, exactly")
    ),
    *((name, "this solver, exactly", 60, False) for name in ("night-500-levels", *again("night-500-levels"))),
    *(
        (name, runner, 60, False)
        for name in ("night-2000-several", "night-10000-several", "night-30000-several")
        for runner in ("this solver", "HiGHS MIP")
    ),
    ("night-2000", "this solver", 60, True),
    ("night-2000", "HiGHS LP", 60, True),
    ("night-2000", "HiGHS MIP", 60, True),
    ("night-2000", "SciPy milp", 60, False),
    ("night-2000", "CP-SAT, whole model", 40, False),
    ("night-10000", "this solver", 60, False),
    ("night-10000", "HiGHS LP", 60, False),
    ("night-10000", "HiGHS MIP", 120, False),
    ("night-10000", "this solver, exactly", 60, False),
    ("night-10000", "CP-SAT, whole model", 40, False),
    ("night-30000", "this solver", 60, False),
    ("night-30000", "HiGHS LP", 120, False),
    ("night-30000", "this solver, exactly", 60, False),
    ("night-30000-loose", "this solver", 60, False),
    ("night-30000-loose", "HiGHS LP", 120, False),
    ("night-2000-any-days", "this solver", 60, True),
    ("night-2000-any-days", "HiGHS LP", 60, True),
    ("night-2000-any-days", "HiGHS MIP", 60, True),
    ("night-30000-any-days", "this solver", 60, False),
    ("night-30000-any-days", "HiGHS LP", 120, False),
    ("night-30000-any-days", "HiGHS MIP", 60, False),
    ("night-10000-people", "this solver", 60, False),
    ("night-10000-people", "HiGHS LP", 60, False),
    ("night-10000-people", "HiGHS MIP", 60, False),
    ("night-30000-people", "this solver", 60, False),
    ("night-30000-people", "HiGHS LP", 120, False),
    ("night-30000-nearest", "this solver", 60, False),
    ("night-30000-nearest", "HiGHS LP", 120, False),
    ("night-30000-any-days-levels", "this solver, all levels", 60, False),
    ("night-30000-levels", "this solver, all levels", 120, False),
    *((name, "this solver, all levels", 120, False) for name in again("night-30000-levels")),
    *((name, "this solver, exactly", 60, False) for name in TOWNS),
    ("night-2000-levels", "this solver, all levels", 60, True),
    ("night-1000000", "this solver, arrays", 600, False),
    ("night-30000", "this solver, 1 % changed", 60, False),
    *((name, "this solver, 1 % changed", 60, False) for name in again("night-30000")),
    ("night-2000", "this solver, 1 % changed", 60, True),
    ("night-30000-levels", "this solver, 1 % changed", 120, False),
    ("night-30000", "adviser's question", 60, False),
    ("night-2000", "adviser's question", 60, True),
    ("round-605x33", "this solver, stable", 60, True),
    ("round-605x33", "CP-SAT, joint choices", 60, True),
    ("round-605x33-lots", "this solver, stable", 60, True),
    ("round-605x33-lots", "CP-SAT, joint choices", 60, True),
    ("round-1589x86", "this solver, stable", 60, True),
    ("round-1589x86", "CP-SAT, joint choices", 60, False),
    ("round-8000x311", "this solver, stable", 60, False),
    ("round-8000x311", "CP-SAT, joint choices", 60, False),
    ("round-2000-singles", "this solver, stable", 60, True),
    ("round-2000-singles", "matching (Gale-Shapley)", 60, True),
    ("unit-2000x40", "this solver", 60, True),
    ("unit-2000x40", "HiGHS MIP", 60, True),
    ("unit-10000x200", "this solver", 60, False),
    ("unit-10000x200", "HiGHS LP", 60, False),
    ("unit-10000x200", "HiGHS MIP", 30, False),
    ("unit-100000x600", "this solver", 60, False),
    ("unit-100000x600", "HiGHS LP", 120, False),
    ("gap-D-100x10", "this solver", 60, False),
    ("gap-D-100x10", "HiGHS MIP", 60, False),
    ("gap-D-200x20", "this solver", 60, False),
    ("gap-D-200x20", "HiGHS MIP", 60, False),
    ("gap-D-200x20", "CP-SAT, whole model", 60, False),
    ("gap-E-200x20", "this solver", 60, False),
    ("gap-E-200x20", "HiGHS MIP", 60, False),
    # The longest come last: a run ended early has all the rest.
    ("night-30000", "HiGHS MIP", 300, False),
]


def measure(runner, instance, limit):
    """One process; a crash or an overrun is a row, not the end of the run."""
    command = [sys.executable, "-m", "tests.benchmarks.worker", runner, instance, str(limit)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=limit * 3 + GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"killed {limit * 3 + GRACE_SECONDS} s after its start"}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        return {"error": last[0][:160].replace("|", "/")}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument(
        "--only", default="", help="rows whose instance or runner contains this text; writes no page"
    )
    parser.add_argument(
        "--quick", action="store_true", help="the small rows, under three minutes; writes no page"
    )
    parser.add_argument(
        "--desks", action="store_true", help="the desks' waiting times instead: docs/desk-speed.md"
    )
    parser.add_argument("--calls", type=int, default=1000, help="with --desks: calls of each kind")
    parser.add_argument("--scale", type=float, default=2.5, help="with --desks: size of the town")
    parser.add_argument(
        "--on", choices=("sqlite", "postgresql"), action="append", help="with --desks: one database"
    )
    args = parser.parse_args(arguments)
    if args.desks:
        from tests.benchmarks import desks

        return desks.main(args.calls, args.scale, args.on or ("sqlite", "postgresql"))
    load = os.getloadavg()[0]
    rows = []
    for instance, runner, limit, quick in PLAN:
        if (args.quick and not quick) or args.only not in f"{instance} {runner}":
            continue
        rows.append({"instance": instance, "runner": runner, "load": os.getloadavg()[0]})
        rows[-1]["result"] = measure(runner, instance, limit)
        print(write_row(rows[-1], rows), flush=True)
        if (
            not args.only and not args.quick
        ):  # after each row: a run that is ended early leaves what it measured
            PAGE.write_text(write_table(rows, "python -m tests.benchmarks", load), encoding="utf-8")
    print(write_table(rows, "python -m tests.benchmarks" + (" --quick" if args.quick else ""), load))
    return 0


if __name__ == "__main__":
    sys.exit(main())
