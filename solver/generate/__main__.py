"""``python -m solver.generate KIND --requests N --seed S --out F``: writes a synthetic problem file."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from solver.generate.classical import draw_assignment, draw_unit_demand
from solver.generate.draft import to_document
from solver.generate.night import NightShape, draw_night
from solver.generate.round import RoundShape, draw_round

if TYPE_CHECKING:
    from solver.generate.draft import Document

KINDS = (
    "night",
    "night-levels",
    "night-loose",
    "night-nearest",
    "night-people",
    "night-several",
    "round",
    "round-strict",
    "unit",
    "gap-c",
    "gap-d",
    "gap-e",
)
LEVELS = {"night-levels": "published", "night-nearest": "nearest", "night-people": "people"}


def generate(kind: str, requests: int, seed: int, sites: int = 0) -> Document:
    """One document of a kind in `KINDS`; ``sites`` 0 takes the kind's usual number. Raises ValueError."""
    if kind.startswith("night"):
        shape = NightShape(
            requests,
            sites=sites,
            tightness=0.85 if kind == "night-loose" else 1.25,
            several=kind == "night-several",
            levels=LEVELS.get(kind, "one"),
        )
        return to_document(draw_night(shape, seed))
    if kind.startswith("round"):
        round_shape = RoundShape(requests, sites or max(3, requests // 18), ties=kind == "round")
        return draw_round(round_shape, seed)
    if kind == "unit":
        return to_document(draw_unit_demand(requests, sites or max(2, requests // 50), seed))
    if kind.startswith("gap-"):
        return to_document(draw_assignment(kind[-1].upper(), requests, sites or max(2, requests // 10), seed))
    raise ValueError(f"unknown kind {kind!r}: use one of {', '.join(KINDS)}")


def main(arguments: list[str] | None = None) -> int:
    """Write one problem file; 0, or 2 with a sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m solver.generate", description="Write a synthetic problem file."
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--requests", type=int, required=True)
    parser.add_argument("--sites", type=int, default=0, help="0 takes the kind's usual number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True, help="a .json or .json.gz file, - for standard output")
    args = parser.parse_args(arguments)
    if args.requests < 1:
        print(f"--requests: {args.requests} is not a positive number", file=sys.stderr)
        return 2
    text = json.dumps(generate(args.kind, args.requests, args.seed, args.sites), ensure_ascii=False) + "\n"
    if args.out == "-":
        sys.stdout.write(text)
    elif args.out.endswith(".gz"):
        Path(args.out).write_bytes(gzip.compress(text.encode(), compresslevel=5, mtime=0))
    else:
        Path(args.out).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
