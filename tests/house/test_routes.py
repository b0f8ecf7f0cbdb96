"""Every route asks who is there, except a few that say why not; what writes commits before the reply is sent."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app import main
from app.auth import RoleGate, get_actor
from app.config import Settings
from app.context import open_context
from app.db import WriteSession
from tests.house.source import ROOT
from tests.support.keys import own_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from fastapi.dependencies.models import Dependant

PUBLIC = {
    "/api/health": "a load balancer has no account",
    "/api/ready": "a load balancer has no account; it tells an age and no person",
    "/api/login": "how one becomes an actor",
    "/login": "the page on which one becomes an actor",
    "/coordinator/worker.js": "a script without anybody's data; a browser fetches it without asking who is signed in",
    "/assets/{digest}/{name:path}": "styles and scripts of the sign-in page itself",
    "/language/{language}": "the switch stands on the sign-in page, too",
    "/metrics": "a monitor has no account; it tells counts and no person",
}
"""Routes without an actor, each with its reason."""
FRAMEWORK = {"/api/openapi.json"}
"""Routes that the framework adds."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder: Path = tmp_path_factory.mktemp("service")
    with own_key():
        context = open_context(Settings(data=folder / "data", database_url=None))
        yield main.create_app(context)
        context.database.dispose()


def routes(service: FastAPI) -> list[RouteContext]:
    """Return every route as it is served, with the prefix and the dependencies of the router it came by."""
    found = [r for r in iter_route_contexts(service.routes) if isinstance(r.original_route, APIRoute)]
    assert found
    return found


def below(dependant: Dependant) -> Iterator[Dependant]:
    """Give a route's dependencies, and theirs."""
    for dependency in dependant.dependencies:
        yield dependency
        yield from below(dependency)


def test_every_route_asks_who_is_there(service: FastAPI) -> None:
    open_to_all = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in routes(service)
        if route.path not in PUBLIC and get_actor not in {d.call for d in below(route.dependant)}
    ]
    assert not open_to_all


def test_every_other_route_is_a_mount_of_files_or_the_frameworks(service: FastAPI) -> None:
    served = list(iter_route_contexts(service.routes))
    assert served
    others = {str(r.path) for r in served if not isinstance(r.original_route, APIRoute)}
    assert {path for path in others if not path.startswith("/static")} <= FRAMEWORK


def test_what_writes_commits_before_the_reply(service: FastAPI) -> None:
    """A dependency with another scope ends after the reply: a failing commit would still answer 200."""
    late, seen = [], 0
    for route in routes(service):
        for dependency in below(route.dependant):
            gives = getattr(dependency.call, "__annotations__", {}).get("return", "")
            if WriteSession.__name__ in str(gives):
                seen += 1
                if dependency.scope != "function":
                    late.append(f"{route.path}: {dependency.call}")
    assert seen
    assert not late


def test_no_get_writes(service: FastAPI) -> None:
    writing = [
        route.path
        for route in routes(service)
        if (route.methods or set()) <= {"GET", "HEAD"}
        and any(
            WriteSession.__name__ in str(getattr(d.call, "__annotations__", {}).get("return", ""))
            for d in below(route.dependant)
        )
    ]
    assert not writing


def test_no_route_is_shut_for_every_role(service: FastAPI) -> None:
    gates = [
        (route.path, dependency.call.roles)
        for route in routes(service)
        for dependency in below(route.dependant)
        if isinstance(dependency.call, RoleGate)
    ]
    assert gates
    assert [path for path, roles in gates if not roles] == []


def test_routes_are_plain_functions(service: FastAPI) -> None:
    """Sessions are synchronous: in an `async` route they would stop every other request."""
    waiting = [
        route.path
        for route in routes(service)
        if inspect.iscoroutinefunction(inspect.unwrap(route.dependant.call))
    ]
    assert not waiting


def test_no_feature_with_routes_is_left_out() -> None:
    features = {path.parent.name for path in (ROOT / "app").glob("*/routes.py")}
    assert features
    assert features == {*main.API, *main.PAGES}
