"""S9: the field key changes while values are read, searched and written; cut short at any step, it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app import checkpoint, keyfile, sealed
from app.actor import system_actor
from app.audit.commands import record
from app.audit.queries import verify_chain
from app.config import Settings
from app.context import Context
from app.db import Database
from app.keyring import BadKey
from app.models import AuditRow, Evidence, Person, PickupAuthorisation
from app.models.enums import EvidenceKind
from app.operations import rotation
from app.operations.backup import back_up
from app.operations.errors import KeyDoesNotFit, KeyElsewhere, KeyInUse, KeyRotating
from app.operations.rotation import check_key_fits, count_stale, list_models, rotate
from app.operations.serving import prepare
from app.people.search import Wanted, search_people
from app.workbook.lists import derive_code
from tests.factories.people import TODAY, make_elder, make_evidence, make_household
from tests.factories.towns import SECRETS, make_half
from tests.support.keys import own_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import SqliteDatabases

NUMBER = SECRETS["id_number"]


class _CutShortError(Exception):
    pass


@pytest.fixture
def context(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A record with sealed values in several batches, its key in a data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    with own_key():
        sealed.install_from(folder)
        checkpoint.install(folder)
        monkeypatch.setattr(rotation, "AT_ONCE", 2)
        database.write(_fill)
        yield Context(Settings(data=folder, database_url=None), database)


def _fill(session: Any) -> None:
    half = make_half(session, with_secrets=True)
    household = make_household(session)
    for number in range(4):
        elder = make_elder(session, household, grade=3)
        elder.phone = f"1380000111{number}"
        record(session, "user:1", "test", f"person:{elder.code}", {"n": number})
    session.scalars(select(PickupAuthorisation)).one().phone = SECRETS["phone"]
    assert half.elder_id


def check_whole(context: Context) -> None:
    """Everything opens and is found, by the keys as another process would read them from the folder now."""
    sealed.install_from(context.settings.data)
    with context.database.reading() as session:
        elder = session.scalars(select(Person).where(Person.name == "王桂英")).one()
        assert (elder.id_number, elder.phone, elder.health_note) == (
            NUMBER,
            SECRETS["phone"],
            SECRETS["health_note"],
        )
        assert {row.value for row in session.scalars(select(Evidence))} == {SECRETS["evidence"], "花生", "3"}
        for text in (NUMBER, SECRETS["phone"], NUMBER[-4:], SECRETS["phone"][-4:]):
            assert [hit.id for hit in search_people(session, system_actor(), Wanted(text=text), TODAY)] == [
                elder.id
            ]
        assert verify_chain(session, checkpoint.read()).breaks == []


def list_steps(context: Context) -> list[str]:
    told: list[str] = []
    rotate(context, system_actor(), lambda step, _: told.append(step), grace_seconds=0)
    return told


def test_all_is_sealed_anew_and_the_old_key_opens_nothing(context: Context) -> None:
    old = sealed.keyring()
    code = derive_code({"id_number": NUMBER})
    told = list_steps(context)
    assert told[:3] == ["announced", "changed_over", "audit_chain"]
    assert told[-1] == "forgotten"
    assert told.count("person") >= 3
    check_whole(context)
    ring = sealed.keyring()
    assert ring.key_id != old.key_id
    assert (ring.next_id, ring.old_ids) == (None, [])
    with context.database.reading() as session:
        assert set(count_stale(session).values()) == {0}
        person = session.scalars(select(Person).where(Person.name == "王桂英")).one()
        assert person.phone_blind == ring.blind(SECRETS["phone"], "phone")
        assert person.phone_blind not in old.list_blinds(SECRETS["phone"], "phone")
        with pytest.raises(sealed.SealBroken):
            old.open(bytes(person.phone_box or b""), person.sealed_place("phone_box"))
    assert derive_code({"id_number": NUMBER}) == code, "a list's row keeps its code"
    assert len(list((context.settings.data / "keys").iterdir())) == 2


def test_cut_short_at_every_step_nothing_is_lost_and_the_next_run_ends_it(context: Context) -> None:
    steps = len(list_steps(context))
    assert steps > 8

    for cut in range(steps):
        left = [cut]

        def tell(_step: str, _rows: int, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise _CutShortError

        with pytest.raises(_CutShortError):
            rotate(context, system_actor(), tell, grace_seconds=0)
        check_whole(context)
        if sealed.keyring().next_id or sealed.keyring().old_ids:
            assert rotate(context, system_actor(), grace_seconds=0).is_resumed
            check_whole(context)
        with context.database.reading() as session:
            assert set(count_stale(session).values()) == {0}
    with context.database.reading() as session:
        of_keys = select(AuditRow).where(AuditRow.act == "key.change").order_by(AuditRow.sequence)
        changes = session.scalars(of_keys).all()
    assert len(changes) == steps + 1
    assert [row.data["from"] for row in changes[1:]] == [row.data["to"] for row in changes[:-1]]


def test_value_sealed_meanwhile_by_a_slow_process_is_not_left_behind(context: Context) -> None:
    slow = sealed.keyring()

    def write_under_the_old_key(session: Any) -> None:
        elder = make_elder(session, name="慢进程")
        place = elder.sealed_place("phone_box")
        elder.phone_box, elder.phone_blind = (
            slow.seal("13811112222", place),
            slow.blind("13811112222", "phone"),
        )

    def tell(step: str, _rows: int) -> None:
        if step == "pickup_authorisation":  # people were before this one, and are not looked at again
            written.append(context.database.write(write_under_the_old_key))

    written: list[None] = []
    rotate(context, system_actor(), tell, grace_seconds=0)
    assert written
    with context.database.reading() as session:
        assert session.scalars(select(Person).where(Person.name == "慢进程")).one().phone == "13811112222"
        assert set(count_stale(session).values()) == {0}


def test_damaged_value_is_named_and_keeps_the_old_key(context: Context) -> None:
    context.database.write(
        lambda session: session.execute(
            update(Person).where(Person.name == "王桂英").values(phone_box=b"\x01damaged")
        )
    )
    with pytest.raises(KeyInUse) as refused:
        rotate(context, system_actor(), grace_seconds=0)
    assert refused.value.data["count"] == 1
    assert refused.value.data["places"].startswith("person:")
    assert sealed.keyring().old_ids
    with pytest.raises(KeyRotating):
        back_up(context, context.settings.data / "b.zip", with_key=False)
    context.database.write(
        lambda session: session.execute(
            update(Person).where(Person.name == "王桂英").values(phone_box=None, phone_blind=None)
        )
    )
    assert rotate(context, system_actor(), grace_seconds=0).is_resumed


def test_chain_rewritten_with_the_stolen_old_key_is_found(context: Context) -> None:
    from app.audit.rules import Entry, chain

    old = sealed.keyring()
    rotate(context, system_actor(), grace_seconds=0)

    def forge(session: Any) -> None:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.sequence)).all()
        before = ""
        for row in rows:
            row.actor = "user:9"
            key = old.find_audit_key("")
            assert key
            entry = Entry(row.sequence, row.at, row.actor, row.act, row.subject, row.data)
            row.hash = before = chain(key, before, entry)
            if row.act == "key.change":
                break

    context.database.write(lambda session: record(session, "user:1", "after", "test", {}))
    context.database.write(forge)
    with context.database.reading() as session:
        broken = verify_chain(session, checkpoint.read()).breaks
    assert [each.sequence for each in broken] == [6]


def test_key_of_the_environment_is_changed_by_whoever_sets_it(context: Context) -> None:
    encoded = keyfile.read(context.settings.data).write().decode()
    for _ in range(3):
        given = Context(context.settings.model_copy(update={"field_key": encoded}), context.database)
        sealed.install_from(context.settings.data, encoded)
        with pytest.raises(KeyElsewhere) as told:
            rotate(given, system_actor(), grace_seconds=0)
        path = context.settings.data / "keys" / "field-key-for-the-environment.txt"
        assert told.value.data["file"] == str(path)
        assert path.stat().st_mode & 0o777 == 0o600
        encoded = path.read_text()
    sealed.install_from(context.settings.data, encoded)
    assert (sealed.keyring().next_id, sealed.keyring().old_ids) == (None, [])
    with context.database.reading() as session:
        assert set(count_stale(session).values()) == {0}
        assert verify_chain(session, checkpoint.read()).breaks == []


def test_value_sealed_before_keys_had_names_opens_and_is_sealed_anew(context: Context) -> None:
    def forget_the_name(session: Any) -> None:
        person = session.scalars(select(Person).where(Person.name == "王桂英")).one()
        for column in ("id_number_box", "phone_box", "health_note_box"):
            setattr(person, column, b"\x01" + bytes(getattr(person, column))[5:])

    context.database.write(forget_the_name)
    check_whole(context)
    assert rotate(context, system_actor(), grace_seconds=0).rows > 0
    check_whole(context)
    with context.database.reading() as session:
        assert set(count_stale(session).values()) == {0}


@pytest.mark.parametrize(
    "text",
    ["", "not base64", "AAAA", "later AAAA", "next c3ludGhldGljIGtleSBmb3IgdGVzdHMgb25seS4uLi4="],
)
def test_key_that_cannot_be_read_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadKey) as refused:
        sealed.Keyring.parse(text.encode())
    assert not text or text not in str(refused.value)


def test_record_of_another_key_is_refused_before_anything_is_sealed(context: Context) -> None:
    with context.database.reading() as session:
        check_key_fits(session)
        sealed.install(sealed.Keyring(b"another key, synthetic, for test"))
        with pytest.raises(KeyDoesNotFit):
            check_key_fits(session)
    with pytest.raises(KeyDoesNotFit):
        prepare(context)


def test_every_table_with_sealed_values_is_rotated() -> None:
    names = {model.__name__ for model in list_models()}
    assert names >= {
        "Person",
        "Household",
        "Evidence",
        "Need",
        "Consultation",
        "MatchCandidate",
        "Round",
        "Alarm",
    }
    assert all(sealed.list_sealed(model) for model in list_models())


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(tmp_path: Path, sqlite_databases: SqliteDatabases) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / ".carematch-data").touch()
    settings = Settings(data=data, database_url=None)
    with own_key():
        sealed.install_from(data)
        checkpoint.install(data)
        sqlite_databases.make_at(data / settings.url.rpartition("/")[2])
        database = Database.at(settings.url)
        try:
            database.write(_fill)

            def add_many(session: Any) -> None:
                elder = session.scalars(select(Person).where(Person.name == "王桂英")).one()
                for _ in range(1200):
                    make_evidence(session, elder, EvidenceKind.diet, "3")

            database.write(add_many)
            command = [sys.executable, "-c", _PROGRAM]
            environment = os.environ | {"DATA": str(data), "DATABASE_URL": ""}
            environment.pop("DATABASE_URL")
            context = Context(settings, database)
            for lines in (1, 2, 4, 6):
                process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
                assert process.stdout is not None
                for _ in range(lines):
                    process.stdout.readline()
                time.sleep(0.02)
                process.send_signal(signal.SIGKILL)
                process.wait(10)
                process.stdout.close()
                check_whole(context)
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            assert done.stdout.splitlines()[-1] == "end"
            check_whole(context)
            assert not sealed.keyring().old_ids
        finally:
            database.dispose()


_PROGRAM = """
from app.actor import system_actor
from app.context import open_context
from app.operations import rotation
rotation.AT_ONCE = 50
def tell(step, rows):
    print(step, rows, flush=True)
rotation.rotate(open_context(pool_size=2), system_actor(), tell, grace_seconds=0)
print("end", flush=True)
"""
