"""Whether a need may have a slot, asked before the write transaction begins: scope, date, rules, whose turn it is.

What can change in the moments until the write (capacity, closures, clashes, quotas) is checked again under its locks
in commands.py. Reading here keeps the write lock, of which SQLite has one, for a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.actor import Actor
from app.bookings.errors import HeldBack, MealsUsedUp, NeedsPlacement, NotThisNeed, PastCutOff
from app.bookings.queries import SlotFacts, get_slot_facts, get_visible_need
from app.calendars.errors import CalendarNotPublished
from app.calendars.queries import load_calendar
from app.clock import to_local
from app.ledger.errors import SlotFull
from app.models import Need, Service
from app.models.enums import (
    CapacityKind,
    NeedRhythm,
    NeedState,
    Origin,
    Reason,
    ServiceKind,
    SlotState,
)
from app.options.amounts import DEFAULT_VISIT_MINUTES, draws_on_hours
from app.options.build import Candidate
from app.options.facts import Need as NeedFacts
from app.options.facts import Pattern
from app.options.patterns import PARTS
from app.options.question import Question, list_reasons, load_question
from app.options.quotas import find_meals_quota
from app.options.rules import find_grade
from app.placements.byhand import MAIN_KINDS, check_may_go_alone, check_round
from app.placements.errors import Contested, NeedNotOpen, NotEligible, ReasonRequired
from app.placements.rules import parse_cut_off
from app.slots.commands import find_horizon
from app.slots.errors import BeyondHorizon, SlotClosed, SlotOver
from app.waitlist.queries import Asked, find_contest


@dataclass(frozen=True)
class Wish:
    """What is asked for at the desk; `urgent` takes places held back and needs a reason."""

    need_id: int
    slot_id: int
    urgent: bool = False
    reason: str = ""
    moves: bool = False
    """The need is served already, and keeps what it has until the other slot is sure."""


@dataclass(frozen=True)
class Allowed:
    """A wish that may be booked, with what it will use."""

    need_id: int
    need_code: str
    person_id: int
    slot: SlotFacts
    parts: frozenset[str]
    """Parts of the day that the need wants on the date: with all of them it is served."""
    amounts: Mapping[CapacityKind, int]
    keep_free: Mapping[CapacityKind, int]
    origin: Origin
    reason: str
    care_minutes: int = 0
    meals_a_month: int | None = None
    """None: meals are not counted for this person here."""
    hours_a_week: int | None = None
    """None: nothing is drawn from the person's weekly hours."""
    hold_minutes: int = 10


def check_wish(session: Session, actor: Actor, wish: Wish, now: datetime) -> Allowed:
    """Return what the wish would use, or raise why it may not be: the first reason in the order of this function.

    One of a group that is all or none has no date of its own, as it gets no weekly place by hand: the night decides on
    all of them. An urgent wish may, with its reason; who is booked already may move.
    """
    if wish.urgent and not wish.reason.strip():
        raise ReasonRequired
    need = get_visible_need(session, actor, wish.need_id)
    slot = get_slot_facts(session, wish.slot_id, need_id=need.id, now=now)
    _check_slot(slot, now)
    if slot.kind is ServiceKind.canteen and not wish.urgent:
        _check_cut_off(session, slot, now)
    _check_need(need, slot, moves=wish.moves)
    if not (wish.urgent or wish.moves):
        check_may_go_alone(session, need)
    keep_free = _keep_free(slot, wish)
    _check_not_full(slot, keep_free)
    today = to_local(now).date()
    question = load_question(session, need.id, today, service_id=slot.service_id)
    pattern = _find_pattern(question.need, slot)
    candidate = _find_candidate(question, slot, pattern)
    amounts = {kind: amount for kind, amount in candidate.amounts.items() if kind in slot.capacities}
    if not wish.urgent:
        check_round(session, question.need, today, slot.occurs_on)
        _check_turn(session, question, candidate, slot, amounts)
    draws = draws_on_hours(candidate.service)
    policies = question.ground.policies
    grade = find_grade(question.person, slot.occurs_on)
    hours = policies.get("weekly_care_hours").get(str(grade)) if draws else None
    return Allowed(
        need_id=need.id,
        need_code=need.code,
        person_id=need.person_id,
        slot=slot,
        parts=frozenset(part.value for part in PARTS[pattern.part]),
        amounts=amounts,
        keep_free=keep_free,
        origin=Origin.urgent if wish.urgent else Origin.desk,
        reason=wish.reason,
        meals_a_month=find_meals_quota(candidate.service, slot.occurs_on),
        care_minutes=(need.visit_minutes or DEFAULT_VISIT_MINUTES) if draws else 0,
        hours_a_week=None if hours is None else int(hours),
        hold_minutes=int(policies.get("hold_minutes")),
    )


