"""Moves children who have a place to another class or exit wave, alone or with their siblings: all of them or nobody.

The old placement ends the day before, its successor begins; a need never has two live ones. What is promised to
others gives way to nobody, and a place that others wait for is given only against the order with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.beyond import check_beyond
from app.ledger.commands import occupy
from app.ledger.queries import OCCUPYING
from app.models import CareClass as ClassRow
from app.models import Need as NeedRow
from app.models import NeedGroup, Placement, PlacementException, PlacementUse
from app.models.enums import Channel, ExceptionKind, NeedState, Origin, PlacementState, Reason, WishPart
from app.options.build import Candidate
from app.options.facts import Pattern
from app.options.question import Question, find_candidate, list_reasons, load_question
from app.placements.byhand import check_contest, check_round
from app.placements.changes import change, check_clash, set_last_day
from app.placements.errors import (
    AlreadyPlaced,
    GroupTogether,
    MoveTooFarAhead,
    NotEligible,
    NotPossibleInState,
    ReasonRequired,
    SamePlace,
)
from app.placements.queries import lock_person, lock_placement
from app.placements.rest import leave_rest_open
from app.placements.rules import Act
from app.placements.standby import promote
from app.placements.writing import make_placement, to_place

MOVABLE = (PlacementState.confirmed, PlacementState.active)
AHEAD = timedelta(days=14)
"""How far ahead a move may be noted: until then the old place runs on, and the night must not plan across it, K."""


@dataclass(frozen=True)
class Move:
    """Where children go, from when, and who agreed; weekdays stay as they are."""

    placement_ids: Sequence[int]
    class_id: int
    part: WishPart
    from_on: date
    reason: str
    said_yes_by: str
    channel: Channel = Channel.phone
    overrides: bool = False
    """Move although others wait for the place; the reason says why. Capacity and eligibility give way to nobody."""


def move(session: WriteSession, actor: Actor, order: Move, now: datetime) -> list[Placement]:
    """Move children and return their new placements, or raise and leave everything as it was.

    Raises `ReasonRequired`, `NotPossibleInState`, `AlreadyPlaced` (a transfer is under way), `MoveTooFarAhead`,
    `SamePlace`, `GroupTogether`, `NotEligible`,
    `WaitsForRound`, `Contested`, `SlotFull`, `WeekFull` or `DoubleBooked`; after any of them the transaction is rolled
    back.
    """
    if not order.reason.strip():
        raise ReasonRequired
    today = to_local(now).date()
    if not today <= order.from_on <= today + AHEAD:
        raise MoveTooFarAhead(last_on=(today + AHEAD).isoformat())
    old = [lock_placement(session, id_) for id_ in sorted(set(order.placement_ids))]
    for person_id in sorted({row.person_id for row in old}):
        lock_person(session, person_id)
    for row in old:
        _check_no_transfer(session, row)
    check_group(session, [row.need_id for row in old], order.class_id)
    steps = [(row, find_move(session, row, order.class_id, order.part, order.from_on, today)) for row in old]
    before = {row.id: _list_templates(session, row.id) for row in old}
    for row in old:
        _leave(session, actor, row, order.from_on)
    made = [_enter(session, actor, row, found, order, today) for row, (_, found) in steps]
    for row, (question, found), new in zip(old, (step for _, step in steps), made, strict=True):
        if not order.overrides and _list_templates(session, new.id) - before[row.id]:
            stage = found.stages[0]
            check_round(session, question.need, today, new.ends_on)
            check_contest(session, question, found.service, stage, found.amounts, today)
    for new in made:
        check_clash(session, new)
        check_beyond(session, new.id)
    occupy(session, [new.id for new in made])
    for row, new in zip(old, made, strict=True):
        record(
            session,
            actor.label,
            "placement.move",
            f"placement:{new.code}",
            {"from": row.code, "on": order.from_on, "reason": order.reason, "overrides": order.overrides},
        )
    promote(session, [row.class_id for row in old], now)
    return made


def find_move(
    session: Session, placement: Placement, class_id: int, part: WishPart, from_on: date, today: date
) -> tuple[Question, Candidate]:
    """Return what a placement would become, or raise why it cannot; asks about eligibility, not about capacity.

    The service's notice does not count: the child has a place, and the coordinator agrees the day with the family.
    """
    if placement.state not in MOVABLE:
        raise NotPossibleInState(placement=placement.code, state=placement.state, act="move")
    if placement.class_id == class_id and placement.part is part:
        raise SamePlace(placement=placement.code)
    service_id = session.scalar(select(ClassRow.service_id).where(ClassRow.id == class_id))
    if service_id is None:
        raise NotFound
    question = load_question(session, placement.need_id, today, service_id=service_id)
    services = {
        kind: [replace(each, notice_days=0) for each in found]
        for kind, found in question.ground.services.items()
    }
    asked = replace(question.need, patterns=[Pattern(1, placement.weekdays, part)])
    question = replace(question, need=asked, ground=replace(question.ground, services=services))
    choice = question.build(starts_on=max(from_on, placement.starts_on))
    found, refusals = find_candidate(choice, class_id, placement.weekdays, part)
    if found is None:
        raise NotEligible(reasons=list_reasons(refusals))
    _check_open(placement, found, from_on)
    return question, found


def _check_open(placement: Placement, found: Candidate, from_on: date) -> None:
    """Raise `NotEligible` where the new class is closed on a day of the child's: the old place would have ended by then."""
    first = max(from_on, placement.starts_on)
    for on in (first + timedelta(days=ahead) for ahead in range((found.starts_on - first).days)):
        if placement.weekdays >> on.weekday() & 1 and found.service.is_closed(on):
            raise NotEligible(reasons=[{"code": Reason.closed, "on": on.isoformat()}])


