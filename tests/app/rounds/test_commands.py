"""The acts of a round's life: each in its day, refused with a code before and after; the secret stays sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.actor import system_actor
from app.clock import today
from app.models import AuditRow, Need
from app.models.enums import Mode, NeedRhythm, NeedState, RoundState, ServiceKind, WishPart
from app.needs.commands import record_need
from app.needs.rules import Pattern
from app.priority.rules import draw_number
from app.rounds import commands, publishing
from app.rounds.commands import Number, Wanted
from app.rounds.commitment import digest, hash_secret, make_seed
from app.rounds.errors import (
    AnnouncedTooLate,
    ListNotPublished,
    NotAnnounced,
    NumberTooEarly,
    RoundCodeTaken,
    RoundDates,
    RoundNotDecided,
    RoundNotPossible,
    RoundOverlaps,
    RoundTooEarly,
    SecretMissing,
)
from app.rounds.preview import preview
from app.rounds.queries import get_commitment, get_entries, get_list
from app.rounds.rules import TRANSITIONS, Act
from tests.factories.areas import make_compound
from tests.factories.needs import make_need
from tests.factories.people import make_child, make_household
from tests.factories.rounds import SECRET, make_round

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import WriteSession
    from app.models import Round

ACTOR = system_actor()
OPENS = date(2026, 12, 1)
WANTED = Wanted(
    code="T-1",
    name="测试轮次",
    kind=ServiceKind.holiday_class,
    mode=Mode.stable,
    opens_on=OPENS,
    closes_on=date(2026, 12, 20),
    publishes_on=date(2027, 1, 5),
    starts_on=date(2027, 2, 1),
    policy_version="1",
)
BEFORE = OPENS - timedelta(days=1)
CLOSED = date(2026, 12, 21)
NUMBER = Number("0317254", "lottery", CLOSED)


def make_child_need(session: WriteSession, row: Round | None = None, **columns: object) -> Need:
    child = make_child(session, make_household(session, make_compound(session)))
    return make_need(
        session,
        child,
        ServiceKind.holiday_class,
        [((0,), WishPart.full_day)],
        round_id=None if row is None else row.id,
        **columns,
    )


def test_round_lives_from_plan_to_draw(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    assert row.state is RoundState.planned
    commands.announce(session, ACTOR, row.id, BEFORE)
    announced = get_commitment(row)
    commands.open_window(session, ACTOR, row.id, OPENS)
    needs = [make_child_need(session, row) for _ in range(3)]
    commands.close(session, ACTOR, row.id, CLOSED)
    assert get_entries(session, row.id) == sorted(need.code for need in needs)
    commands.draw(session, ACTOR, row.id, NUMBER, CLOSED)
    assert row.state is RoundState.drawn
    assert get_commitment(row) == announced
    seed = make_seed(str(row.hidden_secret), NUMBER.text)
    for need in needs:
        session.refresh(need)
        assert need.draw_number == draw_number(seed, need.code)


def test_secret_is_sealed_in_the_record_and_only_its_hash_is_public(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    secret = str(row.hidden_secret)
    assert row.secret_hash == hash_secret(secret)
    assert row.policy_hash == digest(row.policy_file)
    stored = session.execute(text("SELECT * FROM round WHERE code = 'T-1'")).one()
    assert secret not in str(tuple(stored))
    assert secret not in str(get_commitment(commands.announce(session, ACTOR, row.id, BEFORE)))


def test_two_rounds_never_share_a_secret(session: WriteSession) -> None:
    one = commands.create(session, ACTOR, WANTED, BEFORE)
    other = commands.create(session, ACTOR, replace(WANTED, code="T-2", kind=ServiceKind.nursery), BEFORE)
    assert one.hidden_secret != other.hidden_secret
    assert one.hidden_list_key != other.hidden_list_key


@pytest.mark.parametrize(
    "dates",
    [
        {"opens_on": date(2026, 12, 21)},
        {"publishes_on": date(2026, 12, 20)},
        {"starts_on": date(2027, 1, 4)},
        {"opens_on": BEFORE},
    ],
)
def test_dates_out_of_order_or_past_are_refused(session: WriteSession, dates: dict[str, date]) -> None:
    with pytest.raises(RoundDates):
        commands.create(session, ACTOR, replace(WANTED, **dates), BEFORE)


def test_code_and_time_are_not_given_twice(session: WriteSession) -> None:
    commands.create(session, ACTOR, WANTED, BEFORE)
    with pytest.raises(RoundCodeTaken):
        commands.create(session, ACTOR, WANTED, BEFORE)
    with pytest.raises(RoundOverlaps):
        commands.create(session, ACTOR, replace(WANTED, code="T-2"), BEFORE)
    commands.create(session, ACTOR, replace(WANTED, code="T-3", kind=ServiceKind.nursery), BEFORE)


def test_commitment_is_public_before_the_window_opens_or_never(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    with pytest.raises(NotAnnounced):
        get_commitment(row)
    with pytest.raises(AnnouncedTooLate):
        commands.announce(session, ACTOR, row.id, OPENS)


def test_window_neither_opens_nor_closes_early(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    commands.announce(session, ACTOR, row.id, BEFORE)
    with pytest.raises(RoundTooEarly):
        commands.open_window(session, ACTOR, row.id, BEFORE)
    commands.open_window(session, ACTOR, row.id, OPENS)
    with pytest.raises(RoundTooEarly):
        commands.close(session, ACTOR, row.id, WANTED.closes_on)


@pytest.mark.parametrize("arose_on", [WANTED.closes_on, OPENS, CLOSED + timedelta(days=1)])
def test_number_that_could_have_been_known_or_is_to_come_is_refused(
    session: WriteSession, arose_on: date
) -> None:
    row = make_round(session, state=RoundState.closed, opens_on=OPENS, closes_on=WANTED.closes_on,
                     publishes_on=WANTED.publishes_on, starts_on=WANTED.starts_on)  # fmt: skip
    with pytest.raises(NumberTooEarly):
        commands.draw(session, ACTOR, row.id, Number("1", "lottery", arose_on), CLOSED)


def test_round_without_its_secret_is_not_drawn(session: WriteSession) -> None:
    row = make_round(session, state=RoundState.closed, closes_on=today() - timedelta(days=2))
    row.hidden_secret = None
    with pytest.raises(SecretMissing):
        commands.draw(session, ACTOR, row.id, Number("1", "lottery", today()), today())


ACTS: dict[Act, Callable[[WriteSession, int], object]] = {
    Act.announce: lambda session, id_: commands.announce(session, ACTOR, id_, today()),
    Act.open: lambda session, id_: commands.open_window(session, ACTOR, id_, today()),
    Act.close: lambda session, id_: commands.close(session, ACTOR, id_, today()),
    Act.draw: lambda session, id_: commands.draw(session, ACTOR, id_, Number("1", "x", today()), today()),
    Act.publish: lambda session, id_: publishing.publish(session, ACTOR, id_),
    Act.cancel: lambda session, id_: commands.cancel(session, ACTOR, id_, "test"),
}


@pytest.mark.parametrize(
    ("state", "act"), [(s, a) for s in RoundState for a in ACTS if (s, a) not in TRANSITIONS]
)
def test_act_that_the_table_does_not_have_is_refused(
    session: WriteSession, state: RoundState, act: Act
) -> None:
    row = make_round(session, state=state)
    with pytest.raises(RoundNotPossible) as refused:
        ACTS[act](session, row.id)
    assert refused.value.data == {"round": row.code, "state": state.value, "act": act.value}
    assert row.state is state


def test_numbers_are_drawn_once_and_kept(session: WriteSession) -> None:
    row = make_round(session, state=RoundState.closed, closes_on=today() - timedelta(days=2))
    need = make_child_need(session, row)
    row.entries = [need.code]
    session.flush()
    commands.draw(session, ACTOR, row.id, Number("1", "lottery", today()), today())
    session.refresh(need)
    before = need.draw_number
    with pytest.raises(RoundNotPossible):
        commands.draw(session, ACTOR, row.id, Number("2", "lottery", today()), today())
    session.refresh(need)
    assert need.draw_number == before == draw_number(make_seed(SECRET, "1"), need.code)


def test_dates_open_and_close_rounds_by_themselves(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    commands.announce(session, ACTOR, row.id, BEFORE)
    assert commands.follow_dates(session, BEFORE) == 0
    assert commands.follow_dates(session, OPENS) == 1
    assert row.state is RoundState.open
    assert commands.follow_dates(session, WANTED.closes_on) == 0
    assert commands.follow_dates(session, CLOSED) == 1
    assert row.state is RoundState.closed
    assert commands.follow_dates(session, CLOSED) == 0


def test_dates_that_nobody_followed_are_caught_up(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    commands.announce(session, ACTOR, row.id, BEFORE)
    commands.follow_dates(session, CLOSED)
    assert row.state is RoundState.closed


def test_needs_of_a_cancelled_round_go_on_as_rolling_ones(session: WriteSession) -> None:
    row = make_round(session)
    need = make_child_need(session, row)
    commands.cancel(session, ACTOR, row.id, "test")
    session.refresh(need)
    assert (need.round_id, need.state) == (None, NeedState.open)


def test_announcing_leaves_the_commitments_hash_in_the_audit_chain(session: WriteSession) -> None:
    row = commands.create(session, ACTOR, WANTED, BEFORE)
    commands.announce(session, ACTOR, row.id, BEFORE)
    told = session.query(AuditRow).filter_by(act="round.announce").one()
    assert told.data["commitment_sha256"] == digest(get_commitment(row))


def test_list_is_not_public_before_it_is_published(session: WriteSession) -> None:
    row = make_round(session, state=RoundState.drawn)
    with pytest.raises(ListNotPublished):
        get_list(session, row.id)
    with pytest.raises(RoundNotDecided):
        publishing.publish(session, ACTOR, row.id)


def test_preview_is_a_trial_that_says_nothing_about_the_true_draw(session: WriteSession) -> None:
    row = make_round(session)
    needs = [make_child_need(session, row) for _ in range(4)]
    found = preview(session, row, today())
    assert found.is_trial
    assert {need for need, _, _ in found.rows} == {need.code for need in needs}
    assert found.bands == {"1": 4}
    true = {need.code: draw_number(make_seed(SECRET, ""), need.code) for need in needs}
    assert all(draw != true[need] for need, _, draw in found.rows)
    session.refresh(needs[0])
    assert needs[0].draw_number is None


def test_need_recorded_while_the_window_is_open_enters_the_round(session: WriteSession) -> None:
    row = make_round(session, kind=ServiceKind.children_centre)
    child = make_child(session, make_household(session, make_compound(session)))

    def note(**values: object) -> Need:
        given = {
            "kind": ServiceKind.children_centre,
            "rhythm": NeedRhythm.weekly,
            "starts_on": today(),
            "ends_on": None,
        } | values
        patterns = [Pattern(WishPart.morning, (0,))]
        return record_need(session, ACTOR, child.id, given, patterns, [], is_another=True)

    inside, short = note(), note(ends_on=row.starts_on - timedelta(days=1))
    assert (inside.round_id, inside.draw_number) == (row.id, None)
    assert short.round_id is None
    assert short.draw_number is not None
    row.state = RoundState.closed
    session.flush()
    assert note().round_id is None
