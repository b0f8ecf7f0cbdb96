"""A town made for races: few slots, many people, each with a need for a date that the desk may give; all synthetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from app.accounts.commands import create_token, create_user
from app.calendars.reference import load_reference
from app.clock import SHANGHAI, today
from app.models import (
    Area,
    CalendarDay,
    CalendarYear,
    CareClass,
    Compound,
    Consent,
    Household,
    Need,
    NeedPattern,
    Person,
    PersonRole,
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
    NeedRhythm,
    NeedState,
    Part,
    Role,
    ServiceKind,
    Sex,
    StaffRole,
    WishPart,
    YearState,
)
from app.slots.commands import extend_horizon
from tests.factories.serials import start_serials

if TYPE_CHECKING:
    from app.db import Database, WriteSession

NOTICE_DAYS = 60
"""So long a notice that every date of the race is the desk's to give: races are about capacity, not about turns."""
_serials = start_serials()


@dataclass(frozen=True)
class Race:
    """What a race runs on; `slots` and `needs` are ids by date, every need fits every slot of its date."""

    user_id: int
    token: str
    service_id: int
    class_ids: list[int]
    slots: dict[date, list[int]]
    needs: dict[date, list[int]]
    places: int

    @property
    def all_slots(self) -> list[int]:
        """Return every slot's id."""
        return [slot_id for ids in self.slots.values() for slot_id in ids]


def make_race(
    database: Database, *, dates: int = 5, classes: int = 5, places: int = 20, needs: int = 10_000
) -> Race:
    """Make dates x classes open slots with so many places, and the needs spread over the dates."""

    def work(session: WriteSession) -> Race:
        publish_years(session)
        area_id = _make_areas(session)
        service_id = make_service(session, area_id)
        class_ids = [make_class(session, service_id, places) for _ in range(classes)]
        extend_horizon(session, today())
        days = [today() + timedelta(days=i) for i in range(1, dates + 1)]
        ids = make_people(session, area_id, needs)
        wanted = {on: make_needs(session, ids[i::dates], on) for i, on in enumerate(days)}
        slots = {
            on: list(
                session.scalars(
                    select(Slot.id)
                    .where(Slot.occurs_on == on, Slot.class_id.in_(class_ids))
                    .order_by(Slot.id)
                )
            )
            for on in days
        }
        serial = next(_serials)
        area = session.get_one(Area, area_id)
        user = create_user(
            session,
            f"race-{serial}",
            "竞争测试",
            StaffRole.coordinator,
            f"race-{serial}-pass",
            [area.code],
            [],
        )
        token, _ = create_token(session, user.name, timedelta(hours=2))
        return Race(user.id, token, service_id, class_ids, slots, wanted, places)

    return database.write(work)


def publish_years(session: WriteSession) -> None:
    """Publish the years of the race, whatever today is: an unpublished year would have no slots at all."""
    load_reference(session)
    for year in {today().year, (today() + timedelta(days=70)).year}:
        if session.get(CalendarYear, year) is None:
            session.add(CalendarYear(year=year, state=YearState.published, source="race"))
    session.flush()
    session.execute(update(CalendarYear).values(state=YearState.published))
    session.execute(CalendarDay.__table__.delete())


def make_service(session: WriteSession, area_id: int, **columns: Any) -> int:
    """Make a day-care service without rules that holds nothing back; return its id."""
    serial = next(_serials)
    provider = Provider(code=f"RP{serial}", name_zh="竞争测试机构")
    session.add(provider)
    session.flush()
    site = Site(
        code=f"RS{serial}",
        provider_id=provider.id,
        area_id=area_id,
        name_zh="竞争测试服务点",
        latitude=31.203,
        longitude=121.478,
        source_datum=Datum.wgs84,
    )
    session.add(site)
    session.flush()
    given: dict[str, Any] = {
        "code": f"RV{serial}",
        "site_id": site.id,
        "kind": ServiceKind.day_care,
        "name_zh": "竞争测试服务",
        "calendar_class": CalendarClass.every_day,
        "limit_metres": 1000,
        "held_back_places": 0,
        "notice_days": NOTICE_DAYS,
        "cut_off": "0 08:00",
    }
    service = Service(**(given | columns))
    session.add(service)
    session.flush()
    return service.id