def _check_no_transfer(session: Session, row: Placement) -> None:
    """Raise `AlreadyPlaced` where the need has another place that it is about to change to: that is answered first."""
    if row.state not in MOVABLE:
        return  # it does not move anyway
    other = session.execute(
        select(NeedRow.code, Placement.code)
        .join(NeedRow, NeedRow.id == Placement.need_id)
        .where(Placement.need_id == row.need_id, Placement.id != row.id, Placement.state.in_(OCCUPYING))
        .limit(1)
    ).first()
    if other is not None:
        raise AlreadyPlaced(need=other[0], placement=other[1])


def check_group(session: Session, need_ids: Sequence[int], class_id: int) -> None:
    """Raise `GroupTogether` where a move to another service would leave somebody behind who belongs along."""
    service_id = session.scalar(select(ClassRow.service_id).where(ClassRow.id == class_id))
    rows = session.execute(
        select(NeedRow.code, NeedGroup.code)
        .join(NeedGroup, NeedGroup.id == NeedRow.group_id)
        .join(Placement, Placement.need_id == NeedRow.id)
        .join(ClassRow, ClassRow.id == Placement.class_id)
        .where(
            NeedGroup.all_or_none,
            NeedRow.group_id.in_(select(NeedRow.group_id).where(NeedRow.id.in_(need_ids))),
            NeedRow.id.not_in(need_ids),
            Placement.state.in_(MOVABLE),
            ClassRow.service_id != service_id,
        )
        .limit(1)
    ).first()
    if rows is not None:
        raise GroupTogether(need=rows[0], group=rows[1])


def _leave(session: WriteSession, actor: Actor, row: Placement, from_on: date) -> None:
    row.ended_reason = "moved"
    if row.starts_on >= from_on and row.state is PlacementState.confirmed:
        change(session, actor, row, Act.step_back)
        return
    # Whoever began today has been there today: the old place counts for its first day.
    set_last_day(session, row, max(from_on - timedelta(days=1), row.starts_on))
    change(session, actor, row, Act.end)


def _enter(
    session: WriteSession, actor: Actor, old: Placement, found: Candidate, order: Move, today: date
) -> Placement:
    need = session.get_one(NeedRow, old.need_id, with_for_update={"key_share": True}, populate_existing=True)
    starts_on = found.starts_on
    if old.state is PlacementState.ended and old.ends_on is not None:
        starts_on = max(starts_on, old.ends_on + timedelta(days=1))
    place = replace(to_place(found), starts_on=starts_on)
    state = PlacementState.active if starts_on <= today else PlacementState.confirmed
    new = make_placement(session, need, place, Origin.desk, state, old.confirmed_at)
    new.confirmed_by, new.confirmed_channel = order.said_yes_by, order.channel
    new.site_confirmed_at = old.site_confirmed_at
    need.state = NeedState.placed
    need.version += 1
    session.flush()
    leave_rest_open(session, actor, new)  # giving the old place up took the rest of a smaller pattern back
    carry_absences(session, old.id, new)
    return new


def carry_absences(session: WriteSession, old_id: int, new: Placement) -> None:
    """Note what somebody was excused from at the old place at the new one, too; before its capacity is taken."""
    rows = session.execute(
        select(PlacementException.on_date, PlacementException.kind, PlacementException.frees_place).where(
            PlacementException.placement_id == old_id,
            PlacementException.on_date >= new.starts_on,
            PlacementException.kind != ExceptionKind.skipped,
        )
    ).all()
    if rows:
        session.execute(
            insert(PlacementException),
            [
                {"placement_id": new.id, "on_date": on, "kind": kind, "frees_place": frees}
                for on, kind, frees in rows
            ],
        )


def _list_templates(session: Session, placement_id: int) -> set[int]:
    return set(
        session.scalars(
            select(PlacementUse.template_id).where(PlacementUse.placement_id == placement_id).distinct()
        )
    )
