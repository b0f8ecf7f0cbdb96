"""Carries what is due out of the outbox: claim, send, mark, each notice by itself; any number of workers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from app import clock
from app.clock import to_local
from app.db import Database
from app.models import Person, StaffUser
from app.notices.channels import Channel, Message
from app.notices.commands import Claimed, claim, note_missed, note_sent
from app.notices.facts import load_facts
from app.notices.queries import has_due, load_terms
from app.notices.texts import TEXTS, write_texts

_log = structlog.get_logger("carematch.notices")

AT_ONCE: Final = 20
"""So many are claimed together: what a crash may send twice is one, what it delays is these."""
_MARGIN: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Delivered:
    """How many went out and how many did not."""

    sent: int = 0
    missed: int = 0


def deliver(
    database: Database,
    channel: Channel,
    *,
    limit: int = 500,
    tell_time: Callable[[], datetime] = clock.now,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send up to `limit` notices that are due; returns early when asked to stop, with nothing left in between."""
    sent = missed = 0
    while sent + missed < limit and not is_stopping():
        at = tell_time()
        with database.reading() as session:
            terms = load_terms(session, to_local(at).date())
            if not has_due(session, terms, at):  # an idle worker takes no turn to write
                break
        claimed = database.write(partial(claim, terms=terms, now=at, limit=AT_ONCE))
        if not claimed:
            break
        for one, message in _write_messages(database, claimed):
            if is_stopping() or tell_time() > one.until - _MARGIN:
                break  # the claim runs out by itself, and the notice is anybody's again
            fault = "unknown_template" if message is None else _try(channel, message)
            done = tell_time()
            if fault is None:
                database.write(partial(note_sent, claimed=one, channel=channel.name, now=done))
                sent += 1
            else:
                database.write(partial(note_missed, claimed=one, terms=terms, fault=fault, now=done))
                missed += 1
    if sent or missed:
        _log.info("notices_delivered", channel=channel.name, sent=sent, missed=missed)
    return Delivered(sent, missed)


def _try(channel: Channel, message: Message) -> str | None:
    """Send one message; return the kind of fault, whatever a channel may raise."""
    try:
        channel.send(message)
    except Exception as fault:  # noqa: BLE001 - a channel is not ours; one bad message must not hold up the others
        return type(fault).__name__
    return None


def _write_messages(database: Database, claimed: list[Claimed]) -> list[tuple[Claimed, Message | None]]:
    """Return each notice with its message; None where this program does not know its template (a newer one made it)."""
    with database.reading() as session:
        facts = load_facts(session, claimed)
        found: list[tuple[Claimed, Message | None]] = []
        for one in claimed:
            to = "?"
            if one.person_id is not None:
                to = session.get_one(Person, one.person_id).code
            elif one.user_id is not None:
                to = session.get_one(StaffUser, one.user_id).name
            is_known = one.template in TEXTS
            texts = write_texts(one.template, facts[one.id]) if is_known else {}
            found.append((one, Message(one.key, one.template, to, texts) if is_known else None))
    return found
