"""The long form: `python -m tests.property --histories 100 --seed 1` lives so many histories and prints each fault.

Exit 0 when nothing was found. A history is repeated with `--histories 1 --seed N`; on PostgreSQL the short form runs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from app.db import Database
from app.migrate import upgrade
from app.sealed import Keyring, install
from tests.property.history import live
from tests.support import warm_solver


def main() -> int:
    """Live the histories that the command line asks for."""
    asked = argparse.ArgumentParser(prog="python -m tests.property", description=__doc__)
    asked.add_argument("--histories", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1, help="of the first history; the next ones count up")
    asked.add_argument("--days", type=int, default=14)
    asked.add_argument("--acts", type=int, default=14, help="a day")
    options = asked.parse_args()
    install(Keyring(b"synthetic key for tests only...."))
    done: Counter[str] = Counter()
    faulty = 0
    with warm_solver.warm() as address:
        warm_solver.use(address)
        for seed in range(options.seed, options.seed + options.histories):
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                database = Database.at(f"sqlite:///{folder / 'history.sqlite3'}")
                upgrade(database.engine)
                history = live(database, folder, seed, days=options.days, acts=options.acts)
                database.dispose()
            done += history.done
            spent = time.monotonic() - began
            print(
                f"seed {seed}: {history.nights} nights, {history.inherited} inherited faults at most, "
                f"{len(history.faults)} violations, {spent:.0f} s",
                flush=True,
            )
            if history.faults:
                faulty += 1
                print("\n".join([*(f"  {line}" for line in history.told[-12:]), *history.faults]), flush=True)
    print("\n".join(f"{count:>7} {name}" for name, count in sorted(done.items())))
    print(f"{options.histories} histories, {faulty} with violations")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
