"""Reads who waits, in the published order, and who could use a place that somebody asks for now."""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.ledger.queries import OCCUPYING
from app.models import CareClass as ClassRow
from app.models import Need as NeedRow
from app.models import NeedPattern, Placement, Plan, Proposal, StandbyOrder, WaitlistEntry
from app.models.enums import NeedState, Part, PlanState, Reason, Role, WaitlistState
from app.options.facts import CareClass, Claimant, Need, Person, Service
from app.options.load import load_needs_of
from app.options.people import load_claims, load_people_of
from app.options.rules import (
    check_class,
    check_consent,
    check_service,
    count_years,
    find_grade,
    list_words,
)
from app.policies.queries import load_policies
from app.policies.rules import Policies
from app.priority.rules import LOWEST_CLASS, count_months_waited, draw_number, get_priority_class
from app.scope import check_sees_need, sees_person_id
from app.waitlist.rules import Contest, Waiting, could_use, sort_waiting, weigh_contest

HAS_PLACE = NeedRow.id.in_(select(Placement.need_id).where(Placement.state.in_(OCCUPYING)).correlate(None))
"""Read once for the whole statement: asked of each need, it took 25 seconds over 19,000 needs."""
_Told = tuple[Role | None, frozenset[str], int | None, int]
"""All that the class is read from: role, words, grade, age."""
_READ_LEAST = 100
"""Read in parts: whoever asks at a desk waits for this, and a town's first day has thousands undecided."""


def rank_need(
    need: Need, person: Person, today: date, policies: Policies, entry_id: int | None = None
) -> Waiting:
    """Return what decides a need's turn on a day."""
    draw = need.draw_number
    if draw is None:  # drawn once and kept by the night; until then the same number from the published seed
        draw = draw_number(policies.get("rolling_seed"), need.code)
    return Waiting(
        need_id=need.id,
        need_code=need.code,
        priority=_find_class(person, today, policies),
        months_waited=0 if need.round_id is not None else count_months_waited(need.entered_on, today),
        draw=draw,
        entry_id=entry_id,
    )


def _find_class(claimant: Claimant, today: date, policies: Policies) -> int:
    return get_priority_class(*_tell_class(claimant, today), policies)


def _tell_class(claimant: Claimant, today: date) -> _Told:
    words, grade = frozenset(list_words(claimant, today)), find_grade(claimant, today)
    return claimant.role, words, grade, count_years(claimant.born_on, today)


def list_waiting(session: Session, service_id: int, today: date) -> list[Waiting]:
    """Return the waitlist of a service in the published order."""
    entries = {
        row.need_id: row.id
        for row in session.scalars(
            select(WaitlistEntry).where(
                WaitlistEntry.service_id == service_id, WaitlistEntry.state == WaitlistState.waiting
            )
        )
    }
    found = _load(session, entries, today)
    policies = load_policies(session, today)
    return sort_waiting(rank_need(need, person, today, policies, entries[need.id]) for need, person in found)


def find_visible(session: Session, actor: Actor, need_ids: Sequence[int]) -> set[int]:
    """Return those of the needs whose person the actor sees."""
    return set(
        session.scalars(
            select(NeedRow.id).where(NeedRow.id.in_(need_ids), sees_person_id(actor, NeedRow.person_id))
        )
    )


def check_sees_entry(session: Session, actor: Actor, entry_id: int) -> None:
    """Raise `NotFound` unless the actor sees the person of a waitlist entry."""
    entry = session.get(WaitlistEntry, entry_id)
    if entry is None:
        raise NotFound
    check_sees_need(session, actor, entry.need_id)


@dataclass(frozen=True)
class Asked:
    """What somebody asks for now: cells (weekday, part) of a class, or dates of them for a dated need."""

    need: Need
    service: Service
    care_class: CareClass
    cells: frozenset[tuple[int, Part]]
    dates: frozenset[date]


def find_contest(
    session: Session, asked: Asked, person: Person, today: date, policies: Policies, spare: int
) -> Contest | None:
    """Return who else could use what is asked for, where giving it now would take it from one of them; else None.

    These are open needs without a place: whoever stands on the published standby order or on the service's waitlist,
    and needs that no published plan has decided on yet. One that last night left unplaced and that is on neither could
    not use the class. `spare` is how many more such places are left once this need is served. They are read in parts,
    the published order's beginning not being known before; as soon as there are too many, nobody else is read.
    """
    ids = _list_candidates(session, asked)
    if len(ids) <= spare:  # were they all rivals, there is enough for everybody
        return None
    mine = rank_need(asked.need, person, today, policies)
    rivals: list[Waiting] = []
    is_sorted = False
    while ids:
        # As many again as are missing: some could use other days or other houses only.
        count = max(_READ_LEAST, 2 * (spare + 1 - len(rivals)))
        part, ids = ids[:count], ids[count:]
        rivals += (
            waiting
            for need, other in _load(session, part, today)
            if could_use(need, asked.cells, asked.dates) and _is_eligible(other, asked, today, policies)
            for waiting in [rank_need(need, other, today, policies)]
            if waiting.priority >= mine.priority
        )
        contest = weigh_contest(mine, rivals, spare)
        if contest.is_contested:
            return contest
        # Not enough among the first: the others are many, and few of them of so high a class.
        if ids and not is_sorted and mine.priority > LOWEST_CLASS:
            ids, is_sorted = _keep_class(session, asked, ids, mine.priority, today, policies), True
    return None


