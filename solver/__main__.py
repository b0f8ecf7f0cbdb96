"""``python -m solver``: the command line of the contract (docs/solver.md). Exit codes: 0, 1, 2 bad input, 3 own fault."""

from __future__ import annotations

import argparse
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: a parent that forks must have no threads

from solver.commands import run_command
from solver.params import LARGEST_SEED

LONGEST_START = 120.0  # seconds; what lies above is another clock (a container's), not a slow start
ENDLESS = 1e9  # seconds, thirty years; a gap as large allows anything


def make_parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(
        prog="python -m solver", description="Decide who gets which place, and say why."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    solve = commands.add_parser("solve", help="decide a night")
    solve.add_argument("problem")
    solve.add_argument("--out", required=True, help="where the plan goes; - is standard output")
    solve.add_argument("--mode", choices=("welfare", "stable"), default="welfare")
    solve.add_argument("--time-limit", type=seconds, default=60.0, metavar="S")
    solve.add_argument("--gap", type=share, default=0.0, metavar="G")
    solve.add_argument("--seed", type=whole, default=0, metavar="N")
    solve.add_argument("--start", metavar="PLAN", help="an earlier plan with its prices")
    solve.add_argument("--memory-limit", type=positive, metavar="MIB")
    solve.add_argument("--progress", action="store_true", help="one JSON object a line on standard error")
    check = commands.add_parser("check", help="judge a plan")
    check.add_argument("problem")
    check.add_argument("plan")
    explain = commands.add_parser("explain", help="say why a request got what it got")
    explain.add_argument("problem")
    explain.add_argument("plan")
    explain.add_argument("request")
    worth = commands.add_parser("worth", help="what one more unit of a resource is worth, by solving again")
    worth.add_argument("problem")
    worth.add_argument("plan")
    worth.add_argument("resource", nargs="*", help="default: the ten with the highest prices")
    shopping = commands.add_parser(
        "shopping", help="the best increments within a budget, verified by solving"
    )
    shopping.add_argument("problem")
    shopping.add_argument("plan")
    shopping.add_argument("increments", help='JSON: [{"id": "a", "adds": {"s1/tue": 1}, "cost": 1}, ...]')
    shopping.add_argument("--budget", type=positive, required=True, metavar="B")
    for each in (worth, shopping):
        each.add_argument("--time-limit", type=seconds, default=60.0, metavar="S", help="of each solve")
        each.add_argument("--gap", type=share, default=0.0, metavar="G")
    return parser


def find_begin() -> float:
    """When this process began, on the monotonic clock: the time limit counts from there, loading Python included."""
    least = time.process_time()
    try:
        with open("/proc/self/stat", encoding="utf-8") as file:  # noqa: PTH123 - a system's table, read once
            ticks = int(file.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, IndexError, ValueError):
        age = least  # no such table: at least what the processor spent
    return time.monotonic() - (age if least <= age < LONGEST_START else least)


def seconds(text: str) -> float:
    """Parse a number of seconds > 0; what is endless to a person is cut to what libraries take."""
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return min(value, ENDLESS)


def share(text: str) -> float:
    """Parse a gap >= 0."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return min(value, ENDLESS)


def whole(text: str) -> int:
    """Parse a seed."""
    value = int(text)
    if abs(value) > LARGEST_SEED:
        raise argparse.ArgumentTypeError("must be within +-2^53")
    return value


def positive(text: str) -> int:
    """Parse a whole number > 0."""
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; the time limit counts from this process, or call, on."""
    began = find_begin() if arguments is None else time.monotonic()
    return run_command(make_parser().parse_args(arguments), began)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(
        code
    )  # everything is written; taking a large night apart object by object takes longer than a signal may
