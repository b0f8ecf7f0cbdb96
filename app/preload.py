"""What every worker of `serve` reads before its first request; of several, one process reads it and is forked."""

from __future__ import annotations

import gc
from importlib import import_module

gc.disable()  # what is read stays: see `main.create_app`, which lets a worker collect again

from app.main import API, PAGES  # noqa: E402

for name in (*API, *PAGES):
    import_module(f"app.{name}.routes")
for name in ("scipy.sparse.csgraph", "scipy.spatial"):  # what a first question about a walk would wait for
    import_module(name)
gc.freeze()  # a worker that collects must not touch, and so copy, what it shares with the others
