"""Makes what a load client fights over: open slots of few places, and many more dated needs that may have them.

Every need is eligible for every slot: one service with a class per slot, all on tomorrow's one sitting, inside the
notice period, so that the desk may book. Each need is another person's, so that only capacity refuses.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from sqlalchemy import func, select

from app.accounts.commands import create_token, create_user
from app.calendars.queries import load_calendar
from app.calendars.reference import load_reference
from app.db import WriteSession
from app.models import (
    Area,
    CareClass,
    Compound,
    Consent,
    Household,
    Need,
    NeedPattern,
    Person,
    Provider,
    Service,
    Site,
    Slot,
    SlotTemplate,
    SlotTemplateCapacity,
)
from app.models.enums import (
    AreaKind,
    CalendarClass,
    CapacityKind,
    Channel,
    ConsentPurpose,
    Datum,
    EndRule,
    Mobility,
    Mode,
    NeedRhythm,
    NeedState,
    Part,
    ServiceKind,
    Sex,
    StaffRole,
    Stairs,
    WishPart,
)
from app.people.names import SYNTHETIC_MARK
from app.sample import ground
from app.sample.errors import NoRaceDay
from app.sample.rows import Row, Rows
from app.slots.commands import extend_horizon

PEOPLE_PER_HOUSEHOLD: Final = 25
TOKEN_HOURS: Final = 8
KIND: Final = ServiceKind.family_centre


@dataclass(frozen=True)
class Race:
    """What a load client needs to know."""

    token: str
    slots: list[int]
    needs: list[int]


@dataclass(frozen=True)
class Size:
    """How many slots of how many places, and how many needs."""

    slots: int = 25
    places: int = 20
    needs: int = 10_000


def make_race(session: WriteSession, size: Size, today: date) -> Race:
    """Write a race beside whatever the record holds, and a token of an adviser who sees it; every call makes a new one.

    Raises `NoRaceDay` where the calendar of tomorrow's year is not published.
    """
    load_reference(session)
    on = today + timedelta(days=1)
    weekday = load_calendar(session).find_weekday(CalendarClass.every_day, on)
    if weekday is None:
        raise NoRaceDay(on=on.isoformat())
    number = 1 + (
        session.scalar(select(func.count()).select_from(Site).where(Site.code.like("SYN-RACE-%"))) or 0
    )
    writer = _Writer(Rows(f"race {number}"), f"SYN-RACE-{number}", today, on)
    root = session.scalar(
        select(Area.code).where(Area.kind == AreaKind.subdistrict).order_by(Area.id).limit(1)
    )
    parent = session.scalar(select(Area.id).where(Area.kind == AreaKind.block).order_by(Area.id).limit(1))
    committee = writer.add_areas(parent)
    classes = writer.add_offer(committee, size, weekday)
    needs = writer.add_needs(committee, size.needs)
    writer.rows.write(session)
    extend_horizon(session, today)
    class_ids = [row["id"] for row in classes]
    slots = session.scalars(select(Slot.id).where(Slot.class_id.in_(class_ids)).order_by(Slot.id)).all()
    name = f"race-{number}"
    area = f"{writer.prefix}-0" if root is None else root
    create_user(session, name, "压力测试", StaffRole.adviser, secrets.token_urlsafe(24), [area])
    token, _ = create_token(session, name, timedelta(hours=TOKEN_HOURS), "sample race")
    return Race(token, list(slots), [row["id"] for row in needs])


class _Writer:
    def __init__(self, rows: Rows, prefix: str, today: date, on: date) -> None:
        self.rows, self.prefix, self._today, self._on = rows, prefix, today, on
        self._point = ground.to_point(1_400.0, 900.0)

    def add_areas(self, block: int | None) -> Row:
        """Add a committee, below the first block there is or a tree of its own; returns its one compound."""
        parent: Row | int | None = block
        levels = [(AreaKind.committee, 2), (AreaKind.compound, 3)]
        if block is None:
            levels = [(AreaKind.subdistrict, 0), (AreaKind.block, 1), *levels]
        for kind, level in levels:
            parent = self.rows.add(
                Area, code=f"{self.prefix}-{level}", kind=kind, parent_id=parent,
                name_zh=f"压力测试{level}{SYNTHETIC_MARK}", name_en="",
            )  # fmt: skip
        if not isinstance(parent, Row):
            raise TypeError("there is at least one level")
        self.rows.add(
            Compound, area_id=parent, latitude=self._point.latitude, longitude=self._point.longitude,
            source_datum=Datum.wgs84, residents=0, residents_60_plus=0, residents_under_12=0,
        )  # fmt: skip
        return parent

    def add_offer(self, area: Row, size: Size, weekday: int) -> list[Row]:
        """Add one site and service, and a class for every slot."""
        provider = self.rows.add(
            Provider, code=f"{self.prefix}-V", name_zh=f"压力测试{SYNTHETIC_MARK}", name_en=""
        )
        site = self.rows.add(
            Site, code=f"{self.prefix}-S", provider_id=provider, area_id=area,
            name_zh=f"压力测试{SYNTHETIC_MARK}", name_en="", taxonomy_code=None, latitude=self._point.latitude,
            longitude=self._point.longitude, source_datum=Datum.wgs84, address="", phone="", is_step_free=True,
            is_school_gate=False,
        )  # fmt: skip
        service = self.rows.add(
            Service, code=f"{self.prefix}-F", site_id=site, kind=KIND, name_zh="压力测试活动", name_en="",
            mode=Mode.welfare, calendar_class=CalendarClass.every_day, limit_metres=3_000, end_rule=EndRule.none,
            notice_days=3, sends_offers=False, site_confirms=False, held_back_places=0, cut_off="0 08:00",
            is_active=True,
        )  # fmt: skip
        return [self._add_class(service, number, size.places, weekday) for number in range(1, size.slots + 1)]

    def _add_class(self, service: Row, number: int, places: int, weekday: int) -> Row:
        care_class = self.rows.add(
            CareClass, code=f"{self.prefix}-K{number:03d}", service_id=service, name_zh=f"第{number}场",
            name_en="", age_from_months=None, age_to_months=None, unit_use=0, skills=[],
        )  # fmt: skip
        template = self.rows.add(
            SlotTemplate, code=f"{care_class['code']}-T", class_id=care_class, weekday=weekday, part=Part.sitting,
            starts_at_local=time(14), ends_at_local=time(15), valid_from=self._on, valid_to=self._on,
        )  # fmt: skip
        self.rows.add(SlotTemplateCapacity, template_id=template, kind=CapacityKind.places, capacity=places)
        return care_class

    def add_needs(self, compound: Row, count: int) -> list[Row]:
        """Add a person with consent for every need."""
        return [self._add_need(compound, number) for number in range(1, count + 1)]

    def _add_need(self, compound: Row, number: int) -> Row:
        if (number - 1) % PEOPLE_PER_HOUSEHOLD == 0:
            code = f"{self.prefix}-H{number:06d}"
            self._household = self.rows.add_sealed(
                Household, code, {"address": None}, code=code, compound_id=compound, building_id=None, floor=1,
                registered_compound_id=None, version=1,
            )  # fmt: skip
        code = f"{self.prefix}-P{number:06d}"
        person = self.rows.add_sealed(
            Person, code, {"id_number": None, "phone": None, "health_note": None}, code=code,
            household_id=self._household, name=f"测试{number}{SYNTHETIC_MARK}", pinyin=f"ceshi{number}",
            pinyin_initials="cs", sex=Sex.female, born_on=date(1955, 1, 1), stairs=Stairs.alone,
            mobility=Mobility.walks, is_synthetic=True, version=1,
        )  # fmt: skip
        self.rows.add(
            Consent, code=f"{code}-M", person_id=person, purpose=ConsentPurpose.matching, given_by_id=person,
            given_on=self._today, valid_to=None, withdrawn_on=None, channel=Channel.desk,
        )  # fmt: skip
        code = f"{self.prefix}-N{number:06d}"
        need = self.rows.add_sealed(
            Need, code, {"note": None}, code=code, person_id=person, kind=KIND, rhythm=NeedRhythm.dated,
            state=NeedState.open, entered_on=self._today, starts_on=self._on, ends_on=None, limit_metres=None,
            visit_minutes=None, needs_escort=False, gate_site_id=None, group_id=None, round_id=None,
            wants_transfer=False, draw_number=None, version=1,
        )  # fmt: skip
        self.rows.add(
            NeedPattern, need_id=need, rank=1, weekdays=0, part=WishPart.sitting, occurs_on=self._on
        )
        return need
