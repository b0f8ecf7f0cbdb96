"""Children who grow out of a class move into the next one on the day: the old placement ends, its successor begins.

The night keeps the next class's place for them (app/options/stages.py), so that no newcomer is promised it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select, update

from app.actor import system_actor
from app.audit.commands import record
from app.codes import shorten
from app.db import WriteSession
from app.ledger.commands import list_conflicts, occupy
from app.models import CareClass as ClassRow
from app.models import Need as NeedRow
from app.models import Person, Placement, PlacementException, PlacementUse, Slot
from app.models.enums import CapacityKind, ExceptionKind, NeedState, Origin, PlacementState
from app.options.build import list_cells
from app.options.facts import CareClass, Pattern, Service
from app.options.load import load_needs, load_services
from app.options.people import load_people
from app.options.stages import Stage, list_stages
from app.policies.queries import load_policies

MOVING = {CapacityKind.places, CapacityKind.carer_units}
"""What a child uses in the next class; the rest (an escort) is of the day and not of the class."""


@dataclass(frozen=True)
class Step:
    """One child's way up: from a placement into a class, from a day on."""

    old: Placement
    stage: Stage


def move_up(session: WriteSession, today: date) -> int:
    """Move every child whose class has ended by age into the next class, and return how many that was.

    Run it before placements are ended by date; running it again moves nobody twice.
    """
    steps = _list_steps(session, today)
    for step in steps:
        _move(session, step)
    if steps:
        codes = {"codes": [step.old.code for step in steps]}
        record(session, system_actor().label, "placement.move_up", "placements", codes)
    return len(steps)


def _list_steps(session: WriteSession, today: date) -> list[Step]:
    rows = session.scalars(
        select(Placement)
        .join(ClassRow, ClassRow.id == Placement.class_id)
        .join(NeedRow, NeedRow.id == Placement.need_id)
        .where(
            Placement.state.in_((PlacementState.confirmed, PlacementState.active)),
            Placement.ends_on < today,
            ClassRow.age_to_months.is_not(None),
            NeedRow.state == NeedState.placed,
        )
        .order_by(Placement.id)
        .with_for_update(of=Placement, key_share=True)
    ).all()
    if not rows:
        return []
    need_ids = [row.need_id for row in rows]
    needs = {need.id: need for need in load_needs(session, NeedRow.id.in_(need_ids))}
    people = load_people(
        session, select(Person.id).where(Person.id.in_([row.person_id for row in rows])), today
    )
    services = {each.id: service for service in load_services(session) for each in service.classes}
    policies = load_policies(session, today)
    steps = []
    for row in rows:
        service, need = services.get(row.class_id), needs[row.need_id]
        if service is None or row.ends_on is None:
            continue
        first = row.ends_on + timedelta(days=1)
        care_class = _find_class(service, row.class_id)
        pattern = Pattern(1, row.weekdays, row.part)
        stages, ends_on = list_stages(
            need, people[row.person_id], service, care_class, pattern, row.starts_on, policies
        )
        following = [stage for stage in stages[1:] if stage.starts_on == first]
        if ends_on != row.ends_on or not following:
            continue  # it ends for another reason: a last day was set, or there is no next class
        steps.append(Step(row, following[0]))
    return steps


def _find_class(service: Service, class_id: int) -> CareClass:
    return next(each for each in service.classes if each.id == class_id)


def _move(session: WriteSession, step: Step) -> None:
    old, stage = step.old, step.stage
    session.execute(
        update(Placement)
        .where(Placement.id == old.id)
        .values(state=PlacementState.ended, version=Placement.version + 1, ended_reason="moved_up")
        .execution_options(synchronize_session="fetch")
    )
    uses = [
        {"template_id": cell.id, "kind": kind, "amount": amount}
        for cell in list_cells(stage)
        for kind in sorted(MOVING & cell.capacities.keys())
        for amount in [1 if kind is CapacityKind.places else stage.care_class.unit_use]
        if amount
    ]
    new = Placement(
        code=f"{shorten(old.code, 40)}/{stage.care_class.code[:7]}",
        need_id=old.need_id,
        person_id=old.person_id,
        class_id=stage.care_class.id,
        weekdays=old.weekdays,
        part=old.part,
        starts_on=stage.starts_on,
        ends_on=stage.ends_on,
        state=PlacementState.active,
        origin=Origin.plan,
        confirmed_at=old.confirmed_at,
        confirmed_by=old.confirmed_by,
        confirmed_channel=old.confirmed_channel,
        site_confirmed_at=old.site_confirmed_at,
    )
    session.add(new)
    session.flush()
    session.execute(insert(PlacementUse), [{"placement_id": new.id, **use} for use in uses])
    _skip_full_dates(session, new.id)
    occupy(session, [new.id])


def _skip_full_dates(session: WriteSession, placement_id: int) -> None:
    """Leave out dates that one-off bookings fill: those were told first, the child keeps the class."""
    full = {conflict.slot_id for conflict in list_conflicts(session, [placement_id])}
    days = set(session.scalars(select(Slot.occurs_on).where(Slot.id.in_(full))))
    if days:
        session.execute(
            insert(PlacementException),
            [
                {
                    "placement_id": placement_id,
                    "on_date": on,
                    "kind": ExceptionKind.skipped,
                    "frees_place": True,
                }
                for on in sorted(days)
            ],
        )
