"""Takes in ticks of the roll: each once, in any order; the last by time says what is true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.attendance.alarms import settle
from app.attendance.errors import HandOverOvertaken, NotOnRoll, PickupNotAuthorised, RollNotOpen
from app.attendance.queries import list_stays
from app.attendance.rules import Stay, find_shift, is_open
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.errors import DomainError
from app.models import Attendance, CareClass, PickupAuthorisation, PlacementException, RollTick, Slot
from app.models.enums import ExceptionKind, RollMark
from app.placements.absences import excuse, unexcuse
from app.placements.queries import lock_person
from app.scope import check_runs_slot


@dataclass(frozen=True)
class Tick:
    """One tick as a page sends it; `marked_at` is when it was seen, `tick_id` the page's own."""

    tick_id: str
    slot_id: int
    person_id: int
    mark: RollMark
    marked_at: datetime
    handed_to_id: int | None = None


@dataclass(frozen=True)
class Noted:
    """What became of a tick: noted, known already, or refused with a reason."""

    tick_id: str
    mark: RollMark | None = None
    """What the roll now says; None where the tick was refused."""
    is_replay: bool = False
    refusal: DomainError | None = None
    """Why it was refused, or, with a mark, that the hand-over which was noted does not count."""


def note_ticks(
    session: WriteSession,
    actor: Actor,
    ticks: Sequence[Tick],
    now: datetime,
    *,
    sent_at: datetime | None = None,
) -> list[Noted]:
    """Note ticks and return what became of each, in the order given; one that is refused stops no other.

    Sent again, a tick has no second effect. People are locked in id order, so that two pages that sync at once
    wait for each other and do not deadlock. `sent_at` is the sender's clock: wrong clocks are set right by ours.
    """
    shift = find_shift((tick.marked_at for tick in ticks), sent_at, now)
    ticks = [replace(tick, marked_at=_shift(tick.marked_at, shift, now)) for tick in ticks]
    known = set(
        session.scalars(select(RollTick.tick_id).where(RollTick.tick_id.in_([t.tick_id for t in ticks])))
    )
    stays = _find_stays(session, actor, ticks)
    found: dict[str, Noted] = {}
    for tick in sorted(ticks, key=lambda each: (each.person_id, each.slot_id, each.marked_at)):
        if tick.tick_id in known:
            # Whoever may not tick there is told what they sent, and nothing of the roll.
            is_here = isinstance(stays[tick.slot_id, tick.person_id], Stay)
            known_mark = Noted(tick.tick_id, tick.mark, is_replay=True)
            found[tick.tick_id] = _answer_replay(session, tick) if is_here else known_mark
            continue
        known.add(tick.tick_id)
        try:
            found[tick.tick_id] = _note(session, actor, tick, stays, now)
        except DomainError as refusal:
            found[tick.tick_id] = Noted(tick.tick_id, refusal=refusal)
    return [_leave_out_corrected(found[tick.tick_id], tick, ticks) for tick in ticks]


def _shift(marked_at: datetime, shift: timedelta, now: datetime) -> datetime:
    """Return the instant by our clock, at latest now: no tick may outlast every later one."""
    return min(marked_at + shift, now)


def _leave_out_corrected(noted: Noted, tick: Tick, ticks: Sequence[Tick]) -> Noted:
    """Drop the warning where the same page says later that the child is there after all: it knows."""
    is_corrected = any(
        (other.slot_id, other.person_id) == (tick.slot_id, tick.person_id)
        and other.marked_at > tick.marked_at
        for other in ticks
    )
    if is_corrected and isinstance(noted.refusal, HandOverOvertaken):
        return replace(noted, refusal=None)
    return noted


def _find_stays(
    session: Session, actor: Actor, ticks: Iterable[Tick]
) -> dict[tuple[int, int], Stay | DomainError]:
    """Return the stay of each tick that the actor may tick, or why not."""
    answers: dict[tuple[int, int], Stay | DomainError] = {}
    by_slot: dict[int, set[int]] = {}
    for tick in ticks:
        by_slot.setdefault(tick.slot_id, set()).add(tick.person_id)
    for slot_id, person_ids in sorted(by_slot.items()):
        try:
            check_runs_slot(session, actor, slot_id)
        except DomainError as refusal:
            answers |= dict.fromkeys(((slot_id, id_) for id_ in person_ids), refusal)
            continue
        on, service_id = session.execute(
            select(Slot.occurs_on, CareClass.service_id)
            .join(CareClass, CareClass.id == Slot.class_id)
            .where(Slot.id == slot_id)
        ).one()
        here = {
            stay.person_id: stay
            for stay in list_stays(session, [service_id], on, person_ids=person_ids)
            if stay.slot_id == slot_id
        }
        for id_ in person_ids:
            answers[slot_id, id_] = here.get(id_) or NotOnRoll(slot_id=slot_id, person_id=id_)
    return answers


