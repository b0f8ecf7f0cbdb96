"""While a round is not decided, its places are given by nobody by day: not to its own needs, not to newcomers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.db import WriteSession
from app.models import Round
from app.models.enums import Channel, PlacementState, RoundState, ServiceKind, WishPart
from app.placements import offers
from app.placements.byhand import Order
from app.placements.byhand import place as place_by_hand
from app.rounds.errors import WaitsForRound
from tests.app.placements.conftest import NOW, TODAY, Place
from tests.app.placements.test_standby import fill, find_standby, publish_order
from tests.factories.rounds import make_round

STARTS = date(2026, 12, 7)


def keep(session: WriteSession, state: RoundState = RoundState.open) -> Round:
    return make_round(
        session,
        ServiceKind.day_care,
        state,
        opens_on=TODAY - timedelta(days=7),
        closes_on=TODAY + timedelta(days=7),
        publishes_on=TODAY + timedelta(days=14),
        starts_on=STARTS,
    )


def order(place: Place, need_id: int, **changes: object) -> Order:
    given = {
        "need_id": need_id,
        "class_id": place.care_class.id,
        "weekdays": 0b10101,
        "part": WishPart.morning,
        "reason": "test",
        "said_yes_by": "self",
    }
    return Order(**(given | changes))


@pytest.mark.parametrize(
    "state", [RoundState.announced, RoundState.open, RoundState.closed, RoundState.drawn]
)
def test_newcomer_is_not_placed_into_the_rounds_period(
    session: WriteSession, place: Place, state: RoundState
) -> None:
    row = keep(session, state)
    with pytest.raises(WaitsForRound) as refused:
        place_by_hand(session, place.actor, order(place, place.make_need().id), NOW)
    assert refused.value.data["round"] == row.code
    assert (refused.value.code, refused.value.status) == ("waits_for_round", 409)


def test_newcomer_who_leaves_before_the_round_starts_is_placed(session: WriteSession, place: Place) -> None:
    keep(session)
    need = place.make_need(ends_on=STARTS - timedelta(days=1))
    made = place_by_hand(session, place.actor, order(place, need.id), NOW)
    assert made.state is PlacementState.confirmed


def test_need_of_the_round_waits_whatever_it_asks_for(session: WriteSession, place: Place) -> None:
    row = keep(session)
    need = place.make_need(round_id=row.id, ends_on=STARTS - timedelta(days=1))
    with pytest.raises(WaitsForRound):
        place_by_hand(session, place.actor, order(place, need.id), NOW)


def test_manager_places_against_a_round_with_a_reason(session: WriteSession, place: Place) -> None:
    keep(session)
    made = place_by_hand(session, place.actor, order(place, place.make_need().id, overrides=True), NOW)
    assert made.state is PlacementState.confirmed


@pytest.mark.parametrize("state", [RoundState.planned, RoundState.published, RoundState.cancelled])
def test_round_that_is_decided_or_not_begun_is_in_nobodys_way(
    session: WriteSession, place: Place, state: RoundState
) -> None:
    keep(session, state)
    place_by_hand(session, place.actor, order(place, place.make_need().id), NOW)


def test_round_of_another_kind_is_in_nobodys_way(session: WriteSession, place: Place) -> None:
    make_round(session, ServiceKind.nursery)
    place_by_hand(session, place.actor, order(place, place.make_need().id), NOW)


def test_freed_place_stays_free_for_the_round(session: WriteSession, place: Place) -> None:
    rows = fill(place, PlacementState.proposed)
    publish_order(session, place, [place.make_need()])
    keep(session)
    offers.offer(session, place.actor, rows[0].id, NOW)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    assert find_standby(session) == []
