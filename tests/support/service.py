"""The web service over a test's database, asked as a browser or as a program asks it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from app.accounts.commands import create_token
from app.accounts.passwords import hash_password
from app.accounts.queries import find_area_ids, find_site_ids
from app.clock import now
from app.config import Settings
from app.context import Context
from app.main import create_app
from app.models import StaffArea, StaffSite, StaffUser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from app.db import Database, WriteSession
    from app.models.enums import StaffRole

PASSWORD = "synthetic-password"


@cache
def _hash() -> str:
    """Hash the one password once: Argon2 is slow on purpose."""
    return hash_password(PASSWORD)


@dataclass(frozen=True)
class Service:
    """A running service and the database behind it."""

    context: Context
    anonymous: TestClient

    @property
    def database(self) -> Database:
        """Return the database behind the service."""
        return self.context.database

    def add_user(
        self, role: StaffRole, areas: Iterable[str] = (), sites: Iterable[str] = (), name: str = ""
    ) -> StaffUser:
        """Make a member of staff with the codes of areas and sites."""
        called = name or f"{role.value}-{secrets.token_hex(3)}"

        def work(session: WriteSession) -> StaffUser:
            user = StaffUser(
                name=called,
                display_name=called,
                role=role,
                password_hash=_hash(),
                created_at=now(),
                areas=[StaffArea(area_id=id_) for id_ in find_area_ids(session, areas)],
                sites=[StaffSite(site_id=id_) for id_ in find_site_ids(session, sites)],
            )
            session.add(user)
            return user

        return self.database.write(work)

    def as_program(
        self, role: StaffRole, areas: Iterable[str] = (), sites: Iterable[str] = (), name: str = ""
    ) -> TestClient:
        """Return a client with a bearer token of a new user."""
        user = self.add_user(role, areas, sites, name)
        return self.with_token(user.name)

    def with_token(self, name: str) -> TestClient:
        """Return a client with a bearer token of a user."""
        token, _ = self.database.write(lambda session: create_token(session, name, timedelta(hours=1)))
        return self.client({"Authorization": f"Bearer {token}"})

    def client(self, headers: dict[str, str] | None = None) -> TestClient:
        """Return a client with headers of its own and an empty cookie jar."""
        client = TestClient(self.anonymous.app, headers=headers or {}, raise_server_exceptions=True)
        client.portal = (
            self.anonymous.portal
        )  # one event loop for all of a service; else one for each request
        return client

    def sign_in(self, name: str) -> TestClient:
        """Return a browser that has signed in: cookie and CSRF token."""
        browser = self.client()
        answer = browser.post("/api/login", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return browser


_idle: list[FastAPI] = []
"""Services that no test uses now. Putting one together takes half a second, most of it at its first request, so a
process keeps what it made and gives it another context."""


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Service]:
    """Give the service over a database."""
    settings = Settings(data=folder, database_url=None)
    context = Context(settings, database)
    app = _idle.pop() if _idle else create_app(context)
    app.state.context = context
    try:
        with TestClient(app) as client:
            yield Service(context, client)
    finally:
        _idle.append(app)
