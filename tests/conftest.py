"""Fixtures for every test: both databases in every run, a session in a savepoint, a browser.

Take `session` for commands and queries (rolled back, fast), `database` where a test commits, opens connections or
starts threads (a copy of its own), `database_url` where another process opens it, `empty_database_url` for migrations.
A test that takes any of these runs twice: on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.sealed import Keyring, install
from tests.support import cheap_passwords, compiled, postgres, warm_solver
from tests.support.browser import ARGUMENTS, bring_chromium
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.support.keys import guarded
from tests.support.monday import begin
from tests.support.shares import Shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Database, WriteSession

POSTGRES_OF_THE_RUN = "CAREMATCH_TEST_POSTGRES"
SOLVER_OF_THE_RUN = "CAREMATCH_TEST_SOLVER"
"""Tell xdist's workers where the processes are that the controller started."""

begin()  # every run on one Monday morning, before app.clock is read; workers and child processes inherit it

compiled.share()
cheap_passwords.use()

_stack_key = pytest.StashKey[contextlib.ExitStack]()

# Two busy cores make single examples slow by chance; a deadline would only make the suite flaky.
hypothesis_settings.register_profile(
    "carematch", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("carematch")


def pytest_configure(config: pytest.Config) -> None:
    """Start what all workers share: the process that solvers are forked from, and PostgreSQL.

    A run without workers starts PostgreSQL when a test first asks.
    """
    if config.option.collectonly:
        return
    if not hasattr(config, "workerinput"):
        stack = config.stash[_stack_key] = contextlib.ExitStack()
        os.environ[SOLVER_OF_THE_RUN] = stack.enter_context(warm_solver.warm())
        if config.getoption("numprocesses", None):
            try:
                os.environ[POSTGRES_OF_THE_RUN] = stack.enter_context(postgres.server())
            except postgres.NoPostgresError as fault:
                stack.close()
                raise pytest.UsageError(str(fault)) from fault
    warm_solver.use(os.environ[SOLVER_OF_THE_RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    if _stack_key in config.stash:
        config.stash[_stack_key].close()
        os.environ.pop(POSTGRES_OF_THE_RUN, None)
        os.environ.pop(SOLVER_OF_THE_RUN, None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """Keep together what shares something that is dear to make."""
    return Shares(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the slow ones come first: whoever is free at the end finds short ones left."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Take what was imported and collected out of the rubbish that later collections look through, and let them be few."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the counts for `dev.py test`, which adds up several runs."""
    wanted = os.environ.get("CAREMATCH_TEST_COUNTS")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not wanted or hasattr(session.config, "workerinput") or reporter is None:
        return
    counts = {name: len(reporter.stats.get(name, [])) for name in ("passed", "failed", "error", "skipped")}
    counts["failed"] += counts.pop("error") + len(reporter.stats.get("xpassed", []))
    Path(wanted).write_text(json.dumps(counts), encoding="utf-8")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of the maintenance database of this run's PostgreSQL server."""
    running = os.environ.get(POSTGRES_OF_THE_RUN)
    if running:
        yield running
        return
    with postgres.server() as url:
        yield url


def migrate(url: str) -> None:
    """Bring an empty database to the newest revision and leave nothing connected to it."""
    from app.db import make_engine
    from app.migrate import upgrade

    engine = make_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """SQLite files; with their template kept while tests change between the kinds."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"), migrate)


@pytest.fixture(scope="session")
def postgresql_databases(postgres_url: str) -> Iterator[Databases]:
    """Databases of this run's PostgreSQL; with their template kept while tests change between the kinds."""
    made = PostgresDatabases(postgres_url, migrate)
    yield made
    made.close()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where databases are made; whoever takes it runs on SQLite and on PostgreSQL."""
    made: Databases = request.getfixturevalue(f"{request.param}_databases")
    return made


@pytest.fixture(scope="session", autouse=True)
def field_key() -> Keyring:
    """The key that seals fields in every test; a test about keys installs its own and puts this one back."""
    made = Keyring(b"synthetic key for tests only....")
    install(made)
    return made


@pytest.fixture(scope="module", autouse=True)
def key_as_found(field_key: Keyring) -> Iterator[None]:
    """Name the file that leaves another key behind, instead of some other file that fails by it."""
    with guarded(field_key):
        yield


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Address of a migrated database that only this test uses."""
    url = databases.make()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """Address of a database without a single table."""
    url = databases.make(empty=True)
    yield url
    databases.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database that only this test uses, open."""
    from app.db import Database

    opened = Database.at(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def shared_database(databases: Databases) -> Iterator[Database]:
    """The migrated database behind `session`; nothing in it is ever committed."""
    from app.db import Database

    url = databases.make()
    opened = Database.at(url)
    yield opened
    opened.dispose()
    databases.drop(url)


@pytest.fixture
def session(shared_database: Database) -> Iterator[WriteSession]:
    """A write session inside a transaction that is rolled back; a commit or a rollback ends its savepoint only."""
    from app.db import WriteSession

    engine = shared_database.engine.execution_options(writes=True)
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            with WriteSession(
                connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            ) as session:
                yield session
        finally:
            transaction.rollback()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch Debian's Chromium (or the one that `CHROMIUM` names) instead of Playwright's download."""
    return browser_type_launch_args | {"executable_path": str(bring_chromium()), "args": ARGUMENTS}
