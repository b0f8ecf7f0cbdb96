"""`python -m tests.concurrency.crash [--only R7,N1] [--on sqlite]`: kills and failures at full size on both databases.

Prints a line per bar while running and exits 0 only if nothing was violated and every control went red.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.sample.commands import SMALL_SCALE
from tests.concurrency import n_meanwhile, n_plans, n_runs, r7
from tests.concurrency.clients import FORK
from tests.concurrency.nights import fill, finish, start_night
from tests.concurrency.outcome import HEADER, Outcome
from tests.concurrency.race import KINDS, report, sum_up
from tests.concurrency.stage import Stage, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Bar:
    """One bar at a share of its full size; `needs_night` runs on a town with a published plan.

    `alone`: it takes both cores or looks at the time, so the two databases take turns.
    """

    run: Callable[[Stage, float], Outcome]
    needs_night: bool = True
    control: Callable[[Stage], Outcome] | None = None
    alone: bool = False


BARS: dict[str, Bar] = {
    "R7": Bar(
        lambda on, size: r7.run(on, kills=max(3, int(100 * size))),
        needs_night=False,
        control=r7.run_control,
        alone=True,
    ),
    "N1": Bar(lambda on, size: n_runs.run_n1(on, kills=max(1, int(50 * size))), needs_night=False),
    "N2": Bar(lambda on, _size: n_runs.run_n2(on), alone=True),
    "N3": Bar(lambda on, _size: n_runs.run_n3(on), control=lambda on: n_runs.run_n3(on, is_control=True)),
    "N4": Bar(lambda on, size: n_meanwhile.run_n4(on, acts=max(40, int(1_000 * size)))),
    "N5": Bar(lambda on, size: n_meanwhile.run_n5(on, placements=max(500, int(20_000 * size))), alone=True),
    "N6": Bar(lambda on, _size: n_plans.run_n6(on)),
    "N7": Bar(lambda on, _size: n_plans.run_n7(on), needs_night=False),
    "N8": Bar(lambda on, _size: n_plans.run_n8(on)),
}
"""R7's kills are shared between the two databases: 200 in all."""


def main(arguments: Sequence[str]) -> int:
    """Run the bars that are asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.concurrency.crash", description=__doc__)
    parser.add_argument("--only", default=",".join(BARS), help="bars, as R7,N1")
    parser.add_argument("--on", default=",".join(KINDS), help="databases, as sqlite")
    parser.add_argument("--size", type=float, default=1.0, help="share of the full size, for a quick look")
    given = parser.parse_args(arguments)
    names, kinds = given.only.split(","), tuple(given.on.split(","))
    unknown = [name for name in names if name not in BARS] + [kind for kind in kinds if kind not in KINDS]
    if unknown or not 0 < given.size <= 1:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else "--size lies between 0 and 1")
    began = time.monotonic()
    print(HEADER, flush=True)
    outcomes: list[Outcome] = []
    for name in names:
        together = 1 if BARS[name].alone else len(kinds)
        with ProcessPoolExecutor(together, mp_context=FORK) as pool:
            doing = [pool.submit(_run_on, name, kind, given.size) for kind in kinds]
            for done in as_completed(doing):
                outcomes += [report(out) for out in done.result()]
    return sum_up(outcomes, time.monotonic() - began)


def _run_on(name: str, kind: str, size: float) -> list[Outcome]:
    """Run a bar and its control, each on a record of its own: none stands on another's faults."""
    bar = BARS[name]
    ways: list[tuple[bool, Callable[[Stage], Outcome]]] = [(True, lambda on: bar.run(on, size))]
    if bar.control is not None:
        ways.append((False, bar.control))
    outcomes = []
    for durable, way in ways:
        with stages((kind,), durable=durable) as (on,):
            on.take_over()
            if bar.needs_night:
                spend_a_night(on)
            outcomes.append(way(on))
    return outcomes


def spend_a_night(on: Stage, scale: float = SMALL_SCALE) -> None:
    """Fill a stage with the town, a small one where nothing is said, and publish its first plan."""
    fill(on, scale)
    code, said = finish(on, start_night(on))
    if code != 0:
        raise RuntimeError(f"the first night on {on.kind} ended with {code}: {said[-500:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
