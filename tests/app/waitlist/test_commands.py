"""An entry of a waitlist from joining to its end; what leads nowhere is refused with a code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.actor import system_actor
from app.db import WriteSession
from app.models import Need, WaitlistEntry
from app.models.enums import NeedState, ServiceKind, WaitlistState
from app.waitlist.commands import join, leave, serve
from app.waitlist.errors import AlreadyWaiting, NeedNotWaiting, NotForThisService
from tests.factories.needs import make_need
from tests.factories.people import make_elder
from tests.factories.providers import make_service

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
ACTOR = system_actor()


@pytest.fixture
def need(session: WriteSession) -> Need:
    return make_need(session, make_elder(session))


@pytest.fixture
def entry(session: WriteSession, need: Need) -> WaitlistEntry:
    return join(session, ACTOR, need.id, make_service(session).id, NOW)


def test_who_joins_waits(entry: WaitlistEntry) -> None:
    assert entry.state is WaitlistState.waiting


def test_nobody_waits_twice_for_one_service(session: WriteSession, entry: WaitlistEntry) -> None:
    with pytest.raises(AlreadyWaiting):
        join(session, ACTOR, entry.need_id, entry.service_id, NOW)


def test_who_leaves_may_join_again(session: WriteSession, entry: WaitlistEntry) -> None:
    assert leave(session, ACTOR, entry.id).state is WaitlistState.left
    assert join(session, ACTOR, entry.need_id, entry.service_id, NOW).state is WaitlistState.waiting


@pytest.mark.parametrize("state", [WaitlistState.left, WaitlistState.served])
def test_entry_that_has_ended_is_not_left(
    session: WriteSession, entry: WaitlistEntry, state: WaitlistState
) -> None:
    entry.state = state
    session.flush()
    with pytest.raises(NeedNotWaiting) as refused:
        leave(session, ACTOR, entry.id)
    assert (refused.value.code, refused.value.data) == ("not_waiting", {"state": state})


def test_serving_a_need_ends_what_waits_and_nothing_else(session: WriteSession, entry: WaitlistEntry) -> None:
    left = join(session, ACTOR, entry.need_id, make_service(session).id, NOW)
    leave(session, ACTOR, left.id)
    serve(session, entry.need_id)
    session.refresh(entry)
    session.refresh(left)
    assert (entry.state, left.state) == (WaitlistState.served, WaitlistState.left)


def test_need_that_is_not_open_does_not_wait(session: WriteSession, need: Need) -> None:
    need.state = NeedState.placed
    with pytest.raises(NeedNotWaiting):
        join(session, ACTOR, need.id, make_service(session).id, NOW)


def test_need_waits_for_services_of_its_kind_only(session: WriteSession, need: Need) -> None:
    with pytest.raises(NotForThisService):
        join(session, ACTOR, need.id, make_service(session, ServiceKind.canteen).id, NOW)
