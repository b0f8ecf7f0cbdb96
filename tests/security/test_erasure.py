"""S14: of an erased person nothing is left: not in a row, a file or the free space of one; the chain still verifies."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from app import checkpoint
from app.actor import system_actor
from app.audit.commands import record
from app.audit.queries import verify_chain
from app.cli import build
from app.clock import now, today
from app.config import Settings
from app.context import Context
from app.db import Database
from app.erasure import files
from app.erasure.errors import StillGuardian, StillServed, UnknownPerson
from app.erasure.whole import erase
from app.models import (
    AuditRow,
    Booking,
    Household,
    IdempotencyKey,
    MatchCandidate,
    Notice,
    Person,
    Placement,
    ReadLogRow,
)
from app.models.enums import BookingState, Channel, PlacementState
from app.notices.channels import FileChannel, Message
from app.operations.backup import back_up
from app.operations.restore import restore
from app.operations.tables import load_tables
from app.workbook.commands import export_workbook
from tests.factories.people import make_person, make_pickup
from tests.factories.placements import make_placement
from tests.factories.towns import make_half
from tests.security.test_canaries import CANARIES, plant
from tests.support.service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import SqliteDatabases

WORDS = {
    "name": "鸢尾金丝雀",
    "pinyin": "yuanweijinsique",
    "pin": "金丝雀之女要求固定",
    "ended": "金丝雀搬走",
    "said_yes_by": "金丝雀之女",
    "urgent": "金丝雀跌倒",
    "unmask": "金丝雀来电核对",
    "row": "金丝雀名单原行",
    "notice": "金丝雀通知",
}
ALL = {**CANARIES, **WORDS}


@pytest.fixture
def context(database: Database, tmp_path: Path) -> Iterator[Context]:
    folder = tmp_path / "data"
    folder.mkdir()
    checkpoint.install(folder)
    yield Context(Settings(data=folder, database_url=None), database)
    checkpoint.install(None)


def fill(context: Context) -> str:
    """Plant a canary wherever a person's words may stand; return the person's code."""
    folder = context.settings.data
    with serving(context.database, folder) as service:
        desk, _, person_id = plant(service)
        desk.post(f"/api/people/{person_id}/unmask", json={"fields": ["phone"], "reason": WORDS["unmask"]})
        version = desk.get(f"/api/people/{person_id}").headers["ETag"]
        named = desk.patch(
            f"/api/people/{person_id}",
            json={"name": WORDS["name"]},
            headers={"If-Match": version, "Idempotency-Key": "erase-me-0001"},
        )
        assert named.status_code == 200, named.text
    return context.database.write(lambda session: _fill_more(session, person_id, folder))


def _fill_more(session: Any, person_id: int, folder: Path) -> str:
    person = session.get_one(Person, person_id)
    person.pinyin = WORDS["pinyin"]
    half = make_half(session)
    need = session.scalars(select(Person.id)).first() and _get_need(session, person)
    from app.models import CareClass, SlotTemplate

    template = session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == half.class_id)).one()
    place = make_placement(
        session,
        need,
        session.get_one(CareClass, half.class_id),
        [template],
        state=PlacementState.ended,
        pin_reason=WORDS["pin"],
        is_pinned=True,
        ended_reason=WORDS["ended"],
        confirmed_by=WORDS["said_yes_by"],
    )
    session.add(
        Booking(
            code=f"B-{person.code}",
            need_id=need.id,
            person_id=person.id,
            slot_id=half.slot_id,
            state=BookingState.cancelled,
            reason=WORDS["urgent"],
            booked_at=now(),
            cancelled_at=now(),
        )
    )
    from app.models import Offer
    from app.models.enums import OfferAnswer

    session.add(
        Offer(
            placement_id=place.id,
            sent_at=now() - timedelta(days=9),
            expires_at=now() - timedelta(days=8),
            answered_at=now() - timedelta(days=9),
            answer=OfferAnswer.accepted,
            answered_by=WORDS["said_yes_by"],
            channel=Channel.phone,
        )
    )
    candidate = MatchCandidate(source="list:x", row_code="L1", person_id=person.id, differs={"fields": []})
    candidate.row = WORDS["row"]
    session.add(candidate)
    session.add(
        Notice(
            key=f"n:{person.code}",
            person_id=person.id,
            template="offer",
            data={"x": WORDS["notice"]},
            due_at=now(),
        )
    )
    make_pickup(session, make_person(session), person)  # somebody else's child may be handed over to them
    record(session, "user:1", "placement.pin", f"placement:{place.code}", {"reason": WORDS["pin"]})
    record(session, "user:1", "booking.book", f"booking:B-{person.code}", {"reason": WORDS["urgent"]})
    FileChannel(folder / "notices").send(Message("n1", "offer", person.code, {"zh": WORDS["notice"]}))
    FileChannel(folder / "notices").send(Message("n2", "offer", "P-other", {"zh": "别人的通知"}))
    pack = folder / "packs" / (today() - timedelta(days=1)).isoformat()
    pack.mkdir(parents=True)
    (pack / "S1.pdf").write_text(WORDS["name"], encoding="utf-8")
    session.flush()
    code: str = person.code
    return code


def _get_need(session: Any, person: Person) -> Any:
    from app.models import Need

    return session.scalars(select(Need).where(Need.person_id == person.id)).one()


def read_rows(database: Database) -> str:
    with database.reading() as session:
        connection = session.connection()
        rows = [
            str(
                [bytes(v).decode("utf-8", "replace") if isinstance(v, bytes | memoryview) else v for v in row]
            )
            for table in load_tables(connection)
            for row in connection.execute(select(table))
        ]
        opened = [str(row.reason) for row in session.scalars(select(AuditRow))]
    return "\n".join(rows + opened)


def list_found(text: str) -> set[str]:
    return {name for name, word in ALL.items() if word in text or json.dumps(word)[1:-1] in text}


def read_folder(folder: Path, pattern: str = "*") -> str:
    return "\n".join(
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob(pattern))
        if path.is_file() and "keys" not in path.parts
    )


def run(context: Context, code: str) -> None:
    erase(context, system_actor(), code, "本人书面申请", now())


def test_nothing_of_an_erased_person_is_left(context: Context, tmp_path: Path) -> None:
    code = fill(context)
    before = list_found(read_rows(context.database)) | list_found(read_folder(context.settings.data))
    assert before >= set(WORDS) - {"row"}, "the control: all that is not sealed is found before"
    run(context, code)
    assert list_found(read_rows(context.database)) == set()
    assert list_found(read_folder(context.settings.data)) == set()
    with context.database.reading() as session:
        person = session.scalars(select(Person).where(Person.code == code)).one()
        assert person.erased_at is not None
        assert (person.born_on.month, person.born_on.day) == (1, 1)
        assert verify_chain(session, checkpoint.read()).breaks == []
        assert (
            session.scalars(select(AuditRow).where(AuditRow.act == "person.erase")).one().subject
            == f"person:{code}"
        )
        assert (
            session.scalars(select(Placement).where(Placement.person_id == person.id)).one().pin_reason == ""
        )
        assert not session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == "erase-me-0001")).all()
        assert {row.reason for row in session.scalars(select(ReadLogRow))} == {""}
    kept = read_folder(context.settings.data, "notices-*.jsonl")
    assert "别人的通知" in kept
    assert [json.loads(line)["key"] for line in kept.splitlines() if line.strip()] == ["n2"]
    export_workbook(context.database, tmp_path / "out.xlsx", system_actor(), lambda _: None)
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "out.xlsx"))
    cells = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert list_found(cells) <= {"address", "pickup_phone"}, "the others of the household have these"
    assert code not in cells
    with pytest.raises(UnknownPerson):
        run(context, code)


def test_raw_file_holds_nothing_of_an_erased_person(
    tmp_path: Path, sqlite_databases: SqliteDatabases
) -> None:
    """In the file, its free pages and its log; the control shows that deleting alone would leave the name there."""
    data = tmp_path / "data"
    data.mkdir()
    database = Database.at(sqlite_databases.make_at(tmp_path / "raw.sqlite3"))
    checkpoint.install(data)
    try:
        context = Context(Settings(data=data, database_url=None), database)
        code = fill(context)

        def read() -> set[str]:
            raw = b"".join(path.read_bytes() for path in tmp_path.glob("raw.sqlite3*"))
            return {name for name, word in ALL.items() if word.encode() in raw}

        assert read() >= {"name", "pinyin", "urgent"}
        from app.erasure.commands import erase_person

        database.write(lambda s: erase_person(s, system_actor(), code, "test", now()))
        assert "name" in read(), "the control"
        database.scrub()
        assert read() == set()
    finally:
        database.dispose()
        checkpoint.install(None)


def test_what_is_in_the_way_is_named(context: Context) -> None:
    def make(session: Any) -> tuple[str, str, str, int]:
        half = make_half(session)
        from app.models import CareClass, Need, SlotTemplate

        template = session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == half.class_id)).one()
        need = session.get_one(Need, half.need_id)
        make_placement(session, need, session.get_one(CareClass, half.class_id), [template])
        codes = [
            session.get_one(Person, id_).code for id_ in (half.elder_id, half.guardian_id, half.child_id)
        ]
        return (*codes, half.household_id)  # type: ignore[return-value]

    elder, guardian, child, household_id = context.database.write(make)
    with pytest.raises(StillServed) as served:
        run(context, elder)
    assert "need" in served.value.data["needs"]
    with pytest.raises(StillGuardian) as guards:
        run(context, guardian)
    assert guards.value.data["children"] == child
    with pytest.raises(UnknownPerson):
        run(context, "P-nobody")
    with context.database.reading() as session:
        assert not session.scalars(select(Person).where(Person.erased_at.is_not(None))).all()
    run(context, child)
    run(context, guardian)
    context.database.write(
        lambda s: s.execute(update(Placement).values(state=PlacementState.ended, ends_on=today()))
    )
    with context.database.writing() as session:
        session.get_one(Household, household_id).address = "最后一位"
    run(context, elder)
    with context.database.reading() as session:
        assert session.get_one(Household, household_id).address is None


def test_backup_does_not_bring_an_erased_person_back(context: Context, tmp_path: Path) -> None:
    code = fill(context)
    back_up(context, tmp_path / "b.zip", with_key=False)
    run(context, code)
    restored = restore(context, tmp_path / "b.zip", replace=True)
    assert restored.still_there == []
    assert list_found(read_rows(context.database)) == set()
    with context.database.reading() as session:
        assert verify_chain(session, checkpoint.read()).breaks == []


def test_command_asks_for_a_reason(monkeypatch: pytest.MonkeyPatch, context: Context) -> None:
    monkeypatch.setattr("app.context.open_context", lambda **_: context)
    code = fill(context)
    told = CliRunner().invoke(build(), ["erase", code, "--yes"])
    assert (told.exit_code, "reason" in told.output) == (2, True)
    assert CliRunner().invoke(build(), ["erase", code, "--reason", "申请"], input="n\n").exit_code == 1
    assert CliRunner().invoke(build(), ["erase", code, "--reason", "申请", "--yes"]).exit_code == 0
    assert files.list_erased(context.settings.data) == [code]


def test_line_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    folder.mkdir()
    path = folder / "notices-2026-11-23.jsonl"
    path.write_bytes(b'{"to": "P1"}\n{"to": "P2"}\nnoise\n{"to": "P1"')
    assert files.blank_notices(tmp_path, "P1") == 1
    assert path.read_bytes() == b" " * 12 + b'\n{"to": "P2"}\nnoise\n{"to": "P1"'
    assert list(folder.iterdir()) == [path]
