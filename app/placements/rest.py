"""What a smaller accepted pattern leaves unmet stays open: needs of their own for missing days and halves, waiting as long.

Somebody who asked for Monday, Wednesday and Friday and said yes to Tuesday and Thursday still lacks a day: any one of
the three. Who asked for whole days and said yes to mornings still lacks the afternoons of these days. The rest keeps
the day on which the need was entered and its draw number, so that saying yes to less costs nobody a place in the order.
An earlier exit wave leaves nothing: nobody is handed over twice. A visit takes part of a half-day anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record
from app.codes import LONGEST, shorten
from app.db import WriteSession
from app.ledger.queries import OCCUPYING
from app.models import CareClass, Need, NeedPattern, NeedPreference, Placement
from app.models.enums import NeedRhythm, NeedState, ServiceKind, WishPart
from app.needs.rules import to_weekdays

SUFFIX: Final = "-R"
"""Ends the code of the need for missing days."""
HALF_SUFFIX: Final = "-H"
"""Ends the code of the need for missing halves of the days that were given."""
MOST_PATTERNS: Final = 10
_OTHER_HALF: Final = {WishPart.morning: WishPart.afternoon, WishPart.afternoon: WishPart.morning}


@dataclass(frozen=True)
class Rest:
    """One part of a wish that is still unmet: any one of the patterns (weekdays as seven bits, part) would meet it."""

    suffix: str
    patterns: Sequence[tuple[int, WishPart]]


def list_rests(kind: ServiceKind, wished: tuple[int, WishPart], given: tuple[int, WishPart]) -> list[Rest]:
    """Return what a given pattern (weekdays, part) leaves of the wished one. Pure."""
    (wished_days, wished_part), (given_days, given_part) = wished, given
    found = []
    missing = wished_days.bit_count() - given_days.bit_count()
    if missing > 0:
        chosen = combinations(to_weekdays(wished_days & ~given_days), missing)
        bits = (sum(1 << day for day in days) for days in islice(chosen, MOST_PATTERNS))
        found.append(Rest(SUFFIX, [(days, wished_part) for days in bits]))
    other = _OTHER_HALF.get(given_part)
    if wished_part is WishPart.full_day and other is not None and kind is not ServiceKind.home_visit:
        found.append(Rest(HALF_SUFFIX, [(given_days, other)]))
    return found


def leave_rest_open(session: WriteSession, actor: Actor, placement: Placement) -> list[Need]:
    """Record what a (confirmed) placement leaves of its need and return the new needs; what it meets waits no more."""
    need = session.get_one(Need, placement.need_id)
    wish = session.scalars(
        select(NeedPattern).where(NeedPattern.need_id == need.id).order_by(NeedPattern.rank).limit(1)
    ).first()
    if wish is None or need.rhythm is not NeedRhythm.weekly:
        return []
    wished, given = (wish.weekdays, wish.part), (placement.weekdays, placement.part)
    rests = list_rests(need.kind, wished, given)
    _withdraw(session, need.code, {SUFFIX, HALF_SUFFIX} - {rest.suffix for rest in rests})
    return [made for rest in rests if (made := _open(session, actor, need, placement, rest)) is not None]


def take_rest_back(session: WriteSession, need_id: int) -> None:
    """Withdraw the rests of a need that waits for all of its days again; a rest that has a place stays."""
    code = session.scalars(select(Need.code).where(Need.id == need_id)).one()
    _withdraw(session, code, {SUFFIX, HALF_SUFFIX})


def _open(session: WriteSession, actor: Actor, need: Need, placement: Placement, rest: Rest) -> Need | None:
    code = name_rest(need.code, rest.suffix)
    if session.scalar(select(Need.id).where(Need.code == code)) is not None:
        _reopen(session, code)
        return None
    row = Need(
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
    session.add(row)
    session.flush()
    session.add_all(
        NeedPattern(need_id=row.id, rank=rank, weekdays=weekdays, part=part)
        for rank, (weekdays, part) in enumerate(rest.patterns, 1)
    )
    services = _list_services(session, need.id, placement if rest.suffix == HALF_SUFFIX else None)
    session.add_all(
        NeedPreference(need_id=row.id, rank=rank, service_id=service_id)
        for rank, service_id in enumerate(services, 1)
    )
    session.flush()
    told = {"of": need.code, "days": [weekdays.bit_count() for weekdays, _ in rest.patterns[:1]]}
    record(session, actor.label, "need.rest", f"need:{row.code}", told)
    return row


def name_rest(code: str, suffix: str) -> str:
    """Return the code of a need's rest."""
    return shorten(code, LONGEST - len(suffix)) + suffix


def _list_services(session: Session, need_id: int, placement: Placement | None) -> list[int]:
    """Return the services wished for, in order; for the other half of a day the one of the first half comes first."""
    wished = session.scalars(
        select(NeedPreference.service_id)
        .where(NeedPreference.need_id == need_id)
        .order_by(NeedPreference.rank)
    )
    first = [] if placement is None else [session.get_one(CareClass, placement.class_id).service_id]
    return list(dict.fromkeys([*first, *wished]))


def _withdraw(session: WriteSession, code: str, suffixes: set[str]) -> None:
    has_place = exists().where(Placement.need_id == Need.id, Placement.state.in_(OCCUPYING))
    session.execute(
        update(Need)
        .where(
            Need.code.in_([name_rest(code, suffix) for suffix in suffixes]),
            Need.state == NeedState.open,
            ~has_place,
        )
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
