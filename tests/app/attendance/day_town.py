"""An after-school class at two sites on a school day: siblings, an escorted child, one with a pickup, a coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from app.calendars.reference import load_reference
from app.clock import SHANGHAI
from app.models import PlacementUse, StaffUser
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    EvidenceKind,
    NeedState,
    Part,
    PlacementState,
    ServiceKind,
    StaffRole,
    WishPart,
)
from tests.factories import areas, needs, people, placements, providers

if TYPE_CHECKING:
    from app.db import WriteSession
    from app.models import CareClass, SlotTemplate

DAY = date(2026, 11, 24)
"""A Tuesday in term."""
WAVES = (Part.wave_1630, Part.wave_1700, Part.wave_1800)


def at(hour: int, minute: int = 0, on: date = DAY) -> datetime:
    """Return an instant by Shanghai's clock."""
    return datetime.combine(on, time(hour, minute), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True)
class DayTown:
    """Ids; no row that a closed session would have to load."""

    committee: str
    elsewhere: str
    site: str
    site_id: int
    other_site: str
    other_site_id: int
    service_id: int
    class_id: int
    other_class_id: int
    slot_id: int
    """The first slot of the day's stays at the first site."""
    anna_id: int
    ben_id: int
    """Siblings; Ben stays until 18:00, Anna until 16:30."""
    cora_id: int
    """Comes from the school gate, has an allergy and one authorised pickup."""
    pickup_id: int
    unverified_id: int
    foreign_pickup_id: int
    placement_ids: dict[str, int]


def make_day_town(session: WriteSession, day: date = DAY, *, places: int = 3) -> DayTown:
    """Make the town; its class has `places` places in each wave and as many escorts."""
    load_reference(session)
    committee = areas.make_committee(session, own_block=True)
    compound = areas.make_compound(session, committee)
    gate = providers.make_site(session, area_id=committee.id, is_school_gate=True)
    made = [_make_class(session, committee.id, day, places) for _ in range(2)]
    (site, service, care_class, cells), (other_site, _, other_class, other_cells) = made
    home = people.make_household(session, compound)
    guardian = people.make_person(session, home)
    anna, ben = (
        people.make_child(session, home, guardian=guardian, name=name, pinyin=name)
        for name in ("安安", "本本")
    )
    cora_home = people.make_household(session, compound)
    cora_guardian = people.make_person(session, cora_home, name="柯妈妈")
    cora_guardian.phone = "13811112222"
    cora = people.make_child(session, cora_home, guardian=cora_guardian, name="可可", pinyin="keke")
    people.make_evidence(session, cora, EvidenceKind.allergy, "花生")
    pickup = people.make_pickup(session, cora, cora_guardian)
    unverified = people.make_pickup(session, cora, guardian)
    unverified.verified_on = None
    foreign = people.make_pickup(session, anna, guardian)
    waves = {
        anna: (WishPart.wave_1630, cells[:1]),
        ben: (WishPart.wave_1800, cells),
        cora: (WishPart.wave_1700, cells[:2]),
    }
    ids = {}
    for child, (part, used) in waves.items():
        need = needs.make_need(
            session,
            child,
            ServiceKind.after_school,
            [((day.weekday(),), part)],
            gate_site_id=gate.id,
            starts_on=date(2026, 9, 1),
            state=NeedState.placed,
        )
        row = placements.make_placement(
            session, need, care_class, used, state=PlacementState.active, starts_on=date(2026, 9, 1)
        )
        if child is cora:
            escort = PlacementUse(
                placement_id=row.id, template_id=cells[0].id, kind=CapacityKind.escorts, amount=1
            )
            session.add(escort)
        ids[child.name] = row.id
    slots = [
        providers.make_slot(session, cell, day, taken=taken)
        for cell, taken in zip(cells, (3, 2, 1), strict=True)
    ]
    for cell in other_cells:
        providers.make_slot(session, cell, day)
    for each in slots[0].capacities:
        if each.kind is CapacityKind.escorts:
            each.taken = 1
    session.flush()
    return DayTown(
        committee=committee.code,
        elsewhere=areas.make_committee(session, own_block=True).code,
        site=site.code,
        site_id=site.id,
        other_site=other_site.code,
        other_site_id=other_site.id,
        service_id=service.id,
        class_id=care_class.id,
        other_class_id=other_class.id,
        slot_id=slots[0].id,
        anna_id=anna.id,
        ben_id=ben.id,
        cora_id=cora.id,
        pickup_id=pickup.id,
        unverified_id=unverified.id,
        foreign_pickup_id=foreign.id,
        placement_ids=ids,
    )


def _make_class(session: WriteSession, area_id: int, day: date, places: int):
    site = providers.make_site(session, area_id=area_id)
    service = providers.make_service(
        session,
        ServiceKind.after_school,
        site,
        calendar_class=CalendarClass.school_days,
        cut_off="0 12:00",
        notice_days=0,
        limit_metres=None,
        held_back_places=0,
    )
    care_class: CareClass = providers.make_class(session, service)
    cells: list[SlotTemplate] = [
        providers.make_template(
            session,
            care_class,
            day.weekday(),
            part,
            {CapacityKind.places: places}
            | ({CapacityKind.escorts: places} if part is Part.wave_1630 else {}),
        )
        for part in WAVES
    ]
    return site, service, care_class, cells


def make_staff(session: WriteSession, role: StaffRole, name: str) -> StaffUser:
    """Make a member of staff without any scope."""
    user = StaffUser(name=name, display_name=name, role=role, password_hash="x", created_at=at(8))
    session.add(user)
    session.flush()
    return user
