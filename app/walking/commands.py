"""Bring a walking graph into the record; the same graph twice changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.db import WriteSession
from app.models import WalkingGraph
from app.walking.rules import Graph, pack


def store_graph(session: WriteSession, graph: Graph, source: str, now: datetime) -> bool:
    """Make this graph the one in force; return False where it already is (same checksum)."""
    newest = session.scalar(
        select(WalkingGraph).order_by(WalkingGraph.imported_at.desc(), WalkingGraph.id.desc()).limit(1)
    )
    if newest is not None and newest.checksum == graph.checksum:
        return False
    known = session.scalar(select(WalkingGraph).where(WalkingGraph.checksum == graph.checksum))
    if known is not None:  # an older graph comes back into force
        known.imported_at = now
        session.flush()
        return True
    session.add(
        WalkingGraph(
            source=source,
            imported_at=now,
            nodes=len(graph.latitude),
            edges=len(graph.tail),
            checksum=graph.checksum,
            packed=pack(graph),
        )
    )
    session.flush()
    return True
