"""What comes free by day goes to the first in the published standby order that it completes, never to the fastest."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.db import WriteSession
from app.ledger.commands import occupy, recount
from app.models import Need, Offer, Placement, Plan, PlanRun, StandbyOrder
from app.models.enums import Channel, GroupKind, NeedState, Origin, PlacementState, PlanState, RunState
from app.placements import offers
from app.placements.commands import end
from tests.app.placements.conftest import NOW, TODAY, Place
from tests.factories import needs, placements

DAY = date(2026, 11, 9)


def publish_order(session: WriteSession, place: Place, waiting: list[Need]) -> None:
    """Publish a plan that has nothing but a standby order for the class."""
    run = PlanRun(
        effective_on=TODAY,
        state=RunState.published,
        holder="test",
        token=1,
        heartbeat_at=NOW,
        started_at=NOW,
    )
    session.add(run)
    session.flush()
    plan = Plan(
        run_id=run.id,
        effective_on=TODAY,
        version=1,
        state=PlanState.published,
        made_at=NOW,
        published_at=NOW,
        gap=0.0,
    )
    session.add(plan)
    session.flush()
    for rank, need in enumerate(waiting, 1):
        session.add(StandbyOrder(plan_id=plan.id, class_id=place.care_class.id, rank=rank, need_id=need.id))
    session.flush()


def fill(place: Place, state: PlacementState = PlacementState.active) -> list[Placement]:
    return [place.make_placed(state) for _ in range(2)]


def find_standby(session: WriteSession) -> list[Placement]:
    return list(session.scalars(select(Placement).where(Placement.origin == Origin.standby)))


def test_declined_place_is_offered_to_the_first_in_line(session: WriteSession, place: Place) -> None:
    rows = fill(place, PlacementState.proposed)
    first, second = place.make_need(), place.make_need()
    publish_order(session, place, [first, second])
    offers.offer(session, place.actor, rows[0].id, NOW)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    (made,) = find_standby(session)
    assert (made.need_id, made.state) == (first.id, PlacementState.offered)
    assert session.scalars(select(Offer.placement_id).where(Offer.answer.is_(None))).all() == [made.id]
    assert place.taken()[DAY] == 2
    assert recount(session) == []


def test_ended_place_is_offered_from_the_first_free_date(session: WriteSession, place: Place) -> None:
    rows = fill(place)
    need = place.make_need(starts_on=date(2026, 11, 18))
    publish_order(session, place, [need])
    end(session, place.actor, rows[0].id, date(2026, 11, 16), "moves away", NOW)
    (made,) = find_standby(session)
    assert made.starts_on == date(2026, 11, 18)
    assert recount(session) == []


def test_who_is_served_already_is_passed_over(session: WriteSession, place: Place) -> None:
    rows = fill(place, PlacementState.proposed)
    served, next_one = place.make_need(), place.make_need()
    served.state = NeedState.withdrawn
    publish_order(session, place, [served, next_one])
    offers.offer(session, place.actor, rows[0].id, NOW)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    assert [row.need_id for row in find_standby(session)] == [next_one.id]


@pytest.mark.parametrize("kind", list(GroupKind))
def test_group_is_offered_the_places_that_another_gave_up(
    session: WriteSession, place: Place, kind: GroupKind
) -> None:
    pairs = [[place.make_need(), place.make_need()] for _ in range(2)]
    for pair in pairs:
        needs.make_group(session, kind, pair)
    alone = place.make_need()
    rows = [place.make_placed(PlacementState.proposed, need) for need in pairs[0]]
    publish_order(session, place, [*pairs[1], alone])
    offers.offer(session, place.actor, rows[0].id, NOW)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    made = find_standby(session)
    assert sorted(row.need_id for row in made) == [need.id for need in pairs[1]]
    assert {row.state for row in made} == {PlacementState.offered}
    assert len(offers.accept(session, place.actor, made[1].id, NOW, by="self", channel=Channel.phone)) == 2
    assert recount(session) == []


@pytest.mark.parametrize("kind", list(GroupKind))
def test_group_that_one_place_does_not_complete_is_left_to_the_night(
    session: WriteSession, place: Place, kind: GroupKind
) -> None:
    rows = fill(place, PlacementState.proposed)
    pair = [place.make_need(), place.make_need()]
    needs.make_group(session, kind, pair)
    alone = place.make_need()
    publish_order(session, place, [*pair, alone])
    offers.offer(session, place.actor, rows[0].id, NOW)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    # Nobody of the pair, and what had been set aside for the first of them is free for the next.
    assert [row.need_id for row in find_standby(session)] == [alone.id]
    assert recount(session) == []


def test_without_a_published_order_nothing_is_given_by_day(session: WriteSession, place: Place) -> None:
    rows = fill(place, PlacementState.proposed)
    place.make_need()
    offers.offer(session, place.actor, rows[0].id, NOW)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    assert find_standby(session) == []


def test_place_that_does_not_complete_a_wish_stays_free(session: WriteSession, place: Place) -> None:
    rows = fill(place, PlacementState.proposed)
    publish_order(session, place, [place.make_need()])
    # The first of two goes, but a third somebody has taken Wednesdays meanwhile: Mon-Wed-Fri is not complete.
    offers.offer(session, place.actor, rows[0].id, NOW)
    wednesdays = [row for row in place.care_class_templates() if row.weekday == 2]
    taken_back = placements.make_placement(
        session, place.make_need(), place.care_class, wednesdays, state=PlacementState.active, starts_on=DAY
    )
    occupy(session, [taken_back.id], may_overfill=True)
    offers.decline(session, place.actor, rows[0].id, NOW, by="self", channel=Channel.phone)
    assert find_standby(session) == []
    assert recount(session) == []


def test_offer_that_runs_out_goes_to_the_next(session: WriteSession, place: Place) -> None:
    rows = fill(place, PlacementState.proposed)
    need = place.make_need()
    publish_order(session, place, [need])
    offers.offer(session, place.actor, rows[0].id, NOW)
    late = NOW.replace(day=6)
    offers.expire_offers(session, late)
    (made,) = find_standby(session)
    assert (made.need_id, made.state) == (need.id, PlacementState.offered)
    assert offers.expire_offers(session, late) == []
