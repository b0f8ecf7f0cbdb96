"""Statements are compiled once in a test process, not once for each of its thousands of engines.

SQLAlchemy keeps what it compiled for an engine, and by the dialect's identity. Engines of one kind all speak to one
server here (or through one SQLite library), so what was compiled for one serves the others.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_kept: dict[str, LRUCache[Any, Any]] = {}


def share() -> None:
    """Let all engines of this process share what they compile."""
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _lend)


def _lend(connection: Connection) -> None:
    engine = connection.engine
    engine._compiled_cache = _kept.setdefault(engine.dialect.name, LRUCache(4_000))
