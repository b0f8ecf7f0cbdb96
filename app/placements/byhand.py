"""A placement by hand: checked like any other, or against the rules with a reason; capacity gives way to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record
from app.clock import to_local
from app.db import WriteSession
from app.errors import NotFound
from app.ledger.beyond import check_beyond
from app.ledger.commands import occupy
from app.models import CareClass as ClassRow
from app.models import Need as NeedRow
from app.models import NeedGroup, Placement, Slot, SlotCapacity
from app.models.enums import CapacityKind, Channel, NeedRhythm, NeedState, Origin, PlacementState, WishPart
from app.options.amounts import list_amounts
from app.options.facts import CareClass, Need, Pattern, Service
from app.options.patterns import PARTS
from app.options.question import Question, find_candidate, list_reasons, load_question
from app.options.reach import Trip
from app.options.stages import Stage, list_stages
from app.options.walks import Way
from app.placements.changes import check_clash
from app.placements.errors import (
    AlreadyPlaced,
    Contested,
    GroupTogether,
    NeedNotOpen,
    NotEligible,
    PatternNotAccepted,
    ReasonRequired,
)
from app.placements.queries import find_live_placement, lock_person
from app.placements.rest import leave_rest_open
from app.placements.writing import Place, make_placement, to_place
from app.rounds.errors import to_refusal
from app.rounds.queries import find_round_in_way
from app.waitlist.commands import serve
from app.waitlist.queries import Asked, find_contest

MAIN_KINDS = (CapacityKind.places, CapacityKind.visit_minutes, CapacityKind.meals)
"""What a place is counted in when others wait for the same: the first of these that the class has."""


@dataclass(frozen=True)
class Order:
    """What somebody orders by hand; `weekdays` has seven bits, bit 0 = Monday."""

    need_id: int
    class_id: int
    weekdays: int
    part: WishPart
    reason: str
    said_yes_by: str
    channel: Channel = Channel.desk
    starts_on: date | None = None
    """None: the first day that the service's notice allows."""
    overrides: bool = False
    """Place against eligibility, group, notice or the order of those who wait; the reason says why."""


def place(session: WriteSession, actor: Actor, order: Order, now: datetime) -> Placement:
    """Place a need by hand and return the confirmed placement (offered, where the site has yet to agree).

    Raises `ReasonRequired`, `NeedNotOpen`, `AlreadyPlaced`, `PatternNotAccepted`, `GroupTogether`, `NotEligible`,
    `WaitsForRound`, `Contested`, `SlotFull` or `WeekFull`. An override is for the rules, never for capacity.
    """
    if not order.reason.strip():
        raise ReasonRequired
    today = to_local(now).date()
    need_row = _lock_need(session, order.need_id)
    lock_person(session, need_row.person_id)
    question = load_question(session, order.need_id, today, service_id=_find_service_id(session, order))
    service, care_class = _find_class(question, order.class_id)
    if not order.overrides:
        check_may_go_alone(session, need_row)
    fit = _find_fit(question, service, care_class, order)
    if not order.overrides:
        check_round(session, question.need, today, fit.ends_on)
        check_contest(session, question, service, fit.stage, fit.amounts, today)
    row = _write(session, need_row, service, fit, order, now)
    check_clash(session, row)  # nobody is in two places at once, whatever the reason
    check_beyond(session, row.id)
    occupy(session, [row.id])
    if row.state is PlacementState.confirmed:
        need_row.state = NeedState.placed
        need_row.version += 1
        serve(session, need_row.id)
        leave_rest_open(session, actor, row)
    session.flush()
    record(
        session,
        actor.label,
        "placement.place",
        f"placement:{row.code}",
        {
            "need": need_row.code,
            "class": care_class.code,
            "reason": order.reason,
            "overrides": order.overrides,
        },
    )
    return row


def check_may_go_alone(session: Session, need: NeedRow) -> None:
    """Raise `GroupTogether` where the need belongs to a group that is placed together or not at all."""
    if need.group_id is None:
        return
    group = session.get_one(NeedGroup, need.group_id)
    if group.all_or_none:
        raise GroupTogether(need=need.code, group=group.code)


def check_round(session: Session, need: Need, today: date, last_on: date | None) -> None:
    """Raise `WaitsForRound` where the place belongs to a round that is not decided: the need's own, or one of its kind."""
    window = find_round_in_way(session, need.round_id, need.kind, today, last_on)
    if window is not None:
        raise to_refusal(window)


def check_contest(
    session: Session,
    question: Question,
    service: Service,
    stage: Stage,
    amounts: Mapping[CapacityKind, int],
    today: date,
) -> None:
    """Raise `Contested` where giving this now would take it from an open need of equal or higher class."""
    # Who asks for one of its dates could use it, too.
    dates = frozenset(_list_dates(session, stage))
    asked = Asked(question.need, service, stage.care_class, frozenset(stage.keys), dates)
    kind = next((each for each in MAIN_KINDS if each in amounts), None)
    spare = 0 if kind is None else count_spare(session, stage, kind, amounts[kind])
    contest = find_contest(session, asked, question.person, today, question.ground.policies, spare)
    if contest is not None:
        raise Contested(rivals=contest.rivals, decided_on=(today + timedelta(days=1)).isoformat())


