"""Offers: sent, answered by one for the group, run out, confirmed by the site; the place follows every time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.clock import SHANGHAI
from app.db import WriteSession
from app.ledger.commands import recount
from app.models import AuditRow, CareClass, Need, Offer, Service
from app.models.enums import Channel, GroupKind, NeedState, OfferAnswer, PlacementState
from app.placements import offers
from app.placements.commands import withdraw
from app.placements.errors import NotPossibleInState, OfferAnswered, OfferExpired
from tests.app.placements.conftest import NOW, Place
from tests.factories import needs, providers

DAY = date(2026, 11, 9)


def answer(place: Place, how: str, placement_id: int, at: datetime = NOW) -> list:
    act = offers.accept if how == "accept" else offers.decline
    return act(place.session, place.actor, placement_id, at, by="self", channel=Channel.phone)


def test_offer_runs_out_at_the_end_of_the_second_working_day(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    made = session.scalars(select(Offer)).one()
    assert row.state is PlacementState.offered
    assert made.expires_at == datetime(2026, 11, 5, 0, 0, tzinfo=SHANGHAI)


def test_yes_confirms_and_places_the_need(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    answer(place, "accept", row.id)
    assert (row.state, row.confirmed_by, row.confirmed_at) == (PlacementState.confirmed, "self", NOW)
    assert session.get_one(Need, row.need_id).state is NeedState.placed
    assert place.taken()[DAY] == 1
    with pytest.raises(OfferAnswered):
        answer(place, "decline", row.id)


def test_no_frees_the_place_and_the_need_waits_on(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    answer(place, "decline", row.id)
    assert row.state is PlacementState.declined
    assert session.get_one(Need, row.need_id).state is NeedState.open
    assert place.taken()[DAY] == 0
    assert recount(session) == []


def test_offer_that_runs_out_frees_the_place_once(session: WriteSession, place: Place) -> None:
    rows = [place.make_placed(PlacementState.proposed) for _ in range(2)]
    for row in rows:
        offers.offer(session, place.actor, row.id, NOW)
    answer(place, "accept", rows[0].id)
    late = NOW + timedelta(days=3)
    assert offers.expire_offers(session, NOW + timedelta(days=1)) == []
    assert offers.expire_offers(session, late) == [rows[1].id]
    assert offers.expire_offers(session, late) == []
    session.refresh(rows[1])
    assert rows[1].state is PlacementState.expired
    assert place.taken()[DAY] == 1
    with pytest.raises(OfferExpired) as gone:
        answer(place, "accept", rows[1].id, late)
    assert gone.value.status == 410
    assert recount(session) == []


def test_offer_past_its_time_is_refused_before_the_sweep_comes(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    with pytest.raises(OfferExpired):
        answer(place, "accept", row.id, NOW + timedelta(days=3))
    assert row.state is PlacementState.offered


@pytest.mark.parametrize(
    ("how", "state"), [("accept", PlacementState.confirmed), ("decline", PlacementState.declined)]
)
def test_group_gets_one_offer_and_gives_one_answer(
    session: WriteSession, place: Place, how: str, state: PlacementState
) -> None:
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    rows = [place.make_placed(PlacementState.proposed, need) for need in twins]
    assert len(offers.offer(session, place.actor, rows[0].id, NOW)) == 2
    assert len(answer(place, how, rows[1].id)) == 2
    assert [row.state for row in rows] == [state, state]
    assert {each.answer for each in session.scalars(select(Offer))} == {
        OfferAnswer.accepted if how == "accept" else OfferAnswer.declined
    }
    assert place.taken()[DAY] == (2 if how == "accept" else 0)


def test_site_that_has_to_agree_keeps_the_place_offered(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    answer(place, "accept", row.id)
    assert row.state is PlacementState.offered
    assert offers.expire_offers(session, NOW + timedelta(days=9)) == []  # it has its answer
    offers.confirm_site(session, place.actor, row.id, NOW)
    assert row.state is PlacementState.confirmed
    assert session.get_one(Need, row.need_id).state is NeedState.placed


def test_site_may_agree_before_the_person_does(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    offers.confirm_site(session, place.actor, row.id, NOW)
    assert row.state is PlacementState.offered
    answer(place, "accept", row.id)
    assert row.state is PlacementState.confirmed


def test_site_that_refuses_frees_the_place(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    answer(place, "accept", row.id)
    offers.refuse_site(session, place.actor, row.id, NOW, reason="trial day")
    assert (row.state, row.ended_reason) == (PlacementState.declined, "trial day")
    assert place.taken()[DAY] == 0


def test_proposal_is_withdrawn_but_an_offer_is_not(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    withdraw(session, place.actor, row.id)
    assert row.state is PlacementState.withdrawn
    assert place.taken()[DAY] == 0
    told = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, told.id, NOW)
    with pytest.raises(NotPossibleInState) as refused:
        withdraw(session, place.actor, told.id)
    assert refused.value.data["act"] == "withdraw"
    assert refused.value.code == "not_possible_in_state"


@pytest.mark.parametrize("how", ["withdraw", "refuse"])
@pytest.mark.parametrize(("kind", "is_alone"), [(GroupKind.twins, False), (GroupKind.siblings, True)])
def test_no_twin_is_left_with_a_place_of_its_own(
    session: WriteSession, place: Place, how: str, kind: GroupKind, *, is_alone: bool
) -> None:
    place.service.site_confirms = True
    children = [place.make_need(), place.make_need()]
    needs.make_group(session, kind, children)
    one, other = (place.make_placed(PlacementState.proposed, need) for need in children)
    if how == "withdraw":
        before, after = PlacementState.proposed, PlacementState.withdrawn
        withdraw(session, place.actor, one.id)
    else:
        before, after = PlacementState.offered, PlacementState.declined
        offers.offer(session, place.actor, one.id, NOW)
        answer(place, "accept", one.id)
        offers.refuse_site(session, place.actor, one.id, NOW, reason="trial day")
    assert (one.state, other.state) == (after, before if is_alone else after)
    assert place.taken()[DAY] == (1 if is_alone else 0)
    assert recount(session) == []


def test_site_confirms_twins_by_its_last_yes(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    one, other = (place.make_placed(PlacementState.proposed, need) for need in twins)
    offers.offer(session, place.actor, one.id, NOW)
    answer(place, "accept", one.id)
    offers.confirm_site(session, place.actor, one.id, NOW)
    assert (one.state, one.site_confirmed_at) == (PlacementState.offered, NOW)
    assert session.get_one(Need, one.need_id).state is NeedState.open
    offers.confirm_site(session, place.actor, other.id, NOW)
    assert [row.state for row in (one, other)] == [PlacementState.confirmed] * 2
    assert {session.get_one(Need, row.need_id).state for row in (one, other)} == {NeedState.placed}


def test_no_to_one_twin_finds_the_other_unconfirmed(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    one, other = (place.make_placed(PlacementState.proposed, need) for need in twins)
    offers.offer(session, place.actor, one.id, NOW)
    answer(place, "accept", one.id)
    offers.confirm_site(session, place.actor, one.id, NOW)
    offers.refuse_site(session, place.actor, other.id, NOW, reason="trial day")
    assert [row.state for row in (one, other)] == [PlacementState.declined] * 2
    assert place.taken()[DAY] == 0
    assert recount(session) == []


def test_siblings_are_confirmed_one_by_one(session: WriteSession, place: Place) -> None:
    place.service.site_confirms = True
    children = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.siblings, children)
    one, other = (place.make_placed(PlacementState.proposed, need) for need in children)
    offers.offer(session, place.actor, one.id, NOW)
    answer(place, "accept", one.id)
    offers.confirm_site(session, place.actor, one.id, NOW)
    assert (one.state, other.state) == (PlacementState.confirmed, PlacementState.offered)


def test_twin_whose_site_need_not_agree_waits_for_the_other(
    session: WriteSession, place: Place, make_second_class: Callable[[Service], CareClass]
) -> None:
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    one = place.make_placed(PlacementState.proposed, twins[0])
    strict = providers.make_service(session, held_back_places=0, site_confirms=True)
    place.care_class = make_second_class(strict)
    other = place.make_placed(PlacementState.proposed, twins[1])
    offers.offer(session, place.actor, one.id, NOW)
    answer(place, "accept", one.id)
    assert [row.state for row in (one, other)] == [PlacementState.offered] * 2
    offers.confirm_site(session, place.actor, other.id, NOW)
    assert [row.state for row in (one, other)] == [PlacementState.confirmed] * 2


def test_twin_is_not_confirmed_before_the_other_was_told(session: WriteSession, place: Place) -> None:
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    one, other = (place.make_placed(PlacementState.proposed, need) for need in twins)
    offers.send_offers(session, [one.id], NOW)  # as before twins were told together
    session.refresh(one)
    answer(place, "accept", one.id)
    assert [row.state for row in (one, other)] == [PlacementState.offered, PlacementState.proposed]
    offers.offer(session, place.actor, other.id, NOW)
    answer(place, "accept", other.id)
    assert [row.state for row in (one, other)] == [PlacementState.confirmed] * 2


@pytest.mark.parametrize(("kind", "is_alone"), [(GroupKind.twins, False), (GroupKind.siblings, True)])
def test_offer_of_the_other_twin_runs_out_with_the_first(
    session: WriteSession, place: Place, kind: GroupKind, is_alone: bool
) -> None:
    both = [place.make_need(), place.make_need()]
    needs.make_group(session, kind, both)
    one, other = (place.make_placed(PlacementState.proposed, need) for need in both)
    offers.send_offers(session, [one.id], NOW)
    offers.send_offers(session, [other.id], NOW + timedelta(days=2))
    over = session.scalars(select(Offer.expires_at).where(Offer.placement_id == one.id)).one()
    assert offers.expire_offers(session, over) == ([one.id] if is_alone else [one.id, other.id])
    session.refresh(other)
    assert other.state is (PlacementState.offered if is_alone else PlacementState.expired)
    assert place.taken()[DAY] == (1 if is_alone else 0)
    assert recount(session) == []


@pytest.mark.parametrize(
    ("how", "state"), [("accept", PlacementState.confirmed), ("decline", PlacementState.declined)]
)
def test_imported_twins_answer_as_one(
    session: WriteSession, place: Place, how: str, state: PlacementState
) -> None:
    twins = [place.make_need(), place.make_need()]
    needs.make_group(session, GroupKind.twins, twins)
    rows = [place.make_placed(PlacementState.offered, need) for need in twins]
    assert len(answer(place, how, rows[1].id)) == 2
    assert [row.state for row in rows] == [state, state]


def test_imported_offer_without_a_term_can_be_answered(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.offered)
    answer(place, "accept", row.id)
    assert row.state is PlacementState.confirmed


def test_many_are_offered_by_one_statement(session: WriteSession, place: Place) -> None:
    ids = [place.make_placed(PlacementState.proposed).id for _ in range(2)]
    confirmed = place.make_placed(PlacementState.confirmed, starts_on=date(2027, 6, 1))
    assert offers.send_offers(session, [*ids, confirmed.id], NOW) == 2
    assert confirmed.state is PlacementState.confirmed
    assert session.scalars(select(Offer.placement_id).order_by(Offer.placement_id)).all() == ids


def test_every_act_is_in_the_audit(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    answer(place, "accept", row.id)
    acts = session.scalars(
        select(AuditRow.act).where(AuditRow.subject == f"placement:{row.code}").order_by(AuditRow.sequence)
    )
    assert acts.all() == ["placement.offer", "placement.accept"]