def _note(
    session: WriteSession,
    actor: Actor,
    tick: Tick,
    stays: dict[tuple[int, int], Stay | DomainError],
    now: datetime,
) -> Noted:
    stay = stays[tick.slot_id, tick.person_id]
    if isinstance(stay, DomainError):
        raise stay
    if not is_open(stay.on, to_local(now).date()):
        raise RollNotOpen(on=stay.on.isoformat())
    handed_to = None
    if tick.mark is RollMark.handed_over:
        handed_to = _check_pickup(session, tick, stay.on)
    lock_person(session, tick.person_id)
    row = RollTick(
        tick_id=tick.tick_id,
        slot_id=tick.slot_id,
        person_id=tick.person_id,
        mark=tick.mark,
        marked_at=tick.marked_at,
        received_at=now,
        noted_by_id=actor.user_id,
        handed_to_id=handed_to,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # the same tick, in another request at this moment
        return _answer_replay(session, tick)
    mark = _let_last_win(session, row)
    if mark.tick_id == tick.tick_id:
        _carry_absence(session, actor, stay, tick.mark, now)
        settle(session, actor, stay, tick.mark, now)
    record(
        session,
        actor.label,
        "roll.tick",
        f"slot:{tick.slot_id}",
        {"person_id": tick.person_id, "mark": tick.mark, "tick": tick.tick_id},
    )
    return _answer(tick, mark)


def _answer_replay(session: Session, tick: Tick) -> Noted:
    """Return what the roll says of a tick that was noted before: the answer to it may have been lost on the way."""
    held = session.scalars(
        select(Attendance)
        .where(Attendance.slot_id == tick.slot_id, Attendance.person_id == tick.person_id)
        .execution_options(populate_existing=True)
    ).first()
    if held is None:
        return Noted(tick.tick_id, tick.mark, is_replay=True)
    return replace(_answer(tick, held), is_replay=True)


def _answer(tick: Tick, held: Attendance) -> Noted:
    """Return what the roll says now; a hand-over is never passed over in silence."""
    if tick.mark is RollMark.handed_over and held.mark is not RollMark.handed_over:
        told = {"at": f"{to_local(held.marked_at):%H:%M}", "mark": held.mark.value}
        handed = f"{to_local(tick.marked_at):%H:%M}"
        return Noted(tick.tick_id, held.mark, refusal=HandOverOvertaken(**told, handed_over_at=handed))
    return Noted(tick.tick_id, held.mark)


def _check_pickup(session: Session, tick: Tick, on: date) -> int:
    found = session.scalar(
        select(PickupAuthorisation.id).where(
            PickupAuthorisation.id == (tick.handed_to_id or 0),
            PickupAuthorisation.child_id == tick.person_id,
            PickupAuthorisation.verified_on.is_not(None),
            PickupAuthorisation.valid_from <= on,
            or_(PickupAuthorisation.valid_to.is_(None), PickupAuthorisation.valid_to >= on),
        )
    )
    if found is None:
        raise PickupNotAuthorised(person_id=tick.person_id)
    return found


def _let_last_win(session: WriteSession, row: RollTick) -> Attendance:
    """Write down what the tick says unless a later one is there already, and return what is true."""
    is_same = (Attendance.slot_id == row.slot_id) & (Attendance.person_id == row.person_id)
    held = session.scalars(
        select(Attendance).where(is_same).with_for_update().execution_options(populate_existing=True)
    ).first()
    if held is None:
        held = Attendance(slot_id=row.slot_id, person_id=row.person_id)
        session.add(held)
    elif (held.marked_at, held.tick_id) > (row.marked_at, row.tick_id):
        return held
    held.mark, held.marked_at, held.tick_id = row.mark, row.marked_at, row.tick_id
    held.handed_to_id = row.handed_to_id
    session.flush()
    return held


def _carry_absence(session: WriteSession, actor: Actor, stay: Stay, mark: RollMark, now: datetime) -> None:
    """Let the absence follow the roll: what the roll says is true even where the ledger cannot follow."""
    if stay.placement_id is None:
        return
    noted = session.scalar(
        select(PlacementException.kind).where(
            PlacementException.placement_id == stay.placement_id, PlacementException.on_date == stay.on
        )
    )
    try:
        with session.begin_nested():
            if mark is RollMark.absent and noted is None:
                excuse(session, actor, stay.placement_id, stay.on, ExceptionKind.absent, now)
            elif mark is not RollMark.absent and noted is ExceptionKind.absent:
                unexcuse(session, actor, stay.placement_id, stay.on)
    except DomainError:
        return  # given away meanwhile, or the placement has ended: the child is there all the same
