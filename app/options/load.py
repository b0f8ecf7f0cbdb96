"""Reads facts for the rules in a few set-based statements: for all needs of a night or for one. Decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from app.among import is_among
from app.models import (
    CareClass as ClassRow,
)
from app.models import (
    Closure,
    NeedPattern,
    NeedPreference,
    ServiceRule,
    Site,
    SlotTemplate,
    SlotTemplateCapacity,
)
from app.models import (
    Need as NeedRow,
)
from app.models import (
    Service as ServiceRow,
)
from app.models.enums import CapacityKind, Part, ServiceKind
from app.options.facts import CareClass, Cell, Need, Pattern, Rule, Service
from app.reference import keep

CELL: Final = (
    SlotTemplate.id,
    SlotTemplate.code,
    SlotTemplate.weekday,
    SlotTemplate.part,
    SlotTemplate.starts_at_local,
    SlotTemplate.ends_at_local,
    SlotTemplate.valid_from,
    SlotTemplate.valid_to,
)
"""The columns of a `Cell`, in its order; its capacities are read apart."""

T = TypeVar("T")


def load_needs(session: Session, wanted: ColumnElement[bool]) -> list[Need]:
    """Return the needs that a condition on `Need` selects, with patterns and wishes, by code."""
    return _read_needs(session, _ask_for(wanted), {})


def load_needs_of(session: Session, need_ids: Collection[int]) -> list[Need]:
    """Return these needs, as `load_needs`, by statements that are built once."""
    return _read_needs(session, _FOR_THESE, {"need_ids": need_ids}) if need_ids else []


def load_need(session: Session, need_id: int) -> Need | None:
    """Return one need, as `load_needs`; None where there is none."""
    return next(iter(_read_needs(session, _FOR_ONE, {"need_id": need_id})), None)


def _read_needs(
    session: Session, ask: Sequence[Select[*tuple[Any, ...]]], asked: Mapping[str, Any]
) -> list[Need]:
    of_patterns, of_wishes, of_needs = ask
    patterns: dict[int, list[Pattern]] = defaultdict(list)
    for need_id, *row in _read(session, of_patterns, asked):
        patterns[need_id].append(Pattern(*row))
    wishes: dict[int, dict[int, int]] = defaultdict(dict)
    for need_id, service_id, rank in _read(session, of_wishes, asked):
        wishes[need_id][service_id] = rank
    return [
        _make(Need, row, patterns.get(row[0], ()), wishes.get(row[0], {}))
        for row in _read(session, of_needs, asked)
    ]


def _ask_for(wanted: ColumnElement[bool]) -> tuple[Select[*tuple[Any, ...]], ...]:
    """Build what is asked about needs: patterns, wishes, the needs themselves."""
    ids = select(NeedRow.id).where(wanted)
    columns = (
        NeedRow.id,
        NeedRow.code,
        NeedRow.person_id,
        NeedRow.kind,
        NeedRow.rhythm,
        NeedRow.entered_on,
        NeedRow.starts_on,
        NeedRow.ends_on,
        NeedRow.limit_metres,
        NeedRow.visit_minutes,
        NeedRow.needs_escort,
        NeedRow.gate_site_id,
        NeedRow.group_id,
        NeedRow.round_id,
        NeedRow.wants_transfer,
        NeedRow.draw_number,
        NeedRow.version,
    )
    return (
        select(
            NeedPattern.need_id,
            NeedPattern.rank,
            NeedPattern.weekdays,
            NeedPattern.part,
            NeedPattern.occurs_on,
        )
        .where(NeedPattern.need_id.in_(ids))
        .order_by(NeedPattern.need_id, NeedPattern.rank),
        select(NeedPreference.need_id, NeedPreference.service_id, NeedPreference.rank).where(
            NeedPreference.need_id.in_(ids)
        ),
        select(*columns).where(wanted).order_by(NeedRow.code),
    )


_FOR_ONE: Final = _ask_for(NeedRow.id == bindparam("need_id"))
"""Built once, as what is asked about one person (people.py)."""
_FOR_THESE: Final = _ask_for(is_among(NeedRow.id, "need_ids"))


def load_services(
    session: Session, kinds: Iterable[ServiceKind] | None = None, service_id: int | None = None
) -> list[Service]:
    """Return the active services of these kinds (all, if none are named) with rules, closures and week, by code."""
    every = keep(session, "services", lambda: _load_services(session))
    named = None if kinds is None else set(kinds)
    return [
        service
        for service in every
        if (service_id is None or service.id == service_id) and (named is None or service.kind in named)
    ]


def _load_services(session: Session) -> tuple[Service, ...]:
    is_active = ServiceRow.is_active.is_(True)
    ids = select(ServiceRow.id).where(is_active)
    rules: dict[int, list[Rule]] = defaultdict(list)
    for owner_id, *row in _read(
        session,
        select(
            ServiceRule.service_id,
            ServiceRule.kind,
            ServiceRule.value,
            ServiceRule.data,
            ServiceRule.valid_from,
            ServiceRule.valid_to,
        )
        .where(ServiceRule.service_id.in_(ids))
        .order_by(ServiceRule.id),
    ):
        rules[owner_id].append(Rule(*row))
    classes = _load_classes(session, ids)
    closures = list(
        _read(
            session,
            select(Closure.site_id, Closure.service_id, Closure.starts_on, Closure.ends_on).where(
                Closure.taken_back_at.is_(None)
            ),
        )
    )
    rows = _read(
        session,
        select(
            ServiceRow.id,
            ServiceRow.code,
            ServiceRow.site_id,
            Site.code,
            ServiceRow.kind,
            ServiceRow.mode,
            ServiceRow.calendar_class,
            ServiceRow.limit_metres,
            ServiceRow.end_rule,
            ServiceRow.notice_days,
            ServiceRow.sends_offers,
            ServiceRow.site_confirms,
            ServiceRow.held_back_places,
            Site.is_step_free,
        )
        .join(Site, Site.id == ServiceRow.site_id)
        .where(is_active)
        .order_by(ServiceRow.code),
    )
    return tuple(
        _make(
            Service,
            row,
            rules.get(row[0], ()),
            classes.get(row[0], ()),
            [
                (first, last)
                for site_id, service_id, first, last in closures
                if site_id == row[2] and service_id in {None, row[0]}
            ],
        )
        for row in rows
    )


def _load_classes(session: Session, service_ids: Any) -> dict[int, list[CareClass]]:
    class_ids = select(ClassRow.id).where(ClassRow.service_id.in_(service_ids))
    template_ids = select(SlotTemplate.id).where(SlotTemplate.class_id.in_(class_ids))
    capacities: dict[int, dict[CapacityKind, int]] = defaultdict(dict)
    for template_id, kind, capacity in _read(
        session,
        select(
            SlotTemplateCapacity.template_id, SlotTemplateCapacity.kind, SlotTemplateCapacity.capacity
        ).where(SlotTemplateCapacity.template_id.in_(template_ids)),
    ):
        capacities[template_id][kind] = capacity
    cells: dict[int, dict[tuple[int, Part], list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for class_id, *row in _read(
        session,
        select(SlotTemplate.class_id, *CELL)
        .where(SlotTemplate.class_id.in_(class_ids))
        .order_by(SlotTemplate.code),
    ):
        cell = _make(Cell, row, capacities.get(row[0], {}))
        cells[class_id][cell.weekday, cell.part].append(cell)
    found: dict[int, list[CareClass]] = defaultdict(list)
    for service_id, *row in _read(
        session,
        select(
            ClassRow.service_id,
            ClassRow.id,
            ClassRow.code,
            ClassRow.age_from_months,
            ClassRow.age_to_months,
            ClassRow.unit_use,
            ClassRow.skills,
        )
        .where(ClassRow.id.in_(class_ids))
        .order_by(ClassRow.code),
    ):
        found[service_id].append(_make(CareClass, row, dict(cells.get(row[0], {}))))
    return found


def by_kind(services: Sequence[Service]) -> dict[ServiceKind, list[Service]]:
    """Return services by kind, in the order given."""
    found: dict[ServiceKind, list[Service]] = defaultdict(list)
    for service in services:
        found[service.kind].append(service)
    return dict(found)


def _read(
    session: Session, statement: Select[*tuple[Any, ...]], asked: Mapping[str, Any] | None = None
) -> Iterable[Any]:
    """Rows as untyped tuples: a fact's fields stand in the order of its columns."""
    return session.execute(statement, asked)


def _make(fact: Callable[..., T], row: Iterable[Any], *more: Any) -> T:
    return fact(*row, *more)
