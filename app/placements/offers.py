"""Offers answered yes or no, or run out; a group answers as one. What comes free goes to the next in standby order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update

from app.actor import Actor, system_actor
from app.audit.commands import record
from app.clock import to_local
from app.consents.queries import check_may_process
from app.db import WriteSession
from app.ledger.commands import vacate
from app.models import Offer, Placement
from app.models.enums import Channel, OfferAnswer, PlacementState
from app.placements.agreeing import confirm_agreed
from app.placements.changes import CODES_PER_AUDIT_ROW, change, check_act
from app.placements.errors import OfferAnswered, OfferExpired
from app.placements.offer_rules import OfferAct, find_answer
from app.placements.queries import (
    find_last_offer,
    find_open_offers,
    get_placement,
    lock_inseparable,
    lock_placement,
    lock_together,
    select_bound_with,
)
from app.placements.rules import Act
from app.placements.sending import find_offer_end, send_offers, tell_expired
from app.placements.standby import promote
from app.placements.transfers import rest_wishes

__all__ = [
    "accept",
    "confirm_site",
    "decline",
    "expire_offers",
    "find_offer_end",
    "offer",
    "refuse_site",
    "send_offers",
]


def offer(session: WriteSession, actor: Actor, placement_id: int, now: datetime) -> list[Placement]:
    """Offer a proposal, with those of its group, and return what was offered."""
    rows = lock_together(session, lock_placement(session, placement_id))
    for row in rows:
        check_act(row, Act.offer)
    send_offers(session, [row.id for row in rows], now)
    for row in rows:
        record(session, actor.label, "placement.offer", f"placement:{row.code}", {"to": row.state})
    return rows


def accept(
    session: WriteSession, actor: Actor, placement_id: int, now: datetime, *, by: str, channel: Channel
) -> list[Placement]:
    """Note the person's or guardian's yes to an offer (for the whole group) and return the placements.

    Where the service's site has to agree, the placement stays offered until `confirm_site`; the yes is kept. Twins and
    couples stay offered until the last site that has to agree has done so. The yes to a transfer sets the last day of
    the old place.
    `by` says who answered (a role as `guardian`, never a name in the audit). Raises `OfferExpired` after the time,
    swept or not, `GuardianConsentMissing` where the consent was taken back since the offer.
    """
    rows = _lock_offered(session, placement_id, now, OfferAct.accept)
    check_may_process(session, [row.person_id for row in rows], to_local(now).date())
    for row in rows:
        row.confirmed_at, row.confirmed_by, row.confirmed_channel = now, by, channel
    left = confirm_agreed(session, actor, rows, Act.accept, now, channel=channel)
    for row in rows:
        if row.state is PlacementState.offered:
            change(session, actor, row, Act.accept_for_now, channel=channel)
    _answer(session, rows, OfferAnswer.accepted, now, by, channel)
    promote(session, left, now)
    return rows


def decline(
    session: WriteSession, actor: Actor, placement_id: int, now: datetime, *, by: str, channel: Channel
) -> list[Placement]:
    """Note a no to an offer (for the whole group); the places are free at once. Returns the placements.

    Of twins and couples also what waits with a yes of its own: nobody is left to be confirmed alone.
    """
    rows = _lock_offered(session, placement_id, now, OfferAct.decline)
    rows = list({row.id: row for row in (*rows, *lock_inseparable(session, rows[0]))}.values())
    for row in rows:
        change(session, actor, row, Act.decline, channel=channel)
    rest_wishes(session, [row.id for row in rows])
    _answer(session, rows, OfferAnswer.declined, now, by, channel)
    promote(session, [row.class_id for row in rows], now)
    return rows


def confirm_site(session: WriteSession, actor: Actor, placement_id: int, now: datetime) -> Placement:
    """Note the site's yes after its entry check or trial day; with the person's yes the placement is confirmed.

    Twins and couples are confirmed together, by the last yes; until then each stays offered and its yes is kept.
    """
    # The group in the order of ids before the one: two sites that answer at once would otherwise deadlock.
    lock_inseparable(session, get_placement(session, placement_id))
    row = lock_placement(session, placement_id)
    check_act(row, Act.site_accept)
    row.site_confirmed_at = now
    left = confirm_agreed(session, actor, [row], Act.site_accept, now)
    if (
        row.state is PlacementState.offered
    ):  # the person's own yes, or one to the other twin, is still to come
        row.version += 1
        record(session, actor.label, "placement.site_yes", f"placement:{row.code}", {})
    promote(session, left, now)
    return row


def refuse_site(
    session: WriteSession, actor: Actor, placement_id: int, now: datetime, *, reason: str
) -> Placement:
    """Note the site's no after its entry check; the place is free, the need waits on with its waiting time.

    Twins and couples were offered places together: what is not confirmed yet of the other falls with it.
    """
    row = lock_placement(session, placement_id)
    rows = lock_inseparable(session, row)
    for each in rows:
        change(session, actor, each, Act.site_refuse)
        each.ended_reason = reason
    rest_wishes(session, [each.id for each in rows])
    _answer(session, rows, OfferAnswer.withdrawn, now, "site", Channel.system)
    promote(session, [each.class_id for each in rows], now)
    return row


def expire_offers(session: WriteSession, now: datetime) -> list[int]:
    """Let every offer run out whose time is over, set-based, and return the placements' ids; safe to run again.

    What is offered to the other of twins or of a couple runs out with it, whenever it was sent: nobody goes alone.
    """
    over = select(Offer.placement_id).where(Offer.answer.is_(None), Offer.expires_at <= now)
    is_offered = Placement.state == PlacementState.offered
    unanswered = select(Placement.id).where(Placement.id.in_(over), is_offered)
    due = select(Placement.id).where(
        is_offered, or_(Placement.id.in_(over), Placement.need_id.in_(select_bound_with(unanswered)))
    )
    rows = session.execute(
        select(Placement.id, Placement.code, Placement.class_id)
        .where(Placement.id.in_(due))
        .order_by(Placement.id)
        .with_for_update(key_share=True)
    ).all()
    # Read again behind the lock: an answer may have come in while this waited for it.
    still_due = set(session.scalars(due))
    gone = {row.id: row.code for row in rows if row.id in still_due}
    ids = list(gone)
    classes = [row.class_id for row in rows if row.id in gone]
    for first in range(0, len(ids), CODES_PER_AUDIT_ROW):
        batch = ids[first : first + CODES_PER_AUDIT_ROW]
        vacate(session, batch)
        session.execute(
            update(Placement)
            .where(Placement.id.in_(batch))
            .values(state=PlacementState.expired, version=Placement.version + 1)
        )
        answered = {"answer": OfferAnswer.expired, "answered_at": now, "channel": Channel.system}
        session.execute(
            update(Offer).where(Offer.placement_id.in_(batch), Offer.answer.is_(None)).values(**answered)
        )
        rest_wishes(session, batch)
        tell_expired(session, batch, now)
        codes = {"codes": [gone[id_] for id_ in batch]}
        record(session, system_actor().label, "placement.expire", "placements", codes)
    promote(session, classes, now)
    return ids


def _lock_offered(session: WriteSession, placement_id: int, now: datetime, act: OfferAct) -> list[Placement]:
    """Lock a placement's whole group and make sure that its offer can still be answered."""
    first = lock_placement(session, placement_id)
    last = find_last_offer(session, first.id)
    if last is not None and last.answer is OfferAnswer.expired:
        raise OfferExpired(placement=first.code, expired_at=to_local(last.expires_at).isoformat())
    if last is not None and find_answer(last.answer, act) is None:
        raise OfferAnswered(placement=first.code, answer=last.answer)
    check_act(first, Act(act))
    if last is None:  # told outside the program, as an import says: there is no time that could be over
        return lock_inseparable(session, first)
    if last.expires_at <= now:
        raise OfferExpired(placement=first.code, expired_at=to_local(last.expires_at).isoformat())
    open_offers = lock_together(session, first)
    answerable = find_open_offers(session, [row.id for row in open_offers])
    return [row for row in open_offers if row.id in answerable]


def _answer(
    session: WriteSession,
    rows: Sequence[Placement],
    answer: OfferAnswer,
    now: datetime,
    by: str,
    channel: Channel,
) -> None:
    session.execute(
        update(Offer)
        .where(Offer.placement_id.in_([row.id for row in rows]), Offer.answer.is_(None))
        .values(answer=answer, answered_at=now, answered_by=by, channel=channel)
        .execution_options(synchronize_session="fetch")
    )
