"""What every reply has in common: health, readiness, metrics, headers, problems in two languages, limits; and `serve`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.clock import now
from app.models import Plan, PlanRun
from app.models.enums import PlanState, RunState, StaffRole
from app.operations.serving import count_threads

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import WriteSession
    from tests.support.service import Service


def publish(service: Service, hours_ago: float) -> None:
    def work(session: WriteSession) -> None:
        at = now() - timedelta(hours=hours_ago)
        run = PlanRun(
            effective_on=at.date(),
            state=RunState.published,
            holder="test",
            token=1,
            heartbeat_at=at,
            started_at=at,
        )
        session.add(run)
        session.flush()
        session.add(
            Plan(
                run_id=run.id,
                effective_on=at.date(),
                version=1,
                state=PlanState.published,
                made_at=at,
                published_at=at,
            )
        )

    service.database.write(work)


def test_health_needs_nobody(service: Service) -> None:
    assert service.client().get("/api/health").json() == {"status": "ok"}


def test_not_ready_before_the_first_night(service: Service) -> None:
    answer = service.client().get("/api/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_plan_yet")


@pytest.mark.parametrize(("hours", "status"), [(1, 200), (25.9, 200), (26.1, 503), (200, 503)])
def test_readiness_turns_red_when_the_plan_is_older_than_26_hours(
    service: Service, hours: float, status: int
) -> None:
    publish(service, hours)
    answer = service.client().get("/api/ready")
    assert answer.status_code == status
    assert answer.json()["age_hours"] == pytest.approx(hours, abs=0.1)


def test_metrics_count_requests_by_route_without_ids(service: Service) -> None:
    publish(service, 3)
    client = service.as_program(StaffRole.adviser)
    client.get("/api/people/123456")
    text = service.client().get("/metrics").text
    assert re.search(r'carematch_requests_total\{.*route="/people/\{person_id\}",status="404"\}', text)
    assert "123456" not in text
    assert re.search(r"carematch_plan_age_hours (2\.9|3\.0)", text)


def test_every_reply_carries_the_security_headers(service: Service) -> None:
    for path in ("/api/health", "/api/me", "/nowhere"):
        headers = service.client().get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("GET", "/nowhere", (404, "not_found")), ("DELETE", "/api/health", (405, "method_not_allowed"))],
)
def test_what_the_framework_refuses_is_a_problem_too(
    service: Service, method: str, path: str, expected: tuple[int, str]
) -> None:
    answer = service.client().request(method, path)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "header", "word"),
    [
        ("/api/me", "", "请先登录"),
        ("/api/me", "en-GB,en;q=0.9", "Sign in"),
        ("/api/me", "zh-CN", "请先登录"),
        ("/api/me?lang=en", "zh-CN", "Sign in"),
    ],
)
def test_problem_speaks_the_language_asked_for(service: Service, path: str, header: str, word: str) -> None:
    answer = service.client({"Accept-Language": header}).get(path)
    assert answer.json()["detail"].startswith(word)


def test_body_that_is_too_large_is_refused_by_claim_and_by_count(service: Service) -> None:
    client = service.as_program(StaffRole.adviser)
    claimed = client.post("/api/people/search", content=b"x" * (1 << 20) + b"x")
    counted = client.post("/api/people/search", content=iter([b"x" * 700_000] * 2))
    assert [(a.status_code, a.json()["code"]) for a in (claimed, counted)] == [(413, "too_large")] * 2


def test_description_is_served_without_the_internet(service: Service) -> None:
    answer = service.client().get("/api/openapi.json")
    assert "/api/people/search" in answer.json()["paths"]
    problems = answer.json()["paths"]["/api/needs"]["post"]["responses"]
    assert {"401", "403", "404", "409", "412", "422", "428", "503"} <= set(problems)
    assert service.client().get("/docs").status_code == 404


@pytest.mark.parametrize(("workers", "threads"), [(1, 40), (2, 40), (4, 20), (16, 5)])
def test_all_workers_together_stay_within_what_a_server_allows(
    service: Service, workers: int, threads: int
) -> None:
    assert count_threads(service.context.settings, workers) == threads


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_serve_prints_where_answers_and_stops_on_a_signal(
    database_url: str, tmp_path: Path, workers: int
) -> None:
    environment = os.environ | {"DATA": str(tmp_path / "data"), "PORT": "0", "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "app", "serve", "--workers", str(workers)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = server.stdout.readline()
            address = told.removeprefix("CareMatch: ").strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(f"{address}/api/health", timeout=60) as answer:
                assert answer.status == 200
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) in {0, -signal.SIGTERM}
    logged = "".join(path.read_text() for path in (tmp_path / "data" / "logs").glob("*.jsonl"))
    assert '"path": "/health", "status": 200' in logged