def _list_candidates(session: Session, asked: Asked) -> list[int]:
    """Return the ids of needs that may be rivals, by what the database can tell of it."""
    return list(
        session.scalars(
            select(NeedRow.id)
            .where(
                NeedRow.kind == asked.need.kind,
                NeedRow.state == NeedState.open,
                NeedRow.id != asked.need.id,
                ~HAS_PLACE,
                _may_be_asked(session, asked),
                _touches(asked),
            )
            .order_by(NeedRow.id)
        )
    )


def _keep_class(
    session: Session, asked: Asked, need_ids: list[int], least: int, today: date, policies: Policies
) -> list[int]:
    """Return those of a class at least as high, told by a fraction of what the rules want to know."""
    # Thousands of ids make each statement slow; everybody who waits for the kind is a few more, and one condition.
    is_open = (NeedRow.kind == asked.need.kind) & (NeedRow.state == NeedState.open)
    rows = session.execute(select(NeedRow.id, NeedRow.person_id).where(is_open))
    people = {row.id: row.person_id for row in rows}
    claims = load_claims(session, select(NeedRow.person_id).where(is_open), today)
    classes: dict[_Told, int] = {}  # thousands of people, a few hundred kinds of them
    high = set()
    for id_, claim in claims.items():
        told = _tell_class(claim, today)
        if told not in classes:
            classes[told] = get_priority_class(*told, policies)
        if classes[told] >= least:
            high.add(id_)
    return [id_ for id_ in need_ids if people.get(id_) in high]


def find_published_plan_id(session: Session) -> int | None:
    """Return the id of the plan in force."""
    return session.scalar(select(Plan.id).where(Plan.state == PlanState.published))


def _may_be_asked(session: Session, asked: Asked) -> ColumnElement[bool]:
    waiting = exists().where(
        WaitlistEntry.need_id == NeedRow.id,
        WaitlistEntry.service_id == asked.service.id,
        WaitlistEntry.state == WaitlistState.waiting,
    )
    plan_id = find_published_plan_id(session)
    if plan_id is None:
        return or_(waiting, NeedRow.id.is_not(None))
    on_standby = exists().where(
        StandbyOrder.plan_id == plan_id,
        StandbyOrder.class_id == asked.care_class.id,
        StandbyOrder.need_id == NeedRow.id,
    )
    was_decided = exists().where(Proposal.plan_id == plan_id, Proposal.need_id == NeedRow.id)
    return or_(waiting, on_standby, ~was_decided)


def _touches(asked: Asked) -> ColumnElement[bool]:
    """A need for other days is out of question before anything of it is read; its parts of the day are looked at after."""
    days = reduce(operator.or_, (1 << day for day, _ in asked.cells), 0)
    return exists().where(
        NeedPattern.need_id == NeedRow.id,
        or_(
            and_(NeedPattern.occurs_on.is_(None), NeedPattern.weekdays.bitwise_and(days) != 0),
            NeedPattern.occurs_on.in_(asked.dates),
        ),
    )


def _is_eligible(person: Person, asked: Asked, today: date, policies: Policies) -> bool:
    """Return whether somebody could be given it: by age and proofs of the first date asked for, as who asks is judged.

    That the house is closed on that very day says nothing of the others.
    """
    first = min(asked.dates, default=today)
    refusals = [
        *check_consent(person, today, policies),
        *check_service(person, asked.service, first, policies),
        *check_class(person, asked.care_class, first),
    ]
    return all(refusal.reason is Reason.closed for refusal in refusals)


def _load(session: Session, need_ids: Collection[int], today: date) -> list[tuple[Need, Person]]:
    needs = load_needs_of(session, need_ids)
    people = load_people_of(session, {need.person_id for need in needs}, today)
    return [(need, people[need.person_id]) for need in needs]


def list_standby(session: Session, service_id: int, today: date) -> list[Waiting]:
    """Return the needs that the published plan named as next for a service's full classes, in the published order."""
    plan_id = find_published_plan_id(session)
    if plan_id is None:
        return []
    ids = set(
        session.scalars(
            select(StandbyOrder.need_id)
            .join(ClassRow, ClassRow.id == StandbyOrder.class_id)
            .join(NeedRow, NeedRow.id == StandbyOrder.need_id)
            .where(
                StandbyOrder.plan_id == plan_id,
                ClassRow.service_id == service_id,
                NeedRow.state == NeedState.open,
                ~HAS_PLACE,
            )
        )
    )
    policies = load_policies(session, today)
    return sort_waiting(
        rank_need(need, person, today, policies) for need, person in _load(session, ids, today)
    )
