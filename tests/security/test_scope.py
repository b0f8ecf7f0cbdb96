"""S1: every route x role x {own area, other area, none}, anonymous and disabled; generated from the route table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import update

from app.clock import now
from app.db import Database
from app.models import StaffUser
from app.models.enums import StaffRole
from tests.security.matrix import MATRIX
from tests.security.rows import Row
from tests.security.targets import make_targets
from tests.support.service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from tests.support.databases import Databases

SIGNED_OUT = {(401, "not_signed_in")}
UNKNOWN = 2**62


class World:
    """One database with three committees, and a client for every role in every scope.

    Requests that change something act in a committee of their own: what they leave crowds nobody's lists.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        boss = service.add_user(StaffRole.adviser)
        self.boss_id = boss.id
        self.here = service.database.write(lambda session: make_targets(session, boss.id))
        self.there = service.database.write(lambda session: make_targets(session, boss.id))
        self.changed = service.database.write(lambda session: make_targets(session, boss.id))
        self.clients: dict[tuple[StaffRole, str], TestClient] = {}
        for role in StaffRole:
            scopes = {
                "own": (self.here["committee"], self.here["site"]),
                "changing": (self.changed["committee"], self.changed["site"]),
                "other": (self.there["committee"], self.there["site"]),
                "district": (self.here["district"],),
                "none": (),
            }
            for scope, codes in scopes.items():
                self.clients[role, scope] = service.as_program(role, codes[:1], codes[1:])
            user = service.add_user(role, [self.here["committee"]], [self.here["site"]])
            self.clients[role, "disabled"] = service.with_token(user.name)
            gone = update(StaffUser).where(StaffUser.id == user.id).values(disabled_at=now())
            service.database.write(lambda session, gone=gone: session.execute(gone))

    def fresh(self) -> dict[str, Any]:
        """Return a new person with rows of every kind in the committee of changes, for a request that changes them."""
        at = self.changed
        return self.service.database.write(
            lambda session: make_targets(session, self.boss_id, at["committee_id"], at["site_id"])
        )


@pytest.fixture(scope="module")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = databases.make()
    database = Database.at(url)
    with serving(database, tmp_path_factory.mktemp("served")) as service:
        yield World(service)
    database.dispose()
    databases.drop(url)


def list_routes(app: FastAPI) -> list[str]:
    return [
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in sorted(getattr(route, "methods", None) or {"MOUNT"})
        if method != "HEAD"
    ]


def ask(client: TestClient, route: str, row: Row, ids: dict[str, Any]) -> tuple[int, str, Any]:
    """Send one request; returns status, code of the problem and the body."""
    method, _, path = route.partition(" ")
    filled = re.sub(
        r"\{(\w+)(?::path)?\}", lambda match: str(ids.get(row.using.get(match[1], match[1]), "x")), path
    )
    sent: dict[str, Any] = {"data" if row.page else "json": row.body(ids)}
    answer = client.request(
        method, filled + row.query, headers=dict(row.headers or {}), follow_redirects=False, **sent
    )
    is_json = "json" in answer.headers.get("content-type", "") and answer.content
    body = answer.json() if is_json else answer.text
    code = body.get("code", "") if isinstance(body, dict) and answer.status_code >= 400 else ""
    return answer.status_code, code, body


def is_fine(status: int, code: str) -> bool:
    """Return whether the request got as far as the record: done, or refused for what the record says."""
    return status < 500 and status not in {401, 403, 404, 405} and code != "malformed"


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    routes = set(list_routes(world.service.anonymous.app))
    assert routes - set(MATRIX) == set(), "routes without a row"
    assert set(MATRIX) - routes == set(), "rows without a route"


@pytest.mark.parametrize("route", sorted(MATRIX))
def test_anonymous_and_disabled_are_asked_to_sign_in(world: World, route: str) -> None:
    row = MATRIX[route]
    clients = [world.service.client(), *(world.clients[role, "disabled"] for role in StaffRole)]
    for client in clients:
        status, code, _ = ask(client, route, row, world.here)
        if row.public:
            assert code != "not_signed_in"
            assert status < 500 or code in {"no_plan_yet", "not_ready"}
        elif row.page:
            assert status in {303, 401}
        else:
            assert {(status, code)} == SIGNED_OUT


@pytest.mark.parametrize("role", StaffRole)
@pytest.mark.parametrize("route", sorted(r for r in MATRIX if not MATRIX[r].public))
def test_cell(world: World, route: str, role: StaffRole) -> None:
    row = MATRIX[route]
    if route.endswith("/logout"):
        client = world.service.as_program(role)
        assert ask(client, route, row, world.here)[0] == 204
        return
    if role not in row.roles:
        # Whose it is makes no difference here: the role is looked at first, so the owner's cell stands for all three.
        assert ask(world.clients[role, "own"], route, row, world.here)[:2] == (403, "not_allowed")
        return
    for scope in ("other", "none"):
        status, code, body = ask(world.clients[role, scope], route, row, world.here)
        if row.ids:
            assert status == 200
            assert world.here[row.mine] not in row.ids(body), scope
        elif row.foreign is None:
            assert is_fine(status, code), (scope, status, code)
        else:
            assert (status, code) == row.foreign, scope
            if row.foreign == (404, "not_found") and "{" in route:
                gone = world.here | {
                    row.using.get(name, name): UNKNOWN
                    for name in world.here
                    if name.endswith("_id") and f"{{{name}}}" in route
                }
                assert ask(world.clients[role, "own"], route, row, gone)[2] == body
    if row.district:
        assert ask(world.clients[role, "own"], route, row, world.here)[:2] == row.foreign
    reads = route.startswith("GET") or row.ids is not None
    own = world.clients[role, "district" if row.district else "own" if reads else "changing"]
    ids = world.here if reads else world.fresh()
    status, code, body = ask(own, route, row, ids)
    assert is_fine(status, code), (status, code, ids, str(body)[:2000])
    if row.ids:
        assert ids[row.mine] in row.ids(body) if row.mine else True


@pytest.mark.parametrize("route", sorted(r for r in MATRIX if not r.startswith("GET")))
def test_unsafe_route_refuses_a_browser_without_csrf_token(world: World, route: str) -> None:
    row = MATRIX[route]
    user = world.service.add_user(min(row.roles), [world.here["committee"]], [world.here["site"]])
    browser = world.service.sign_in(user.name)
    del browser.headers["X-CSRF-Token"]
    if row.public:
        browser.headers["Origin"] = "https://elsewhere.example"
    status, code, _ = ask(browser, route, row, world.here)
    assert (status, code) == (403, "csrf_refused")
    browser.headers["X-CSRF-Token"] = "wrong"
    assert ask(browser, route, row, world.here)[:2] == (403, "csrf_refused")
