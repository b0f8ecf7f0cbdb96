"""What is kept of the reference data is what the record says at that moment, whoever changed it and however."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.sql.util import find_tables

from app import reference
from app.calendars.queries import load_calendar
from app.db import Database
from app.models import Policy, ReferenceStamp
from app.options.load import load_services
from app.options.people import load_area_codes
from app.policies.queries import get_policy, load_policies
from app.walking.queries import load_walking
from tests.factories.providers import make_service

ON = date(2026, 11, 23)
KEY = "hold_minutes"
LOADERS: dict[str, Callable[[Any], Any]] = {
    "policies": lambda session: load_policies(session, ON),
    "calendar": load_calendar,
    "services": load_services,
    "walking": load_walking,
    "area codes": load_area_codes,
}
STAMPED = {
    "area",
    "calendar_day",
    "calendar_year",
    "care_class",
    "closure",
    "compound",
    "policy",
    "school_term",
    "service",
    "service_rule",
    "site",
    "slot_template",
    "slot_template_capacity",
    "walking_graph",
}
SQLITE = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'stamp_%'"
POSTGRES = (
    "SELECT event_object_table, trigger_name || '_' || lower(event_manipulation)"
    " FROM information_schema.triggers WHERE trigger_name LIKE 'stamp_%'"
)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> OrderedDict[Any, Any]:
    """Begin with nothing kept, as a process that has just been started."""
    nothing: OrderedDict[Any, Any] = OrderedDict()
    monkeypatch.setattr(reference, "_kept", nothing)
    return nothing


@contextmanager
def listening(database: Database) -> Iterator[list[set[str]]]:
    """Note the tables that each statement reads."""
    asked: list[set[str]] = []

    def note(_connection: Any, statement: Any, *_: Any) -> None:
        found = find_tables(
            statement, check_columns=True, include_joins=True, include_selects=True, include_crud=True
        )
        asked.append({table.name for table in found if hasattr(table, "primary_key")})

    event.listen(database.engine, "before_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_execute", note)


def read(database: Database) -> int:
    with database.reading() as session:
        return int(get_policy(session, KEY, ON))


def set_policy(session: Any, value: int) -> None:
    session.add(Policy(key=KEY, value=value, valid_from=ON, source="test"))
    session.flush()


def get_stamp(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(ReferenceStamp.stamp)).one()


def test_every_reference_table_draws_a_stamp_at_every_change(database: Database) -> None:
    """A revision that rebuilds one of these tables on SQLite takes its triggers with it: it has to make them again."""
    with database.reading() as session:
        found = session.execute(text(SQLITE if database.is_sqlite else POSTGRES)).all()
    acts = ("insert", "update", "delete")
    assert {(table, name) for table, name in found} == {
        (table, f"stamp_{table}_{act}") for table in STAMPED for act in acts
    }


@pytest.mark.parametrize("name", LOADERS)
def test_what_is_kept_is_read_from_stamped_tables_only(database: Database, name: str) -> None:
    with database.reading() as session, listening(database) as asked:
        LOADERS[name](session)
    assert asked
    assert set().union(*asked) - {"reference_stamp"} <= STAMPED


def test_the_second_who_asks_reads_the_stamp_alone(database: Database) -> None:
    database.write(make_service)
    with database.reading() as session:
        first = [load(session) for load in LOADERS.values()]
    with database.reading() as session, listening(database) as asked:
        second = [load(session) for load in LOADERS.values()]
    assert asked == [{"reference_stamp"}]
    assert second == first


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO policy (key, value, valid_from, source) VALUES ('k', '1', '2026-01-01', 'test')",
        "UPDATE policy SET source = 'other'",
        "DELETE FROM policy",
    ],
)
def test_a_change_past_the_program_draws_a_stamp(database: Database, statement: str) -> None:
    database.write(lambda session: set_policy(session, 11))
    before = get_stamp(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert get_stamp(database) != before


def test_a_change_counts_from_its_commit_and_not_before(database: Database) -> None:
    default = read(database)
    with database.reading() as long:
        assert get_policy(long, KEY, ON) == default
        with database.writing() as session:
            set_policy(session, 33)
            assert get_policy(session, KEY, ON) == 33  # whoever changes it sees it at once
            assert read(database) == default
        assert read(database) == 33
        assert get_policy(long, KEY, ON) == default  # everything in it is of one moment
    assert read(database) == 33


def test_a_change_taken_back_was_never_kept(database: Database) -> None:
    default = read(database)

    def change(session: Any) -> None:
        set_policy(session, 33)
        assert get_policy(session, KEY, ON) == 33
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(change)
    assert read(database) == default


def test_without_the_stamp_the_test_above_would_fail(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: kept without a stamp, a change is never seen."""
    monkeypatch.setattr(reference, "_read_stamp", lambda session: "always the same")
    default = read(database)
    database.write(lambda session: set_policy(session, 33))
    assert read(database) == default


def test_no_more_is_kept_than_is_allowed(
    database: Database, kept: OrderedDict[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "MOST", 3)
    with database.reading() as session:
        for month in range(1, 13):
            load_policies(session, date(2026, month, 1))
    assert len(kept) == 3
