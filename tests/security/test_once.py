"""Every unsafe route takes an Idempotency-Key, so that a cut line never makes a second person or need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select

from app.clock import today
from app.idempotency.once import get_once
from app.models import Need, Person
from app.models.enums import StaffRole
from tests.factories.towns import make_half

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant

    from tests.support.service import Service

CHANGES_NOTHING = {
    "POST /api/login": "gives out a secret, which must not be kept",
    "POST /api/logout": "a second time finds nobody signed in",
    "POST /api/people/search": "reads; the text only travels in the body",
    "POST /api/people/{person_id}/unmask": "reads; every look is noted",
}


def below(dependant: Dependant) -> Iterator[Dependant]:
    for dependency in dependant.dependencies:
        yield dependency
        yield from below(dependency)


def test_every_unsafe_route_is_done_once_per_key(service: Service) -> None:
    unsafe = {
        f"{method} {route.path}": route
        for route in iter_route_contexts(service.anonymous.app.routes)
        for method in getattr(route, "methods", None) or ()
        if method not in {"GET", "HEAD"} and str(route.path).startswith("/api/")
    }
    assert len(unsafe) > 20
    twice = {
        name
        for name, route in unsafe.items()
        if get_once not in {dependency.call for dependency in below(route.dependant)}
    }
    assert twice == set(CHANGES_NOTHING)


def test_same_key_makes_one_person_and_one_need_and_gets_the_same_reply(service: Service) -> None:
    half = service.database.write(make_half)
    desk = service.as_program(StaffRole.adviser, [half.committee])
    person = {"household_id": half.household_id, "name": "李四", "sex": "male", "born_on": "1950-01-01"}
    need = {
        "person_id": half.elder_id,
        "kind": "day_care",
        "rhythm": "weekly",
        "starts_on": today().isoformat(),
        "patterns": [{"weekdays": [0], "part": "morning"}],
    }
    for path, body, model in (("/api/people", person, Person), ("/api/needs", need, Need)):
        with service.database.reading() as session:
            before = session.scalars(select(func.count()).select_from(model)).one()
        header = {"Idempotency-Key": f"key-{path}"}
        first, again = (desk.post(path, json=body, headers=header) for _ in range(2))
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        assert again.headers["ETag"] == '"1"'
        other = desk.post(
            path,
            json=body | {"note": "x"} if path.endswith("needs") else body | {"name": "王五"},
            headers=header,
        )
        assert other.status_code == 422
        with service.database.reading() as session:
            assert session.scalars(select(func.count()).select_from(model)).one() == before + 1
