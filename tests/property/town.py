"""A tiny town for random histories: two day-care centres, two after-school classes, a round, a dozen families."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.calendars.reference import load_reference
from app.ledger.commands import occupy
from app.models import CalendarYear, CareClass, Need, Person, Service, SlotTemplate
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    EvidenceKind,
    GroupKind,
    Mode,
    NeedState,
    Origin,
    Part,
    PlacementState,
    RoundState,
    RuleKind,
    ServiceKind,
    WishPart,
    YearState,
)
from app.slots.commands import extend_horizon
from tests.factories.areas import make_compound
from tests.factories.needs import make_group, make_need
from tests.factories.people import make_child, make_elder, make_evidence, make_household
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_rule, make_service, make_week
from tests.factories.rounds import make_round

if TYPE_CHECKING:
    from app.db import WriteSession
    from app.models import Compound

FIRST = date(2026, 11, 2)
"""A Monday; the State Council's calendar of that autumn has no more holidays."""
OLDEST = 12
"""Years up to which the after-school classes take children."""


@dataclass
class Town:
    """Ids of what a history acts on; classes of people as they were made, not as the program finds them."""

    compound_id: int
    services: dict[int, ServiceKind] = field(default_factory=dict)
    classes: dict[int, int] = field(default_factory=dict)
    """Service by class of a site."""
    sites: list[int] = field(default_factory=list)
    elders: dict[int, int] = field(default_factory=dict)
    """Priority class by person."""
    children: dict[int, int] = field(default_factory=dict)
    round_id: int = 0


def make_town(session: WriteSession) -> Town:
    """Make the town as of its first day."""
    load_reference(session)
    session.get_one(CalendarYear, FIRST.year).state = YearState.published
    if session.get(CalendarYear, FIRST.year + 1) is None:
        session.add(CalendarYear(year=FIRST.year + 1, state=YearState.published, source="test"))
    else:
        session.get_one(CalendarYear, FIRST.year + 1).state = YearState.published
    session.flush()
    compound = make_compound(session)
    town = Town(compound.area_id)
    for places, held_back in ((3, 1), (1, 0)):
        _add_service(session, town, ServiceKind.day_care, (Part.morning,), places, held_back_places=held_back)
    for places in (1, 2):
        made = _add_service(
            session, town, ServiceKind.after_school, (Part.wave_1630,), places, mode=Mode.stable
        )
        make_rule(session, made, RuleKind.max_age_years, OLDEST)
    _add_people(session, town, compound)
    town.round_id = make_round(
        session,
        ServiceKind.after_school,
        RoundState.announced,
        opens_on=FIRST + timedelta(days=2),
        closes_on=FIRST + timedelta(days=5),
        publishes_on=FIRST + timedelta(days=8),
        starts_on=FIRST + timedelta(days=16),
    ).id
    extend_horizon(session, FIRST)
    return town


def _add_service(
    session: WriteSession, town: Town, kind: ServiceKind, parts: tuple[Part, ...], places: int, **more: object
) -> Service:
    given = {
        "calendar_class": CalendarClass.workdays,
        "sends_offers": True,
        "held_back_places": 0,
        "notice_days": 3,
    }
    service = make_service(session, kind, **(given | more))
    care_class = make_class(session, service)
    make_week(session, care_class, parts=parts, capacities={CapacityKind.places: places})
    town.services[service.id] = kind
    town.classes[care_class.id] = service.id
    town.sites.append(service.site_id)
    return service


def _add_people(session: WriteSession, town: Town, compound: Compound) -> None:
    for grade, poor, class_ in (
        (5, True, 4),
        (4, False, 3),
        (3, False, 2),
        (2, False, 2),
        (0, False, 1),
        (0, False, 1),
    ):
        elder = make_elder(session, make_household(session, compound), grade=grade, born_on=date(1955, 1, 1))
        if poor:
            make_evidence(session, elder, EvidenceKind.low_income)
        town.elders[elder.id] = class_
    for poor, class_ in ((True, 3), (True, 3), (False, 1), (False, 1), (False, 1), (False, 1)):
        child = make_child(session, make_household(session, compound))
        if poor:
            make_evidence(session, child, EvidenceKind.low_income)
        town.children[child.id] = class_


def add_faults(session: WriteSession, town: Town, which: str, on: date) -> None:
    """Bring in what an office's list may hold: an over-full class, split twins, a child who is too old."""
    if which == "over_full":
        care_class = _get_class(session, town, ServiceKind.day_care, -1)
        for _ in range(2):
            elder = make_elder(session, make_household(session), grade=3, born_on=date(1955, 1, 1))
            _place(session, elder, care_class, ServiceKind.day_care, WishPart.morning, on)
    elif which == "split":
        needs = []
        for number in (0, -1):
            child = make_child(session, make_household(session))
            care_class = _get_class(session, town, ServiceKind.after_school, number)
            needs.append(_place(session, child, care_class, ServiceKind.after_school, WishPart.wave_1630, on))
        make_group(session, GroupKind.twins, needs)
    else:
        child = make_child(session, make_household(session), born_on=date(FIRST.year - OLDEST - 3, 1, 1))
        care_class = _get_class(session, town, ServiceKind.after_school, -1)
        _place(session, child, care_class, ServiceKind.after_school, WishPart.wave_1630, on)


FAULTS = ("over_full", "split", "too_old")


def _get_class(session: WriteSession, town: Town, kind: ServiceKind, number: int) -> CareClass:
    ids = [class_id for class_id, service_id in town.classes.items() if town.services[service_id] is kind]
    return session.get_one(CareClass, ids[number])


def _place(
    session: WriteSession, person: Person, care_class: CareClass, kind: ServiceKind, part: WishPart, on: date
) -> Need:
    """Write a placement that an office has had for long, with what it uses, as an import does."""
    need = make_need(
        session, person, kind, [((0, 2), part)], starts_on=on - timedelta(days=90), state=NeedState.placed
    )
    cells = [
        cell
        for cell in session.scalars(select(SlotTemplate).where(SlotTemplate.class_id == care_class.id))
        if cell.weekday in {0, 2}
    ]
    row = make_placement(
        session,
        need,
        care_class,
        cells,
        state=PlacementState.active,
        origin=Origin.imported,
        starts_on=on - timedelta(days=90),
        part=part,
    )
    occupy(session, [row.id], may_overfill=True)
    return need
