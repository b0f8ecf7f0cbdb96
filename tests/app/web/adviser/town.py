"""A small town for the desk: three canteens and a day-care centre, two elders, dates from tomorrow on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.calendars.reference import load_reference
from app.clock import today
from app.models import CalendarYear, CareClass, Offer, Service, SlotTemplate
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    EvidenceKind,
    Part,
    PlacementState,
    RuleKind,
    ServiceKind,
    WishPart,
    YearState,
)
from tests.factories import areas, needs, people, placements, providers

if TYPE_CHECKING:
    from app.db import WriteSession

DEGREES_PER_METRE = 1 / 111_195
PHONE = "13877776543"


@dataclass(frozen=True)
class Town:
    """Ids and names; no row that a closed session would have to load."""

    committee: str
    elsewhere: str
    elder_id: int
    dated_id: int
    rival_id: int
    weekly_id: int
    rival_weekly_id: int
    offered_id: int
    placement_id: int
    near: str
    far: str
    strict: str
    day_service_id: int
    tomorrow: date


@dataclass(frozen=True)
class Place:
    """A service with the cells of its week."""

    name: str
    service: Service
    care_class: CareClass
    cells: list[SlotTemplate]


def make_town(session: WriteSession) -> Town:
    """Make the town: one meal is left at the near canteen, and one place in day care."""
    on = today() + timedelta(days=1)
    load_reference(session)
    for year in (on.year, on.year + 1):
        known = session.get(CalendarYear, year)
        if known is None:
            session.add(CalendarYear(year=year, state=YearState.published, source="test"))
        else:
            known.state = YearState.published
    committee = areas.make_committee(session, own_block=True)
    compound = areas.make_compound(session, committee)
    building = areas.make_building(session, compound)
    elder = people.make_elder(
        session,
        people.make_household(session, compound, building=building),
        name="王桂英",
        pinyin="wangguiying",
        pinyin_initials="wgy",
    )
    elder.phone = PHONE
    people.make_evidence(session, elder, EvidenceKind.care_grade, "2", valid_to=today() + timedelta(days=20))
    neighbour = people.make_elder(session, people.make_household(session, compound), name="李大爷")
    near, far, strict = (
        _make_place(session, ServiceKind.canteen, Part.lunch, compound.latitude, metres, meals, on)
        for metres, meals in ((200, 1), (400, 20), (100, 20))
    )
    providers.make_rule(session, strict.service, RuleKind.min_age_years, 90)
    day = _make_place(session, ServiceKind.day_care, Part.morning, compound.latitude, 300, 1, on)
    dated, rival = (
        needs.make_dated_need(session, person, on, ServiceKind.canteen, WishPart.lunch, entered_on=today())
        for person in (elder, neighbour)
    )
    weekly, rival_weekly = (
        needs.make_need(
            session,
            person,
            ServiceKind.day_care,
            [((0,), WishPart.morning)],
            starts_on=on,
            entered_on=today(),
        )
        for person in (elder, neighbour)
    )
    # The lunch of `on` stays free for the dated need, and Monday for the weekly one.
    other_day = 2 if on.weekday() != 2 else 3
    offered = needs.make_need(
        session,
        elder,
        ServiceKind.canteen,
        [((other_day,), WishPart.lunch)],
        starts_on=on,
        entered_on=today(),
    )
    placement = placements.make_placement(
        session, offered, far.care_class, [far.cells[other_day]], state=PlacementState.offered, starts_on=on
    )
    return Town(
        committee=committee.code,
        elsewhere=areas.make_committee(session, own_block=True).code,
        elder_id=elder.id,
        dated_id=dated.id,
        rival_id=rival.id,
        weekly_id=weekly.id,
        rival_weekly_id=rival_weekly.id,
        offered_id=offered.id,
        placement_id=placement.id,
        near=near.name,
        far=far.name,
        strict=strict.name,
        day_service_id=day.service.id,
        tomorrow=on,
    )


def make_offer(session: WriteSession, town: Town, sent_at: object, expires_at: object) -> None:
    """Send the town's offer with an end."""
    session.add(Offer(placement_id=town.placement_id, sent_at=sent_at, expires_at=expires_at))


def _make_place(
    session: WriteSession,
    kind: ServiceKind,
    part: Part,
    latitude: float,
    metres: int,
    capacity: int,
    first: date,
) -> Place:
    capacities = {CapacityKind.meals if kind is ServiceKind.canteen else CapacityKind.places: capacity}
    site = providers.make_site(session, latitude=latitude + metres * DEGREES_PER_METRE)
    service = providers.make_service(
        session,
        kind,
        site,
        calendar_class=CalendarClass.every_day,
        held_back_places=0,
        cut_off="0 00:00",  # until the day itself begins: whatever the clock says now, tomorrow can be ordered
    )
    care_class = providers.make_class(session, service)
    cells = [providers.make_template(session, care_class, day, part, capacities) for day in range(7)]
    for i in range(14):
        day = first + timedelta(days=i)
        providers.make_slot(session, cells[day.weekday()], day)
    return Place(site.name_zh, service, care_class, cells)
