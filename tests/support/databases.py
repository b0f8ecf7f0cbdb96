"""Databases for tests: one migrated template for each kind of database and worker, copied for those who need their own.

A copy takes milliseconds where a migration takes a second, and a copy is what every test begins with.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.support import postgres

if TYPE_CHECKING:
    from collections.abc import Callable


class Databases(Protocol):
    """A place where databases of one kind are made and dropped."""

    def make(self, *, empty: bool = False) -> str:
        """Return the address of a new database: migrated, or without a single table."""

    def drop(self, url: str) -> None:
        """Take a database away."""


class SqliteDatabases:
    """SQLite files in one folder."""

    def __init__(self, folder: Path, migrate: Callable[[str], None]) -> None:
        self._folder = folder
        self._migrate = migrate
        self._template: Path | None = None

    def make(self, *, empty: bool = False) -> str:
        """Return the address of a new file."""
        path = self._folder / f"{secrets.token_hex(6)}.sqlite3"
        return f"sqlite:///{path}" if empty else self.make_at(path)

    def make_at(self, path: Path) -> str:
        """Return the address of a new, migrated file that lies where a test wants it."""
        if self._template is None:
            self._migrate(f"sqlite:///{self._folder / 'template.sqlite3'}")
            self._template = self._folder / "template.sqlite3"
            if self._template.with_name("template.sqlite3-wal").exists():
                raise RuntimeError("the migration left a connection open: a copy would miss the WAL")
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Delete the file and what SQLite keeps beside it."""
        path = Path(url.removeprefix("sqlite:///"))
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)


class PostgresDatabases:
    """Databases on one PostgreSQL server, which other workers use too."""

    def __init__(self, server_url: str, migrate: Callable[[str], None]) -> None:
        self._server_url = server_url
        self._migrate = migrate
        self._run = f"carematch_test_{secrets.token_hex(4)}"
        self._template: str | None = None
        self._made = 0

    def make(self, *, empty: bool = False) -> str:
        """Return the address of a new database."""
        if not empty and self._template is None:
            name = f"{self._run}_template"
            self._migrate(postgres.create_database(self._server_url, name))
            self._template = name
        self._made += 1
        name = f"{self._run}_{self._made}"
        return postgres.create_database(self._server_url, name, template=None if empty else self._template)

    def drop(self, url: str) -> None:
        """Drop the database with whatever is still connected to it."""
        postgres.drop_database(self._server_url, url.partition("?")[0].rpartition("/")[2])

    def close(self) -> None:
        """Drop the template too; a server of someone else's is left as it was found."""
        if self._template:
            postgres.drop_database(self._server_url, self._template)
