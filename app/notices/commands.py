"""Puts notices into the outbox within the event's own transaction, and moves them through their states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import JSON, ColumnElement, Select, bindparam, exists, insert, literal, select, text, update

from app.actor import Actor
from app.audit.commands import record
from app.db import UtcDateTime, WriteSession
from app.models import Notice
from app.models.enums import NoticeState
from app.notices.errors import NoticeNotFailed
from app.notices.queries import get_visible, is_due
from app.notices.rules import Act, Terms, after_miss, find_next_state, find_wait, make_key

CLAIM: Final = timedelta(minutes=5)
"""How long a worker may take for what it claimed; then it is anybody's again."""


@dataclass(frozen=True)
class Claimed:
    """One notice in a worker's hands, until `until`."""

    id: int
    key: str
    template: str
    person_id: int | None
    user_id: int | None
    data: Mapping[str, Any]
    tries: int
    until: datetime


@dataclass(frozen=True)
class Draft:
    """A notice to put: about what (`code`), for a person or a member of staff; `more` makes the key of each time."""

    template: str
    code: str
    person_id: int | None = None
    user_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    more: tuple[Any, ...] = ()

    @property
    def key(self) -> str:
        """The unique key: a second notice under it is not made."""
        to = () if self.user_id is None else (f"user{self.user_id}",)
        return make_key(self.template, self.code, *self.more, *to)


_PUT: Final = text(
    "INSERT INTO notice (key, person_id, user_id, template, data, state, due_at, made_at, tries, channel, fault)"
    " VALUES (:key, :person_id, :user_id, :template, :data, 'waiting', :now, :now, 0, '', '')"
    " ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("data", type_=JSON()), bindparam("now", type_=UtcDateTime()))


def put(session: WriteSession, drafts: Sequence[Draft], now: datetime) -> None:
    """Write notices in the caller's transaction: they exist if and only if what they tell of happened."""
    rows = [
        {
            "key": draft.key,
            "person_id": draft.person_id,
            "user_id": draft.user_id,
            "template": draft.template,
            "data": {"code": draft.code, **draft.data},
            "now": now,
        }
        for draft in drafts
    ]
    session.flush()
    if rows:
        session.execute(_PUT, rows)


def put_selected(session: WriteSession, template: str, people: Select[str, int], now: datetime) -> None:
    """Write one notice for each (code, person_id) that a query selects, in one statement.

    The code is told by the key alone. The caller's locks keep two of these from meeting on one key.
    """
    chosen = people.subquery("chosen")
    code, person_id = chosen.c[0], chosen.c[1]
    key = literal(f"{template}:").concat(code)
    session.flush()
    session.execute(
        insert(Notice).from_select(
            [
                "key",
                "person_id",
                "template",
                "data",
                "state",
                "due_at",
                "made_at",
                "tries",
                "channel",
                "fault",
            ],
            select(
                key,
                person_id,
                literal(template),
                literal({}, Notice.data.type),
                literal(NoticeState.waiting, Notice.state.type),
                literal(now, Notice.due_at.type),
                literal(now, Notice.made_at.type),
                literal(0),
                literal(""),
                literal(""),
            ).where(~exists().where(Notice.key == key)),
        )
    )


def claim(session: WriteSession, terms: Terms, now: datetime, limit: int) -> list[Claimed]:
    """Take notices that are due, the oldest first; nobody else takes them before the claim is over.

    At night only what is urgent. A notice whose last try ended without a word (a crash) and was the last that the
    policy allows is given up here.
    """
    ids = session.scalars(
        select(Notice.id)
        .where(is_due(terms, now))
        .order_by(Notice.due_at, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    _give_up(session, Notice.id.in_(ids), Notice.tries >= terms.most_tries)
    rows = session.execute(
        update(Notice)
        .where(Notice.id.in_(ids), Notice.state == NoticeState.waiting)
        .values(due_at=now + CLAIM, tries=Notice.tries + 1)
        .returning(
            Notice.id,
            Notice.key,
            Notice.template,
            Notice.person_id,
            Notice.user_id,
            Notice.data,
            Notice.tries,
        )
        .execution_options(synchronize_session=False)
    ).all()
    return [
        Claimed(row.id, row.key, row.template, row.person_id, row.user_id, row.data, row.tries, now + CLAIM)
        for row in sorted(rows, key=lambda row: row.id)
    ]


def note_sent(session: WriteSession, claimed: Claimed, channel: str, now: datetime) -> None:
    """Note that the channel took it; true whoever holds the claim by now."""
    session.execute(
        update(Notice)
        .where(Notice.id == claimed.id, Notice.state == NoticeState.waiting)
        .values(state=find_next_state(NoticeState.waiting, Act.send), sent_at=now, channel=channel, fault="")
    )


def note_missed(session: WriteSession, claimed: Claimed, terms: Terms, fault: str, now: datetime) -> None:
    """Note that the channel failed: later again, or given up; nothing where somebody else has the claim by now."""
    act = after_miss(claimed.tries, terms)
    session.execute(
        update(Notice)
        .where(Notice.id == claimed.id, Notice.state == NoticeState.waiting, Notice.tries == claimed.tries)
        .values(
            state=find_next_state(NoticeState.waiting, act),
            due_at=now + find_wait(claimed.tries),
            fault=fault[:60],
        )
    )


def retry(session: WriteSession, actor: Actor, notice_id: int, now: datetime) -> Notice:
    """Let a notice that was given up be tried again, from the first try on. Raises `NoticeNotFailed`, `NotFound`."""
    row = get_visible(session, actor, notice_id, lock=True)
    to = find_next_state(row.state, Act.retry)
    if to is None:
        raise NoticeNotFailed(notice=row.id, state=row.state)
    row.state, row.tries, row.due_at, row.fault = to, 0, now, ""
    session.flush()
    record(session, actor.label, "notice.retry", f"notice:{row.id}", {"template": row.template})
    return row


def _give_up(session: WriteSession, *which: ColumnElement[bool]) -> None:
    session.execute(
        update(Notice)
        .where(*which, Notice.state == NoticeState.waiting)
        .values(state=find_next_state(NoticeState.waiting, Act.give_up), fault="no_word")
        .execution_options(synchronize_session=False)
    )
