"""What every worker of `serve` reads before its first request; `serve` lets one process read it and forks the rest."""

from __future__ import annotations

from importlib import import_module

from app.main import API, PAGES

for name in (*API, *PAGES):
    import_module(f"app.{name}.routes")
