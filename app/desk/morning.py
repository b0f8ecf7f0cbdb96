"""The list that the desk opens with: offers that end today, grades that end soon, follow-ups due, absences today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.clock import SHANGHAI
from app.consultations.queries import FollowUp, list_follow_ups
from app.errors import NotFound
from app.models import (
    CareClass,
    Evidence,
    Offer,
    Person,
    Placement,
    PlacementException,
    PlacementUse,
    Service,
    Site,
    Slot,
    Task,
)
from app.models.enums import EvidenceKind, ExceptionKind, ServiceKind, SlotState, TaskKind
from app.scope import lives_in_areas

MOST_SHOWN = 50
DAYS_BEFORE_EXPIRY = 30


@dataclass(frozen=True)
class OfferDue:
    """An offer that nobody has answered yet."""

    person_id: int
    name: str
    need_id: int
    kind: ServiceKind
    site_zh: str
    site_en: str
    expires_at: datetime


@dataclass(frozen=True)
class GradeEnding:
    """A care assessment that ends soon and has no successor."""

    person_id: int
    name: str
    ends_on: date


@dataclass(frozen=True)
class Away:
    """Somebody who does not come today."""

    person_id: int
    name: str
    kind: ServiceKind
    site_zh: str
    site_en: str
    why: ExceptionKind


@dataclass(frozen=True)
class TaskDue:
    """Something that a rule asks an adviser to look into."""

    id: int
    person_id: int
    name: str
    kind: TaskKind
    due_on: date
    data: dict[str, int]


@dataclass(frozen=True)
class Morning:
    """The five lists, each cut at `MOST_SHOWN`, with how many there are in all."""

    offers: list[OfferDue]
    offers_in_all: int
    grades: list[GradeEnding]
    grades_in_all: int
    follow_ups: list[FollowUp]
    away: list[Away]
    away_in_all: int
    tasks: list[TaskDue]


def load_morning(session: Session, actor: Actor, today: date) -> Morning:
    """Return what the actor's areas have to look after today."""
    offers, grades, away = _offers(actor, today), _grades(actor, today), _away(actor, today)
    return Morning(
        offers=[OfferDue(*row) for row in session.execute(offers.limit(MOST_SHOWN))],
        offers_in_all=_count(session, offers),
        grades=[GradeEnding(*row) for row in session.execute(grades.limit(MOST_SHOWN))],
        grades_in_all=_count(session, grades),
        follow_ups=list_follow_ups(session, actor, today),
        away=[Away(*row) for row in session.execute(away.limit(MOST_SHOWN))],
        away_in_all=_count(session, away),
        tasks=[TaskDue(*row) for row in session.execute(_tasks(actor).limit(MOST_SHOWN))],
    )


def get_task(session: Session, actor: Actor, task_id: int) -> Task:
    """Return a task about somebody of the actor's areas, or raise `NotFound`."""
    row = session.scalars(
        select(Task)
        .join(Person, Person.id == Task.person_id)
        .where(Task.id == task_id, lives_in_areas(actor))
    ).first()
    if row is None:
        raise NotFound
    return row


def _tasks(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(Task.id, Person.id, Person.name, Task.kind, Task.due_on, Task.data)
        .join(Person, Person.id == Task.person_id)
        .where(Task.done_at.is_(None), lives_in_areas(actor), Person.erased_at.is_(None))
        .order_by(Task.due_on, Task.id)
    )


def _count(session: Session, query: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _offers(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    ends = datetime.combine(today + timedelta(days=1), time(), SHANGHAI)
    return (
        select(
            Person.id,
            Person.name,
            Placement.need_id,
            Service.kind,
            Site.name_zh,
            Site.name_en,
            Offer.expires_at,
        )
        .join(Placement, Placement.id == Offer.placement_id)
        .join(Person, Person.id == Placement.person_id)
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(Offer.answer.is_(None), Offer.expires_at <= ends, lives_in_areas(actor))
        .order_by(Offer.expires_at, Person.pinyin, Person.id)
    )


def _grades(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    last = func.max(Evidence.valid_to)
    has_no_open_end = func.count() == func.count(Evidence.valid_to)
    ending = (
        select(Evidence.person_id, last.label("ends_on"))
        .where(Evidence.kind == EvidenceKind.care_grade)
        .group_by(Evidence.person_id)
        .having(and_(last >= today, last <= today + timedelta(days=DAYS_BEFORE_EXPIRY), has_no_open_end))
        .subquery()
    )
    return (
        select(Person.id, Person.name, ending.c.ends_on)
        .join(ending, ending.c.person_id == Person.id)
        .where(lives_in_areas(actor), Person.erased_at.is_(None))
        .order_by(ending.c.ends_on, Person.pinyin, Person.id)
    )


def _away(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    # An absence kept for a year before its calendar was published may fall on a day without care.
    expected = (
        select(Slot.id)
        .join(PlacementUse, PlacementUse.template_id == Slot.template_id)
        .where(
            PlacementUse.placement_id == Placement.id,
            Slot.occurs_on == today,
            Slot.state == SlotState.open,
        )
    )
    return (
        select(Person.id, Person.name, Service.kind, Site.name_zh, Site.name_en, PlacementException.kind)
        .join(Placement, Placement.id == PlacementException.placement_id)
        .join(Person, Person.id == Placement.person_id)
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .join(Site, Site.id == Service.site_id)
        .where(
            PlacementException.on_date == today,
            PlacementException.kind != ExceptionKind.skipped,
            expected.exists(),
            lives_in_areas(actor),
        )
        .order_by(Person.pinyin, Person.id)
    )
