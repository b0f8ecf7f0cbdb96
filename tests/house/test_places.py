"""What one file owns, no other does: the dialect, the environment, the time, the commit, the randomness."""

from __future__ import annotations

import ast

from tests.house.source import docstrings, dotted, imported, modules, places

DRIVERS = ("sqlite3", "pysqlite3", "psycopg", "psycopg2", "sqlalchemy.dialects")
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "func.now",
    "func.current_timestamp",
}


def test_only_db_knows_a_dialect() -> None:
    allowed = {
        "app/db.py": "owns it",
        "app/among.py": "one condition that each database spells in its own way",
        "app/migrate.py": "SQLite's foreign keys are off while a table is rebuilt; PostgreSQL's starters take turns",
        "app/config.py": "builds the address, whose first word names the database",
    }
    texts = set().union(*(docstrings(module.tree) for module in modules("app")))

    def knows(node: ast.AST) -> bool:
        if any(name.startswith(DRIVERS) for name in imported(node)):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "dialect":
            return True
        return (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in texts
            and node.value.lower().startswith(("sqlite", "postgresql", "pragma "))
        )

    outside, unused = places(knows, "app", allowed=allowed)
    assert not outside
    assert not unused, f"these need no exception any more: {unused}"


def test_only_config_reads_the_environment() -> None:
    def reads(node: ast.AST) -> bool:
        return dotted(node) in {"os.environ", "os.getenv"} or any(
            name in {"os.environ", "os.getenv", "pydantic_settings.BaseSettings"} for name in imported(node)
        )

    allowed = {
        "app/config.py": "owns it",
        "app/clock.py": "its shift for tests and trainings; it lies below the settings and may not know them",
        "solver/__main__.py": "says how many threads numpy may start, which numpy reads from there only",
    }
    outside, unused = places(reads, "app", "solver", allowed=allowed)
    assert not outside
    assert not unused


def test_only_clock_asks_the_time() -> None:
    def asks(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and dotted(node.func) in CLOCKS

    outside, unused = places(asks, "app", "solver", "migrations", allowed={"app/clock.py": "owns it"})
    assert not outside
    assert not unused


def test_solver_knows_no_date() -> None:
    def knows(node: ast.AST) -> bool:
        return any(name.split(".")[0] in {"datetime", "calendar", "zoneinfo"} for name in imported(node))

    assert places(knows, "solver", allowed={}) == ([], [])


def test_solver_draws_nothing_without_a_seed() -> None:
    def draws(node: ast.AST) -> bool:
        if any(name.split(".")[0] in {"secrets", "uuid"} for name in imported(node)):
            return True
        if not isinstance(node, ast.Call):
            return False
        name = dotted(node.func)
        if name.endswith(("random.default_rng", "random.Random", "random.RandomState")) or name in {
            "default_rng",
            "Random",
        }:
            return not node.args and not node.keywords
        owner = name.rpartition(".")[0]
        return owner in {"random", "np.random", "numpy.random"} and not name.endswith(
            ("Generator", "PCG64", "Philox", "SeedSequence")
        )

    assert places(draws, "solver", allowed={}) == ([], [])


def test_there_is_one_commit_site() -> None:
    def commits(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        )

    allowed = {"app/db.py": "owns it", "app/migrate.py": "a revision is not a request"}
    outside, unused = places(commits, "app", "solver", allowed=allowed)
    assert not outside
    assert not unused


def test_sessions_are_made_in_one_place() -> None:
    def makes(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {
            "Session",
            "ReadSession",
            "WriteSession",
            "sessionmaker",
            "scoped_session",
        }

    outside, unused = places(makes, "app", allowed={"app/db.py": "owns it"})
    assert not outside
    assert not unused


def test_only_one_rule_says_what_a_site_is_told() -> None:
    allowed = {
        "app/consents/sharing.py": "is the rule",
        "app/language/labels.py": "names them",
        "app/sample/proofs.py": "makes some up",
    }
    kinds = {f"{enum}.{kind}" for enum in ("EvidenceKind", "K") for kind in ("allergy", "diet", "custody")}

    def asks(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and any((dotted(node) or "").endswith(kind) for kind in kinds)

    outside, unused = places(asks, "app", allowed=allowed)
    assert not outside, "these look for what a site may need to mind without asking for consent"
    assert not unused, f"these need no exception any more: {unused}"
