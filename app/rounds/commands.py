"""The acts of a round's life: create, announce, open, close, draw, cancel; publishing its list is publishing.py's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.db import WriteSession
from app.errors import NotFound
from app.models import Need, Round
from app.models.enums import Mode, NeedState, RoundState, ServiceKind
from app.policies.queries import load_policies
from app.priority.rules import describe_order, draw_number
from app.rounds.commitment import (
    digest,
    hash_entries,
    hash_secret,
    make_list_key,
    make_policy_file,
    make_seed,
)
from app.rounds.errors import (
    AnnouncedTooLate,
    NumberTooEarly,
    RoundCodeTaken,
    RoundDates,
    RoundNotPossible,
    RoundOverlaps,
    RoundTooEarly,
    SecretMissing,
)
from app.rounds.queries import get_commitment, get_entries, list_entry_codes, of_round
from app.rounds.rules import KEEPING, Act, are_in_order, find_next_state


@dataclass(frozen=True)
class Wanted:
    """What a new round is to be."""

    code: str
    name: str
    kind: ServiceKind
    mode: Mode
    opens_on: date
    closes_on: date
    publishes_on: date
    starts_on: date
    policy_version: str


def create(session: WriteSession, actor: Actor, wanted: Wanted, today: date) -> Round:
    """Make a round with a secret and a key for its list, both sealed; nothing is public yet.

    Raises `RoundDates`, `RoundCodeTaken`, `RoundOverlaps`.
    """
    dates = (wanted.opens_on, wanted.closes_on, wanted.publishes_on, wanted.starts_on)
    if not are_in_order(*dates) or wanted.opens_on <= today:
        raise RoundDates
    if session.scalar(select(Round.id).where(Round.code == wanted.code)) is not None:
        raise RoundCodeTaken(round=wanted.code)
    _check_overlap(session, wanted)
    order = describe_order(load_policies(session, today))
    policy = make_policy_file(wanted.code, wanted.kind, wanted.mode, wanted.policy_version, order)
    secret = secrets.token_hex(32)
    private, public = make_list_key()
    row = Round(
        code=wanted.code,
        kind=wanted.kind,
        name_zh=wanted.name,
        opens_on=wanted.opens_on,
        closes_on=wanted.closes_on,
        publishes_on=wanted.publishes_on,
        starts_on=wanted.starts_on,
        mode=wanted.mode,
        policy_version=wanted.policy_version,
        state=RoundState.planned,
        secret_hash=hash_secret(secret),
        policy_hash=digest(policy),
        policy_file=policy,
        list_key=public,
    )
    row.hidden_secret = secret
    row.hidden_list_key = private
    session.add(row)
    session.flush()
    record(session, actor.label, "round.create", f"round:{row.code}", {"kind": row.kind.value})
    return row


def announce(session: WriteSession, actor: Actor, round_id: int, today: date) -> Round:
    """Publish the commitment, before the window opens. Raises `AnnouncedTooLate`."""
    row, to = _lock(session, round_id, Act.announce)
    if today >= row.opens_on:
        raise AnnouncedTooLate(round=row.code, opens_on=row.opens_on.isoformat())
    _enter(row, to)
    session.flush()
    # The audit chain is append-only and checkpointed outside: what was announced when cannot be told otherwise later.
    told = {"commitment_sha256": digest(get_commitment(row)), "secret_sha256": row.secret_hash}
    record(session, actor.label, "round.announce", f"round:{row.code}", told)
    return row


def open_window(session: WriteSession, actor: Actor, round_id: int, today: date) -> Round:
    """Let needs in, from the first day on. Raises `RoundTooEarly`."""
    row, to = _lock(session, round_id, Act.open)
    if today < row.opens_on:
        raise RoundTooEarly(round=row.code, act=Act.open, from_on=row.opens_on.isoformat())
    _enter(row, to)
    session.flush()
    record(session, actor.label, "round.open", f"round:{row.code}", {})
    return row


def close(session: WriteSession, actor: Actor, round_id: int, today: date) -> Round:
    """Close the window after its last day; who takes part is fixed by it. Raises `RoundTooEarly`."""
    row, to = _lock(session, round_id, Act.close)
    if today <= row.closes_on:
        first = row.closes_on + timedelta(days=1)
        raise RoundTooEarly(round=row.code, act=Act.close, from_on=first.isoformat())
    _enter(row, to)
    codes = list_entry_codes(session, row.id)
    row.entries = codes
    session.flush()
    told = {"entries": len(codes), "entries_sha256": hash_entries(codes)}
    record(session, actor.label, "round.close", f"round:{row.code}", told)
    return row


@dataclass(frozen=True)
class Number:
    """A public number that nobody here can choose: a lottery result, say, with its source and the day it arose."""

    text: str
    source: str
    arose_on: date


def draw(session: WriteSession, actor: Actor, round_id: int, number: Number, today: date) -> Round:
    """Draw: every need of the round gets its number from the secret and the public number, once, and keeps it.

    Raises `NumberTooEarly`, `SecretMissing`.
    """
    row, to = _lock(session, round_id, Act.draw)
    if not row.closes_on < number.arose_on <= today:
        raise NumberTooEarly(
            round=row.code, arose_on=number.arose_on.isoformat(), closes_on=row.closes_on.isoformat()
        )
    secret = row.hidden_secret
    if secret is None or hash_secret(secret) != row.secret_hash:
        raise SecretMissing(round=row.code)
    seed = make_seed(secret, number.text)
    taking_part = set(get_entries(session, row.id) or ())
    needs = session.execute(select(Need.id, Need.code).where(Need.round_id == row.id).order_by(Need.id)).all()
    drawn = [
        {"id": need.id, "draw_number": draw_number(seed, need.code)}
        for need in needs
        if need.code in taking_part
    ]
    if drawn:
        session.execute(update(Need), drawn)
    _enter(row, to)
    row.public_number, row.public_number_source = number.text, number.source
    row.public_number_on = number.arose_on
    session.flush()
    told = {"number": number.text, "source": number.source, "drawn": len(drawn)}
    record(session, actor.label, "round.draw", f"round:{row.code}", told)
    return row


def cancel(session: WriteSession, actor: Actor, round_id: int, reason: str) -> Round:
    """Cancel a round that is not drawn; its open needs go on as rolling ones and keep the time they have waited."""
    row, to = _lock(session, round_id, Act.cancel)
    _enter(row, to)
    session.execute(
        update(Need)
        .where(of_round(row.id), Need.state == NeedState.open)
        .values(round_id=None, version=Need.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    record(session, actor.label, "round.cancel", f"round:{row.code}", {"reason": reason})
    return row


def follow_dates(session: WriteSession, today: date) -> int:
    """Open and close the rounds whose day has come, and return how many; safe to run again."""
    due = session.execute(
        select(Round.id, Round.state).where(
            (Round.state == RoundState.announced) & (Round.opens_on <= today)
            | (Round.state == RoundState.open) & (Round.closes_on < today)
        )
    ).all()
    actor = system_actor("dates")
    for row in due:
        if row.state is RoundState.announced:
            opened = open_window(session, actor, row.id, today)
            if opened.closes_on >= today:
                continue
        close(session, actor, row.id, today)
    return len(due)


def lock_round(session: WriteSession, round_id: int) -> Round:
    """Return a round as it is now, locked until the commit, or raise `NotFound`."""
    row = session.scalars(
        select(Round)
        .where(Round.id == round_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    return row


def _lock(session: WriteSession, round_id: int, act: Act) -> tuple[Round, RoundState]:
    row = lock_round(session, round_id)
    to = find_next_state(row.state, act)
    if to is None:
        raise RoundNotPossible(round=row.code, state=row.state, act=act)
    return row, to


def _enter(row: Round, state: RoundState) -> None:
    row.state = state
    row.version += 1


def _check_overlap(session: WriteSession, wanted: Wanted) -> None:
    """Two rounds of one kind that keep places at the same time could not both have them."""
    states = KEEPING | {RoundState.planned}
    for row in session.scalars(select(Round).where(Round.kind == wanted.kind, Round.state.in_(states))):
        if row.opens_on <= wanted.publishes_on and wanted.opens_on <= row.publishes_on:
            raise RoundOverlaps(round=row.code)