def make_class(session: WriteSession, service_id: int, places: int) -> int:
    """Make a class with a morning of so many places on every weekday; return its id."""
    serial = next(_serials)
    care_class = CareClass(code=f"RC{serial}", service_id=service_id, name_zh=f"竞争测试班{serial}")
    session.add(care_class)
    session.flush()
    for weekday in range(7):
        session.add(
            SlotTemplate(
                code=f"RT{serial}-{weekday}",
                class_id=care_class.id,
                weekday=weekday,
                part=Part.morning,
                starts_at_local=time(8, 30),
                ends_at_local=time(12),
                valid_from=date(2020, 1, 1),
                capacities=[SlotTemplateCapacity(kind=CapacityKind.places, capacity=places)],
            )
        )
    session.flush()
    return care_class.id


def make_people(session: WriteSession, area_id: int, number: int) -> list[int]:
    """Make elders who consented, one a household; return their ids."""
    if not number:
        return []
    first = next(_serials)
    codes = [f"R{first}-{i}" for i in range(number)]
    session.execute(insert(Household), [{"code": code, "compound_id": area_id} for code in codes])
    homes = dict(
        session.execute(select(Household.code, Household.id).where(Household.code.like(f"R{first}-%"))).all()
    )
    session.execute(
        insert(Person),
        [
            {
                "code": code,
                "household_id": homes[code],
                "name": "竞争测试人",
                "sex": Sex.female,
                "born_on": date(1950, 1, 1),
                "is_synthetic": True,
            }
            for code in codes
        ],
    )
    ids = list(session.scalars(select(Person.id).where(Person.code.like(f"R{first}-%")).order_by(Person.id)))
    session.execute(insert(PersonRole), [{"person_id": id_, "role": Role.elder} for id_ in ids])
    session.execute(
        insert(Consent),
        [
            {
                "code": f"R{first}-{id_}",
                "person_id": id_,
                "purpose": ConsentPurpose.matching,
                "given_by_id": id_,
                "given_on": date(2025, 1, 1),
                "channel": Channel.desk,
            }
            for id_ in ids
        ],
    )
    return ids


def make_needs(session: WriteSession, person_ids: list[int], on: date) -> list[int]:
    """Make one need for the morning of a date per person; return their ids."""
    if not person_ids:
        return []
    first = next(_serials)
    session.execute(
        insert(Need),
        [
            {
                "code": f"RN{first}-{id_}",
                "person_id": id_,
                "kind": ServiceKind.day_care,
                "rhythm": NeedRhythm.dated,
                "state": NeedState.open,
                "entered_on": date(2026, 11, 1),
                "starts_on": on,
            }
            for id_ in person_ids
        ],
    )
    ids = list(session.scalars(select(Need.id).where(Need.code.like(f"RN{first}-%")).order_by(Need.id)))
    session.execute(
        insert(NeedPattern),
        [{"need_id": id_, "rank": 1, "part": WishPart.morning, "occurs_on": on} for id_ in ids],
    )
    return ids


def instant(on: date, at: time) -> datetime:
    """Return a Shanghai date and time as an instant."""
    return datetime.combine(on, at, SHANGHAI).astimezone(UTC)


def _make_areas(session: WriteSession) -> int:
    """Make a tree down to one compound, beside the site; return the compound's id."""
    serial = next(_serials)
    parent: int | None = None
    for kind in AreaKind:
        area = Area(code=f"RA{serial}-{kind}", kind=kind, parent_id=parent, name_zh=f"竞争测试{kind}")
        session.add(area)
        session.flush()
        parent = area.id
    assert parent is not None
    session.add(Compound(area_id=parent, latitude=31.203, longitude=121.478, source_datum=Datum.wgs84))
    session.flush()
    return parent
