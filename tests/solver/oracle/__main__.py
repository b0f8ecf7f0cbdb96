"""``python -m tests.solver.oracle --mode stable --cases 2000``: random tiny problems against brute force."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time

from tests.solver.oracle.compare import list_differences
from tests.solver.oracle.draw import draw_document


def main(arguments=None):
    """0 where every case agrees; else 1, with the first wrong document printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.solver.oracle")
    parser.add_argument("--mode", choices=("welfare", "stable"), required=True)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    began, wrong = time.monotonic(), 0
    for case in range(args.seed, args.seed + args.cases):
        document = draw_document(random.Random(case).randint, args.mode)
        differences = list_differences(document, args.mode)
        if differences:
            wrong += 1
            if wrong <= 3:
                print(f"case {case}:", *differences, sep="\n  ")
                print(json.dumps(document))
    print(
        f"{args.mode}: {args.cases - wrong} of {args.cases} cases equal brute force, {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
