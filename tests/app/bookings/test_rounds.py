"""A date in the period of a round that is not decided is booked by nobody, except as urgent with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.db import WriteSession
from app.models.enums import BookingState, ServiceKind
from app.rounds.errors import WaitsForRound
from tests.app.bookings.conftest import LATER, SOON, TODAY, Desk
from tests.factories.rounds import make_round


@pytest.fixture(autouse=True)
def round_(session: WriteSession) -> None:
    make_round(
        session,
        ServiceKind.day_care,
        opens_on=TODAY - timedelta(days=7),
        closes_on=TODAY + timedelta(days=3),
        publishes_on=TODAY + timedelta(days=7),
        starts_on=TODAY + timedelta(days=10),
    )


def test_date_before_the_round_starts_is_booked(desk: Desk) -> None:
    assert desk.book(desk.make_need(SOON)).state is BookingState.booked


def test_date_in_the_rounds_period_waits_for_it(desk: Desk) -> None:
    with pytest.raises(WaitsForRound):
        desk.book(desk.make_need(LATER), desk.slot(LATER))


def test_urgent_date_in_the_rounds_period_is_booked_with_a_reason(desk: Desk) -> None:
    made = desk.book(desk.make_need(LATER), desk.slot(LATER), urgent=True, reason="carer ill")
    assert made.state is BookingState.booked