def _check_slot(slot: SlotFacts, now: datetime) -> None:
    if slot.starts_at <= now:
        raise SlotOver(slot_id=slot.id, on=slot.occurs_on.isoformat())
    last = find_horizon(to_local(now).date())
    if slot.occurs_on > last:
        raise BeyondHorizon(on=slot.occurs_on.isoformat(), last_on=last.isoformat())
    if slot.state is not SlotState.open:
        raise SlotClosed(slot_id=slot.id, on=slot.occurs_on.isoformat())


def _check_cut_off(session: Session, slot: SlotFacts, now: datetime) -> None:
    """Raise `PastCutOff` where the kitchen has its count already (lifecycle.md: meals are orders)."""
    service = session.get_one(Service, slot.service_id)
    moment = parse_cut_off(service.cut_off).find_moment(load_calendar(session), slot.occurs_on)
    if to_local(now).replace(tzinfo=None) > moment:
        raise PastCutOff(on=slot.occurs_on.isoformat(), cut_off_at=f"{moment:%Y-%m-%d %H:%M}")


def _check_need(need: Need, slot: SlotFacts, *, moves: bool) -> None:
    if need.rhythm is not NeedRhythm.dated:
        raise NeedsPlacement(need=need.code)
    if need.state is not NeedState.open and not (moves and need.state is NeedState.placed):
        raise NeedNotOpen(need=need.code, state=need.state)
    if need.kind is not slot.kind:
        raise NotThisNeed(need=need.code)


def _find_pattern(need: NeedFacts, slot: SlotFacts) -> Pattern:
    """Return the need's pattern for the slot's date and part."""
    for pattern in need.patterns:
        if pattern.occurs_on == slot.occurs_on and slot.part in PARTS[pattern.part]:
            return pattern
    raise NotThisNeed(need=need.code)


def _keep_free(slot: SlotFacts, wish: Wish) -> dict[CapacityKind, int]:
    if wish.urgent or not slot.held_back_places or CapacityKind.places not in slot.capacities:
        return {}
    return {CapacityKind.places: slot.held_back_places}


def _check_not_full(slot: SlotFacts, keep_free: Mapping[CapacityKind, int]) -> None:
    """Refuse early what is plainly full, before anything dearer is read; loose holds are for the write to sort out."""
    kind = next((each for each in MAIN_KINDS if each in slot.capacities), None)
    if kind is None or slot.has_loose_holds:
        return
    capacity, taken = slot.capacities[kind]
    if taken + 1 + keep_free.get(kind, 0) > capacity:
        raise_full(
            SlotFull(slot_id=slot.id, kind=kind, capacity=capacity, taken=taken, wanted=1),
            keep_free.get(kind, 0),
        )


def raise_full(error: SlotFull, held_back: int) -> None:
    """Raise `HeldBack` where a place is left that is kept for urgent cases, else the error itself."""
    data = error.data
    if held_back and data["taken"] + data["wanted"] <= data["capacity"]:
        raise HeldBack(
            slot_id=data["slot_id"], capacity=data["capacity"], taken=data["taken"], held_back=held_back
        ) from error
    raise error


def _find_candidate(question: Question, slot: SlotFacts, pattern: Pattern) -> Candidate:
    choice = question.build(starts_on=slot.occurs_on)
    for one in choice.candidates:
        if one.care_class.id == slot.class_id and one.pattern.rank == pattern.rank:
            return one
    refusals = [*choice.refusals, *(refusal for each in choice.excluded for refusal in each.refusals)]
    reasons = list_reasons(refusals)
    for refusal in refusals:
        if refusal.reason is Reason.quota_used_up and "meals" in refusal.data:
            raise MealsUsedUp(**refusal.data)
    if any(reason["code"] == CalendarNotPublished.code for reason in reasons):
        raise CalendarNotPublished(on=slot.occurs_on.isoformat())
    raise NotEligible(reasons=reasons)


def _check_turn(
    session: Session,
    question: Question,
    candidate: Candidate,
    slot: SlotFacts,
    amounts: Mapping[CapacityKind, int],
) -> None:
    """Inside the notice period a freed date is the desk's to give; later dates belong to the night where contested."""
    ground = question.ground
    if slot.occurs_on < ground.find_first_day(candidate.service.notice_days):
        return
    asked = Asked(
        question.need,
        candidate.service,
        candidate.care_class,
        frozenset({(slot.weekday, slot.part)}),
        frozenset({slot.occurs_on}),
    )
    kind = next((each for each in MAIN_KINDS if each in amounts), None)
    spare = 0
    if kind is not None:
        capacity, taken = slot.capacities[kind]
        spare = (capacity - taken) // amounts[kind] - 1
    contest = find_contest(session, asked, question.person, ground.today, ground.policies, spare)
    if contest is not None:
        raise Contested(rivals=contest.rivals, decided_on=(ground.today + timedelta(days=1)).isoformat())
