"""The desk's town, and the adviser who works there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.web.adviser.desk import sign_in
from tests.app.web.adviser.town import Town, make_town

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service


@pytest.fixture
def town(service: Service) -> Town:
    return service.database.write(make_town)


@pytest.fixture
def adviser(service: Service, town: Town) -> TestClient:
    """An adviser of the town's committee, signed in, who reads Chinese."""
    return sign_in(service, "chen", town.committee)
