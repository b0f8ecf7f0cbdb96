"""The after-school town of today, and who looks after it; the desk's and the manager's tests make towns of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.web.coordinator_town import make_town_of_today, sign_in

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.app.attendance.day_town import DayTown
    from tests.support.service import Service


@pytest.fixture
def town(service: Service) -> DayTown:
    return service.database.write(make_town_of_today)


@pytest.fixture
def coordinator(service: Service, town: DayTown) -> TestClient:
    """A coordinator of the town's committee, signed in, who reads Chinese."""
    return sign_in(service, "lin", [town.committee])
