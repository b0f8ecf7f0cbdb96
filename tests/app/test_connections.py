"""A connection that the server has cut while it rested is replaced before anybody works with it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app import db
from app.db import Database

ASK = text("SELECT pg_backend_pid()")


@pytest.mark.postgres
def test_a_connection_cut_while_it_rested_is_replaced(postgres_url, monkeypatch):
    monkeypatch.setattr(db, "PING_AFTER_SECONDS", 0.0)  # every connection counts as rested
    ours, other = Database.at(postgres_url, pool_size=1), Database.at(postgres_url, pool_size=1)
    try:
        with ours.reading() as session:
            before = session.scalar(ASK)
        with other.writing() as session:
            assert session.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
        with ours.reading() as session:
            assert session.scalar(ASK) != before
    finally:
        ours.dispose()
        other.dispose()
