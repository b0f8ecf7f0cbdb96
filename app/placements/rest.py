"""What a smaller accepted pattern leaves unmet stays open: a need of its own for the missing days, waiting as long.

Somebody who asked for Monday, Wednesday and Friday and said yes to Tuesday and Thursday still lacks a day: any one of
the three. The rest keeps the day on which the need was entered and its draw number, so that saying yes to less costs
nobody a place in the order.
"""

from __future__ import annotations

from itertools import combinations, islice

from sqlalchemy import exists, insert, select, update

from app.actor import Actor
from app.audit.commands import record
from app.db import WriteSession
from app.ledger.queries import OCCUPYING
from app.models import Need, NeedPattern, NeedPreference, Placement
from app.models.enums import NeedRhythm, NeedState
from app.needs.rules import to_weekdays

SUFFIX = "-R"
MOST_PATTERNS = 10


def leave_rest_open(session: WriteSession, actor: Actor, placement: Placement) -> Need | None:
    """Record what a (confirmed) placement leaves of its need; None where every day asked for is met."""
    need = session.get_one(Need, placement.need_id)
    wish = session.scalars(
        select(NeedPattern).where(NeedPattern.need_id == need.id).order_by(NeedPattern.rank).limit(1)
    ).first()
    if wish is None or need.rhythm is not NeedRhythm.weekly:
        return None
    missing = wish.weekdays.bit_count() - placement.weekdays.bit_count()
    if missing <= 0:
        return None
    code = f"{need.code[: 48 - len(SUFFIX)]}{SUFFIX}"
    if session.scalar(select(Need.id).where(Need.code == code)) is not None:
        _reopen(session, code)
        return None
    rest = Need(
        code=code,
        person_id=need.person_id,
        kind=need.kind,
        rhythm=need.rhythm,
        entered_on=need.entered_on,
        starts_on=need.starts_on,
        ends_on=need.ends_on,
        limit_metres=need.limit_metres,
        visit_minutes=need.visit_minutes,
        needs_escort=need.needs_escort,
        gate_site_id=need.gate_site_id,
        draw_number=need.draw_number,
    )
    session.add(rest)
    session.flush()
    days = to_weekdays(wish.weekdays & ~placement.weekdays)
    session.add_all(
        NeedPattern(need_id=rest.id, rank=rank, weekdays=sum(1 << day for day in chosen), part=wish.part)
        for rank, chosen in enumerate(islice(combinations(days, missing), MOST_PATTERNS), 1)
    )
    wishes = session.execute(
        select(NeedPreference.rank, NeedPreference.service_id).where(NeedPreference.need_id == need.id)
    ).all()
    if wishes:
        session.execute(
            insert(NeedPreference),
            [{"need_id": rest.id, "rank": row.rank, "service_id": row.service_id} for row in wishes],
        )
    session.flush()
    told = {"of": need.code, "days_missing": missing}
    record(session, actor.label, "need.rest", f"need:{rest.code}", told)
    return rest


def take_rest_back(session: WriteSession, need_id: int) -> None:
    """Withdraw the rest of a need that waits for all of its days again; a rest that has a place stays."""
    code = session.scalar(select(Need.code).where(Need.id == need_id))
    has_place = exists().where(Placement.need_id == Need.id, Placement.state.in_(OCCUPYING))
    session.execute(
        update(Need)
        .where(Need.code == f"{code}{SUFFIX}", Need.state == NeedState.open, ~has_place)
        .values(state=NeedState.withdrawn, version=Need.version + 1)
        .execution_options(synchronize_session=False)
    )


def _reopen(session: WriteSession, code: str) -> None:
    session.execute(
        update(Need)
        .where(Need.code == code, Need.state == NeedState.withdrawn)
        .values(state=NeedState.open, version=Need.version + 1)
        .execution_options(synchronize_session=False)
    )
