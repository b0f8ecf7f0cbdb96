"""``python -m tests.solver.oracle --mode stable --cases 2000``: random tiny problems against brute force.

With ``--requests 60`` they are larger, and one model of CP-SAT, written from the definitions, is the judge.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time

from tests.solver.oracle import brute, whole
from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_document, draw_larger

TINY = 8  # requests up to which all plans are tried


def main(arguments=None):
    """0 where every case that was judged agrees; else 1, with the first wrong document printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.solver.oracle")
    parser.add_argument("--mode", choices=("welfare", "stable"), required=True)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--requests", type=int, default=TINY, help=f"at most; above {TINY} CP-SAT judges")
    args = parser.parse_args(arguments)
    is_tiny = args.requests <= TINY
    draw, judge = (draw_document, brute.find_best) if is_tiny else (draw_larger, whole.find_best)
    began, wrong, open_ = time.monotonic(), 0, 0
    for case in range(args.seed, args.seed + args.cases):
        document = draw(random.Random(case).randint, args.mode, args.requests)
        try:
            differences = list_differences(document, args.mode, judge=judge)
        except whole.NotJudged:
            open_ += 1
            continue
        if differences:
            wrong += 1
            if wrong <= 3:
                print(f"case {case}:", *differences, sep="\n  ")
                print(json.dumps(document))
    print(
        f"{args.mode}: {args.cases - wrong - open_} of {args.cases} cases equal {'brute force' if is_tiny else 'CP-SAT'}, "
        f"{open_} not judged, {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
