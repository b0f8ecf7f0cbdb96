"""Backup and restore: the same rows come back, on both databases, while others write; a broken file changes nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import checkpoint, sealed
from app.audit.commands import record
from app.audit.queries import verify_chain
from app.config import Settings
from app.context import Context
from app.db import Database
from app.migrate import upgrade
from app.models import Household, Lease, Login, Person
from app.models.enums import StaffRole
from app.operations import archive
from app.operations.backup import LEFT_OUT, back_up
from app.operations.errors import FileExists, NotABackup, NotEmpty, OtherKey, WrongRevision
from app.operations.restore import restore
from app.operations.tables import load_tables
from tests.factories.people import make_elder, make_household
from tests.factories.towns import SECRETS, make_half
from tests.support.keys import own_key
from tests.support.service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ITS_OWN = LEFT_OUT | {"audit_row", "audit_head", "lease"}


@pytest.fixture
def context(database: Database, tmp_path: Path) -> Iterator[Context]:
    folder = tmp_path / "data"
    folder.mkdir()
    checkpoint.install(folder)
    yield Context(Settings(data=folder, database_url=None), database)
    checkpoint.install(None)


@pytest.fixture
def filled(context: Context) -> Context:
    def work(session: Any) -> int:
        half = make_half(session, with_secrets=True)
        record(session, "system", "test", "test:1", {"n": 1})
        return half.elder_id

    context.database.write(work)
    return context


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.reading() as session:
        connection = session.connection()
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in load_tables(connection)
            if table.name not in ITS_OWN
        }


def count_people(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(Person)).one()


def test_everything_comes_back_and_the_chain_still_holds(filled: Context, tmp_path: Path) -> None:
    before = dump(filled.database)
    assert any(rows for rows in before.values())
    back_up(filled, tmp_path / "b.zip", with_key=False)
    filled.database.write(make_elder)
    assert dump(filled.database) != before
    restore(filled, tmp_path / "b.zip", replace=True)
    assert dump(filled.database) == before
    with filled.database.reading() as session:
        verdict = verify_chain(session, checkpoint.read())
        person = session.scalars(select(Person).where(Person.name == "王桂英")).one()
        assert person.phone == SECRETS["phone"]
    assert (verdict.rows, verdict.breaks) == (2, [])


def test_new_rows_after_a_restore_get_ids_of_their_own(filled: Context, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip", with_key=False)
    restore(filled, tmp_path / "b.zip", replace=True)
    filled.database.write(lambda session: make_elder(session, make_household(session)))
    assert count_people(filled.database) == 4


def test_backup_goes_into_the_other_database(
    filled: Context, tmp_path: Path, postgres_url: str, databases: Any
) -> None:
    from tests.support.databases import PostgresDatabases, SqliteDatabases

    def migrate(url: str) -> None:
        engine = Database.at(url)
        upgrade(engine.engine)
        engine.dispose()

    others: Any = (
        PostgresDatabases(postgres_url, migrate)
        if filled.database.is_sqlite
        else SqliteDatabases(tmp_path, migrate)
    )
    before = dump(filled.database)
    back_up(filled, tmp_path / "b.zip", with_key=False)
    url = others.make(empty=True)
    other = Database.at(url)
    try:
        restore(Context(filled.settings, other), tmp_path / "b.zip", replace=False)
        after = dump(other)
    finally:
        other.dispose()
        others.drop(url)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert [row[:4] for row in after["person"]] == [row[:4] for row in before["person"]]


def test_used_database_is_replaced_only_when_said(filled: Context, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip", with_key=False)
    with pytest.raises(NotEmpty):
        restore(filled, tmp_path / "b.zip", replace=False)


def test_backup_overwrites_nothing_and_is_for_its_owner_only(filled: Context, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    back_up(filled, path, with_key=False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not zipfile.ZipFile(path).testzip()
    with pytest.raises(FileExists):
        back_up(filled, path, with_key=False)


def test_nobody_else_can_read_a_backup_while_it_is_made(
    filled: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    write = archive.write

    def look(path: Path, *given: Any) -> None:
        write(path, *given)
        seen.append(path.stat().st_mode & path.parent.stat().st_mode & 0o077)

    monkeypatch.setattr(archive, "write", look)
    folder = tmp_path / "new" / "folder"
    back_up(filled, folder / "b.zip", with_key=True)
    assert seen == [0]
    assert [path.name for path in folder.iterdir()] == ["b.zip"]


def test_backup_holds_no_plain_secret_and_no_login(filled: Context, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip", with_key=False)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        assert "tables/login.jsonl" not in archive.namelist()
        assert "field.key" not in archive.namelist()
    for name, secret in SECRETS.items():
        if name != "evidence":
            assert secret.encode() not in content


@pytest.mark.parametrize("harm", ["noise", "cut", "altered", "no manifest"])
def test_broken_file_changes_nothing(filled: Context, tmp_path: Path, harm: str) -> None:
    path, broken = tmp_path / "b.zip", tmp_path / "broken.zip"
    back_up(filled, path, with_key=False)
    content = path.read_bytes()
    if harm == "noise":
        broken.write_bytes(b"noise" * 1000)
    elif harm == "cut":
        broken.write_bytes(content[: len(content) // 2])
    else:
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(broken, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                if harm == "altered" and name == "tables/person.jsonl":
                    data = data.replace("王桂英".encode(), "王桂花".encode())
                if not (harm == "no manifest" and name == "manifest.json"):
                    target.writestr(name, data)
    before = dump(filled.database)
    with pytest.raises(NotABackup):
        restore(filled, broken, replace=True)
    assert dump(filled.database) == before


def test_backup_of_a_newer_program_is_refused(filled: Context, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip", with_key=False)
    with zipfile.ZipFile(tmp_path / "b.zip") as source, zipfile.ZipFile(tmp_path / "n.zip", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'"revision": "0', b'"revision": "9'))
    with pytest.raises(WrongRevision):
        restore(filled, tmp_path / "n.zip", replace=True)


def test_another_key_is_refused_unless_the_backup_brings_it(filled: Context, tmp_path: Path) -> None:
    sealed.keep(filled.settings.data, b"c3ludGhldGljIGtleSBmb3IgdGVzdHMgb25seS4uLi4=")
    back_up(filled, tmp_path / "without.zip", with_key=False)
    back_up(filled, tmp_path / "with.zip", with_key=True)
    with own_key():
        sealed.install(sealed.Keyring(b"another key, synthetic, for test"))
        with pytest.raises(OtherKey):
            restore(filled, tmp_path / "without.zip", replace=True)
        restore(filled, tmp_path / "with.zip", replace=True)
        with filled.database.reading() as session:
            person = session.scalars(select(Person).where(Person.name == "王桂英")).one()
            assert person.phone == SECRETS["phone"]
    kept = sorted(path.name for path in (filled.settings.data / "keys").iterdir())
    assert len(kept) == 2


def test_backup_and_restore_while_others_write(filled: Context, tmp_path: Path) -> None:
    stop, written, faults = Event(), [0], []
    before = dump(filled.database)
    at_first = {name: len(before[name]) for name in ("person", "consent")}

    def write() -> None:
        while not stop.is_set():
            try:
                filled.database.write(
                    lambda session: make_elder(session, session.scalars(select(Household)).first())
                )
                written[0] += 1
            except SQLAlchemyError as fault:
                faults.append(repr(fault))
                return

    thread = Thread(target=write)
    thread.start()
    try:
        for number in range(3):
            manifest = back_up(filled, tmp_path / f"{number}.zip", with_key=False)
            # An elder and three consents are written in one transaction: of one moment means all or nothing.
            added = {name: manifest.rows[name] - at_first[name] for name in at_first}
            assert added["consent"] == 3 * added["person"]
        restore(filled, tmp_path / "1.zip", replace=True)
    finally:
        stop.set()
        thread.join()
    assert faults == []
    assert written[0] > 0


def test_everybody_signs_in_again_and_the_fencing_token_grows(filled: Context, tmp_path: Path) -> None:
    filled.database.write(lambda session: session.add(Lease(name="nightly", holder="somebody", token=7)))
    with serving(filled.database, tmp_path / "served") as service:
        _sign_in(service)
        back_up(filled, tmp_path / "b.zip", with_key=False)
        browser = _sign_in(service)
        restore(filled, tmp_path / "b.zip", replace=True)
        assert browser.get("/api/me").status_code == 401
    with filled.database.reading() as session:
        assert session.scalars(select(Login)).all() == []
        lease = session.get_one(Lease, "nightly")
        assert (lease.token, lease.holder) == (8, "")


def _sign_in(service: Service) -> Any:
    name = f"adviser-{len(service.database.write(lambda s: s.scalars(select(Login.id)).all()))}"
    service.add_user(StaffRole.adviser, name=name)
    return service.sign_in(name)
