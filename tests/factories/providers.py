"""Smallest valid offers: provider, site, service, class, the cells of its week, and dated slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from app.clock import SHANGHAI
from app.models import (
    CareClass,
    Provider,
    Service,
    ServiceRule,
    Site,
    Slot,
    SlotCapacity,
    SlotTemplate,
    SlotTemplateCapacity,
)
from app.models.enums import AreaKind, CalendarClass, CapacityKind, Datum, Part, RuleKind, ServiceKind
from tests.factories.areas import LATITUDE, LONGITUDE, make_area
from tests.factories.people import LONG_AGO
from tests.factories.serials import start_serials

_serials = start_serials()

HOURS = {
    Part.morning: (time(8, 30), time(12)),
    Part.afternoon: (time(12), time(17)),
    Part.lunch: (time(11), time(13)),
    Part.dinner: (time(17), time(18, 30)),
    Part.wave_1630: (time(15, 30), time(16, 30)),
    Part.wave_1700: (time(16, 30), time(17)),
    Part.wave_1800: (time(17), time(18)),
    Part.sitting: (time(9), time(11)),
}


def make_provider(session: Session) -> Provider:
    """Make an organisation."""
    serial = next(_serials)
    provider = Provider(code=f"F-provider-{serial}", name_zh=f"测试机构{serial}")
    session.add(provider)
    session.flush()
    return provider


def make_site(session: Session, **columns: Any) -> Site:
    """Make a site with a provider, in an area of its own subdistrict; `columns` go to the row."""
    serial = next(_serials)
    given: dict[str, Any] = {
        "code": f"F-site-{serial}",
        "name_zh": f"测试服务点{serial}",
        "latitude": LATITUDE,
        "longitude": LONGITUDE,
        "source_datum": Datum.wgs84,
    }
    given["provider_id"] = columns.get("provider_id") or make_provider(session).id
    given["area_id"] = columns.get("area_id") or make_area(session, AreaKind.committee).id
    site = Site(**(given | columns))
    session.add(site)
    session.flush()
    return site


def make_service(
    session: Session, kind: ServiceKind = ServiceKind.day_care, site: Site | None = None, **columns: Any
) -> Service:
    """Make a service without rules on workdays, within 1,000 m; `columns` go to the row."""
    serial = next(_serials)
    given: dict[str, Any] = {
        "code": f"F-service-{serial}",
        "site_id": (site or make_site(session)).id,
        "kind": kind,
        "name_zh": f"测试服务{serial}",
        "calendar_class": CalendarClass.workdays,
        "limit_metres": 1000,
    }
    service = Service(**(given | columns))
    session.add(service)
    session.flush()
    return service


def make_rule(session: Session, service: Service, kind: RuleKind, value: int = 0) -> ServiceRule:
    """Make an eligibility rule in force since long ago."""
    rule = ServiceRule(service_id=service.id, kind=kind, value=value, valid_from=LONG_AGO, source="测试")
    session.add(rule)
    session.flush()
    return rule


def make_class(session: Session, service: Service | None = None, **columns: Any) -> CareClass:
    """Make a class of a service; `columns` go to the row."""
    serial = next(_serials)
    given: dict[str, Any] = {
        "code": f"F-class-{serial}",
        "service_id": (service or make_service(session)).id,
        "name_zh": f"测试班{serial}",
    }
    care_class = CareClass(**(given | columns))
    session.add(care_class)
    session.flush()
    return care_class


def make_template(
    session: Session,
    care_class: CareClass,
    weekday: int = 0,
    part: Part = Part.morning,
    capacities: Mapping[CapacityKind, int] | None = None,
) -> SlotTemplate:
    """Make one cell of a class's week, with ten places unless said otherwise."""
    starts, ends = HOURS[part]
    template = SlotTemplate(
        code=f"F-template-{next(_serials)}",
        class_id=care_class.id,
        weekday=weekday,
        part=part,
        starts_at_local=starts,
        ends_at_local=ends,
        valid_from=LONG_AGO,
        capacities=[
            SlotTemplateCapacity(kind=kind, capacity=capacity)
            for kind, capacity in (capacities or {CapacityKind.places: 10}).items()
        ],
    )
    session.add(template)
    session.flush()
    return template


def make_week(
    session: Session,
    care_class: CareClass,
    weekdays: Iterable[int] = range(5),
    parts: Iterable[Part] = (Part.morning, Part.afternoon),
    capacities: Mapping[CapacityKind, int] | None = None,
) -> list[SlotTemplate]:
    """Make the cells of a week: each weekday with each part, the same capacities everywhere."""
    parts = list(parts)
    return [make_template(session, care_class, day, part, capacities) for day in weekdays for part in parts]


def make_slot(session: Session, template: SlotTemplate, occurs_on: date, *, taken: int = 0) -> Slot:
    """Make the dated slot of a template made here, with its capacities and that much taken of each."""
    slot = Slot(
        template_id=template.id,
        class_id=template.class_id,
        occurs_on=occurs_on,
        starts_at=datetime.combine(occurs_on, template.starts_at_local, SHANGHAI),
        ends_at=datetime.combine(occurs_on, template.ends_at_local, SHANGHAI),
        capacities=[
            SlotCapacity(kind=row.kind, capacity=row.capacity, taken=taken) for row in template.capacities
        ],
    )
    session.add(slot)
    session.flush()
    return slot
