"""S3: the whole OpenAPI with made-up input, as each role: no 5xx, no status and no body that is not described."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.db import Database
from app.models.enums import StaffRole
from tests.security.targets import make_targets
from tests.support.service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Databases

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = int(os.environ.get("CAREMATCH_SCHEMA_EXAMPLES", "3"))
"""For each operation, each asked by all six roles; a larger number digs deeper."""


@pytest.fixture(scope="module")
def described(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    url = databases.make()
    database = Database.at(url)
    with serving(database, tmp_path_factory.mktemp("described")) as service:
        boss = service.add_user(StaffRole.adviser)
        here = database.write(lambda session: make_targets(session, boss.id))
        clients = [service.as_program(role, [here["district"]], [here["site"]]) for role in StaffRole]
        headers = [{"Authorization": client.headers["Authorization"]} for client in clients]
        schema = schemathesis.openapi.from_asgi("/api/openapi.json", service.anonymous.app)
        yield schema, headers
    database.dispose()
    databases.drop(url)


def test_made_up_input_is_answered_as_described(described: tuple[Any, list[dict[str, str]]]) -> None:
    schema, every_role = described
    faults, operations = [], 0
    for found in schema.get_all_operations():
        operation = found.ok()
        operations += 1
        if operation.path == "/api/logout":  # it would end the login that asks
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            for headers in every_role:
                case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            ask()
        except FailureGroup as group:
            faults += [f"{operation.label}: {fault}" for fault in group.exceptions]
        except Failure as fault:
            faults.append(f"{operation.label}: {fault}")
    assert operations > 60
    assert not faults, "\n\n".join(faults)
