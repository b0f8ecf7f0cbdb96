"""S8: planted values never stand in logs, errors, addresses, the audit chain or the raw database."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from sqlalchemy import select

from app.db import Database
from app.migrate import upgrade
from app.models import AuditRow, ReadLogRow
from app.models.enums import StaffRole
from app.operations.tables import load_tables
from app.people.identity import find_check_character
from tests.factories.towns import make_half
from tests.support.service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.service import Service

CANARIES = {
    "id_number": (first := "99010119530505777") + find_check_character(first),
    "phone": "13799112233",
    "health_note": "金丝雀病史甲乙丙",
    "address": "金丝雀弄堂九号",
    "evidence": "金丝雀花生过敏",
    "asked": "金丝雀咨询内容",
    "told": "金丝雀答复内容",
    "agreed": "金丝雀约定内容",
    "note": "金丝雀需求备注",
    "pickup_phone": "13799445566",
}
PASSWORD_CANARY = "canary-password-guess"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged while a test runs, as the service logs it."""
    written = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(written),
        cache_logger_on_first_use=False,
    )
    yield written
    structlog.configure(**before)


def plant(service: Service) -> tuple[Any, list[Any], int]:
    """Send every canary through the API; returns the client, all replies and the person's id."""
    half = service.database.write(make_half)
    desk = service.as_program(StaffRole.adviser, [half.committee])
    replies = [
        desk.patch(
            f"/api/households/{half.household_id}",
            json={"address": CANARIES["address"]},
            headers={"If-Match": '"1"'},
        ),
        desk.post(
            "/api/people",
            json={
                "household_id": half.household_id,
                "name": "金丽",
                "sex": "male",
                "born_on": "1953-05-05",
                "id_number": CANARIES["id_number"],
                "phone": CANARIES["phone"],
                "health_note": CANARIES["health_note"],
            },
        ),
    ]
    person_id = replies[1].json()["id"]
    path = f"/api/people/{person_id}"
    replies += [
        desk.post(
            f"{path}/evidence",
            json={"kind": "allergy", "value": CANARIES["evidence"], "valid_from": "2026-01-01"},
        ),
        desk.post(
            f"{path}/consultations",
            json={name: CANARIES[name] for name in ("asked", "told", "agreed")},
        ),
        desk.post(
            "/api/needs",
            json={
                "person_id": person_id,
                "kind": "day_care",
                "rhythm": "weekly",
                "starts_on": "2026-12-01",
                "patterns": [{"weekdays": [0], "part": "morning"}],
                "note": CANARIES["note"],
            },
        ),
        desk.post(
            f"/api/people/{half.child_id}/pickups",
            json={
                "adult_name": "金丽",
                "relation": "外公",
                "phone": CANARIES["pickup_phone"],
                "valid_from": "2026-01-01",
            },
        ),
    ]
    assert [reply.status_code for reply in replies] == [200, 201, 201, 201, 201, 201]
    replies += [desk.get(path), desk.get(f"/api/people/{half.child_id}")]
    for search in (CANARIES["phone"], CANARIES["id_number"], CANARIES["phone"][-4:]):
        found = desk.post("/api/people/search", json={"text": search})
        assert [row["id"] for row in found.json()] == [person_id]
        replies.append(found)
    return desk, replies, person_id


def provoke(service: Service, desk: Any, person_id: int) -> list[Any]:
    """Send canaries where they are refused."""
    wrong = CANARIES["id_number"][:-1] + ("1" if CANARIES["id_number"][-1] != "1" else "2")
    return [
        desk.post("/api/people", json={"name": CANARIES["health_note"], "id_number": wrong}),
        desk.post("/api/people", json=[CANARIES["phone"]]),
        desk.post(
            "/api/people", content=CANARIES["note"].encode(), headers={"Content-Type": "application/json"}
        ),
        desk.patch(
            f"/api/people/{person_id}",
            json={"phone": CANARIES["address"], CANARIES["asked"]: 1},
            headers={"If-Match": '"1"'},
        ),
        desk.patch(
            f"/api/people/{person_id}", json={"phone": CANARIES["phone"]}, headers={"If-Match": '"77"'}
        ),
        desk.get(f"/api/people/{CANARIES['phone']}"),
        desk.get(f"/api/needs?state={CANARIES['note']}"),
        service.client().post("/api/login", json={"name": CANARIES["phone"], "password": PASSWORD_CANARY}),
        desk.post(
            f"/api/people/{person_id}/evidence",
            json={"kind": "care_grade", "value": CANARIES["evidence"], "valid_from": "2026-01-01"},
        ),
    ]


def test_canaries_are_nowhere(service: Service, log: io.StringIO) -> None:
    desk, replies, person_id = plant(service)
    refused = provoke(service, desk, person_id)
    assert all(400 <= answer.status_code < 500 for answer in refused)
    shown = "".join(answer.text for answer in [*replies, *refused])
    with service.database.reading() as session:
        connection = session.connection()
        rows = [
            str([value.hex() if isinstance(value, bytes) else value for value in row])
            for table in load_tables(connection)
            for row in connection.execute(select(table))
        ]
        noted = [str(row.data) + row.subject for row in session.scalars(select(AuditRow))]
        reads = [row.fields + row.reason for row in session.scalars(select(ReadLogRow))]
    assert len(rows) > 30
    assert len(noted) >= 6
    assert len(log.getvalue().splitlines()) > 15
    places = {
        "replies": shown,
        "log": log.getvalue(),
        "database": "\n".join(rows),
        "audit": str(noted + reads),
    }
    for canary in [*CANARIES.values(), PASSWORD_CANARY]:
        for place, text in places.items():
            assert canary not in text, place
            assert canary.encode().hex() not in text, place
            assert json.dumps(canary)[1:-1] not in text, place


def test_raw_file_holds_no_canary(tmp_path: Path) -> None:
    path = tmp_path / "raw.sqlite3"
    database = Database.at(f"sqlite:///{path}")
    upgrade(database.engine)
    with serving(database, tmp_path) as service:
        plant(service)
        raw = b"".join(file.read_bytes() for file in tmp_path.glob("raw.sqlite3*"))
    assert "金丽".encode() in raw, "names are plain: this control shows that the file was read"
    for canary in CANARIES.values():
        assert canary.encode() not in raw


def test_unforeseen_fault_tells_nothing(service: Service, log: io.StringIO) -> None:
    app: Any = service.anonymous.app
    before = app.state.context
    app.state.context = None  # as when something breaks that nobody foresaw
    try:
        answer = service.client().get(f"/api/me?x={CANARIES['phone']}", headers={"Accept-Language": "en"})
    finally:
        app.state.context = before
    assert (answer.status_code, answer.json()["code"]) == (500, "own_fault")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "own_fault" in log.getvalue()
    assert CANARIES["phone"] not in log.getvalue() + answer.text
