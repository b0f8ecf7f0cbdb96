"""S8: planted values never stand in logs, errors, addresses, the audit chain or the raw database."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from sqlalchemy import select

from app.clock import today
from app.db import Database
from app.models import AuditRow, ReadLogRow
from app.models.enums import StaffRole
from app.operations.tables import load_tables
from app.people.identity import find_check_character
from tests.factories.towns import make_half
from tests.support.service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import SqliteDatabases
    from tests.support.service import Service

SETS = 6
"""Sixty values of ten kinds."""


def make_canaries(number: int) -> dict[str, str]:
    """Return ten values that stand nowhere else."""
    first = f"990101195305057{number}7"
    return {
        "id_number": first + find_check_character(first),
        "phone": f"1379911{number}233",
        "health_note": f"金丝雀病史甲{number}丙",
        "address": f"金丝雀弄{number}号",
        "evidence": f"金丝雀花生{number}过敏",
        "asked": f"金丝雀咨询{number}内容",
        "told": f"金丝雀答复{number}内容",
        "agreed": f"金丝雀约定{number}内容",
        "note": f"金丝雀需求{number}备注",
        "pickup_phone": f"1379944{number}566",
    }


CANARIES = make_canaries(7)
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


def plant(service: Service, canaries: dict[str, str] = CANARIES) -> tuple[Any, list[Any], int]:
    """Send every canary through the API; returns the client, all replies and the person's id."""
    half = service.database.write(make_half)
    desk = service.as_program(StaffRole.adviser, [half.committee])
    replies = [
        desk.patch(
            f"/api/households/{half.household_id}",
            json={"address": canaries["address"]},
            headers={"If-Match": '"1"'},
        ),
        desk.post(
            "/api/people",
            json={
                "household_id": half.household_id,
                "name": "金丽",
                "sex": "male",
                "born_on": "1953-05-05",
                "id_number": canaries["id_number"],
                "phone": canaries["phone"],
            },
        ),
    ]
    person_id = replies[1].json()["id"]
    path = f"/api/people/{person_id}"
    allowed = {"purpose": "health_data", "given_by_id": person_id, "given_on": "2026-01-01"}
    replies += [
        desk.post(f"{path}/consents", json=allowed),
        desk.patch(path, json={"health_note": canaries["health_note"]}, headers={"If-Match": '"1"'}),
        desk.post(
            f"{path}/evidence",
            json={"kind": "allergy", "value": canaries["evidence"], "valid_from": "2026-01-01"},
        ),
        desk.post(
            f"{path}/consultations",
            json={name: canaries[name] for name in ("asked", "told", "agreed")},
        ),
        desk.post(
            "/api/needs",
            json={
                "person_id": person_id,
                "kind": "day_care",
                "rhythm": "weekly",
                "starts_on": today().isoformat(),
                "patterns": [{"weekdays": [0], "part": "morning"}],
                "note": canaries["note"],
            },
        ),
        desk.post(
            f"/api/people/{half.child_id}/pickups",
            json={
                "adult_name": "金丽",
                "relation": "外公",
                "phone": canaries["pickup_phone"],
                "valid_from": "2026-01-01",
            },
        ),
    ]
    assert [reply.status_code for reply in replies] == [200, 201, 201, 200, 201, 201, 201, 201]
    replies += [desk.get(path), desk.get(f"/api/people/{half.child_id}")]
    for search in (canaries["phone"], canaries["id_number"], canaries["phone"][-4:]):
        found = desk.post("/api/people/search", json={"text": search})
        assert [row["id"] for row in found.json()] == [person_id]
        replies.append(found)
    return desk, replies, person_id


def provoke(service: Service, desk: Any, person_id: int, canaries: dict[str, str]) -> list[Any]:
    """Send canaries where they are refused."""
    wrong = canaries["id_number"][:-1] + ("1" if canaries["id_number"][-1] != "1" else "2")
    return [
        desk.post("/api/people", json={"name": canaries["health_note"], "id_number": wrong}),
        desk.post("/api/people", json=[canaries["phone"]]),
        desk.post(
            "/api/people", content=canaries["note"].encode(), headers={"Content-Type": "application/json"}
        ),
        desk.patch(
            f"/api/people/{person_id}",
            json={"phone": canaries["address"], canaries["asked"]: 1},
            headers={"If-Match": '"1"'},
        ),
        desk.patch(
            f"/api/people/{person_id}", json={"phone": canaries["phone"]}, headers={"If-Match": '"77"'}
        ),
        desk.get(f"/api/people/{canaries['phone']}"),
        desk.get(f"/api/needs?state={canaries['note']}"),
        service.client().post("/api/login", json={"name": canaries["phone"], "password": PASSWORD_CANARY}),
        desk.post(
            f"/api/people/{person_id}/evidence",
            json={"kind": "care_grade", "value": canaries["evidence"], "valid_from": "2026-01-01"},
        ),
    ]


def test_canaries_are_nowhere(service: Service, log: io.StringIO) -> None:
    planted = [make_canaries(number) for number in range(SETS)]
    replies, refused = [], []
    for canaries in planted:
        desk, shown_to, person_id = plant(service, canaries)
        replies += shown_to
        refused += provoke(service, desk, person_id, canaries)
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
    values = {value for canaries in planted for value in canaries.values()}
    assert len(values) == 60
    for canary in [*values, PASSWORD_CANARY]:
        for place, text in places.items():
            assert canary not in text, place
            assert canary.encode().hex() not in text, place
            assert json.dumps(canary)[1:-1] not in text, place


def test_raw_file_holds_no_canary(tmp_path: Path, sqlite_databases: SqliteDatabases) -> None:
    database = Database.at(sqlite_databases.make_at(tmp_path / "raw.sqlite3"))
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