def _list_dates(session: Session, stage: Stage) -> Sequence[date]:
    """Return the dates of the stage that have dated slots."""
    cells = [cell.id for key in stage.keys for cell in stage.care_class.cells.get(key, ())]
    until = [] if stage.ends_on is None else [Slot.occurs_on <= stage.ends_on]
    return session.scalars(
        select(Slot.occurs_on)
        .where(Slot.template_id.in_(cells), Slot.occurs_on >= stage.starts_on, *until)
        .distinct()
    ).all()


def count_spare(session: Session, stage: Stage, kind: CapacityKind, amount: int) -> int:
    """Return how many more like this one would still fit into every dated slot of the stage, once it has its own."""
    cells = [cell.id for key in stage.keys for cell in stage.care_class.cells.get(key, ())]
    left = session.scalar(
        select(func.min(SlotCapacity.capacity - SlotCapacity.taken))
        .join(Slot, Slot.id == SlotCapacity.slot_id)
        .where(Slot.template_id.in_(cells), Slot.occurs_on >= stage.starts_on, SlotCapacity.kind == kind)
    )
    return 0 if left is None else max(0, left // amount - 1)


def _lock_need(session: WriteSession, need_id: int) -> NeedRow:
    row = session.scalars(
        select(NeedRow)
        .where(NeedRow.id == need_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    live = find_live_placement(session, need_id)
    if live is not None:
        raise AlreadyPlaced(need=row.code, placement=live.code)
    if row.state is not NeedState.open or row.rhythm is not NeedRhythm.weekly:
        raise NeedNotOpen(need=row.code, state=row.state)
    return row


def _find_service_id(session: Session, order: Order) -> int:
    found = session.scalar(select(ClassRow.service_id).where(ClassRow.id == order.class_id))
    if found is None:
        raise NotFound
    return found


def _find_class(question: Question, class_id: int) -> tuple[Service, CareClass]:
    for service in question.ground.services.get(question.need.kind, ()):
        for care_class in service.classes:
            if care_class.id == class_id:
                return service, care_class
    raise NotFound


def _find_fit(question: Question, service: Service, care_class: CareClass, order: Order) -> Place:
    choice = question.build(starts_on=order.starts_on)
    found, refusals = find_candidate(choice, care_class.id, order.weekdays, order.part)
    too_soon = found is not None and order.starts_on is not None and order.starts_on < found.starts_on
    if found is not None and not (too_soon and order.overrides):
        if too_soon:
            raise NotEligible(reasons=[{"code": "before_notice", "earliest_on": found.starts_on.isoformat()}])
        return to_place(found)
    if not order.overrides:
        accepted = {(pattern.weekdays, pattern.part) for pattern in question.need.patterns}
        if not refusals and (order.weekdays, order.part) not in accepted:
            raise PatternNotAccepted(need=question.need.code)
        raise NotEligible(reasons=list_reasons(refusals))
    return _fit_against_rules(question, service, care_class, order)


def _fit_against_rules(question: Question, service: Service, care_class: CareClass, order: Order) -> Place:
    """What the class gives where its rules refuse the person: the uses are real, whatever the reason."""
    pattern = Pattern(rank=0, weekdays=order.weekdays, part=order.part)
    first = order.starts_on or max(
        question.need.starts_on, question.ground.find_first_day(service.notice_days)
    )
    missing = [
        (day, part)
        for day in pattern.days
        for part in PARTS[order.part]
        if not care_class.cells.get((day, part))
    ]
    if missing:  # there is no such cell: no reason can place anybody in it
        raise NotEligible(reasons=[{"code": "not_on_these_days"}])
    policies = question.ground.policies
    trip = Trip(Way(0, 0, 0, 0))
    amounts = list_amounts(question.need, question.person, care_class, trip, first, policies)
    stages, ends_on = list_stages(
        question.need, question.person, service, care_class, pattern, first, policies
    )
    if ends_on is not None and ends_on < first:  # the need is over by then: no reason can place it
        raise NotEligible(reasons=[{"code": "no_option", "ended_on": ends_on.isoformat()}])
    return Place(stages[0], pattern, dict(amounts), first, ends_on)


def _write(
    session: WriteSession, need: NeedRow, service: Service, fit: Place, order: Order, now: datetime
) -> Placement:
    state = PlacementState.offered if service.site_confirms else PlacementState.confirmed
    row = make_placement(session, need, fit, Origin.desk, state, now)
    row.confirmed_by, row.confirmed_channel = order.said_yes_by, order.channel
    return row
