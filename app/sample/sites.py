"""The sample's providers, sites, services with dated rules, classes and their weeks. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final

from app.models import (
    CareClass,
    Closure,
    Provider,
    Service,
    ServiceRule,
    Site,
    SlotTemplate,
    SlotTemplateCapacity,
)
from app.models.enums import CapacityKind, Datum, Part, ServiceKind
from app.people.names import SYNTHETIC_MARK as MARK
from app.sample import ground
from app.sample.english import name_offered, name_place
from app.sample.offers import HOURS, OFFERS, ClassOf, OfferOf
from app.sample.rows import Row, Rows
from app.sample.town import Town

PROVIDERS: Final = {
    "welfare": ("SYN-V1", "五里桥为老服务中心", "Care for Elders"),
    "meals": ("SYN-V2", "五里桥助餐服务社", "Meals"),
    "nursing": ("SYN-V3", "五里桥护理服务社", "Nursing"),
    "children": ("SYN-V4", "五里桥儿童服务社", "Children and Families"),
}
_PROVIDER_OF: Final = {
    ServiceKind.day_care: "welfare",
    ServiceKind.canteen: "meals",
    ServiceKind.home_visit: "nursing",
}


@dataclass(frozen=True)
class Group:
    """A class with what is left of its week; `left` is by weekday and part."""

    row: Row
    of: ClassOf
    templates: dict[tuple[int, Part], Row]
    left: dict[tuple[int, Part], dict[CapacityKind, int]]


@dataclass(frozen=True)
class Offer:
    """A service with its place and classes."""

    row: Row
    of: OfferOf
    site: Row
    groups: list[Group] = field(default_factory=list)


@dataclass(frozen=True)
class Supply:
    """All sites by code, all services by kind, the school gates."""

    sites: dict[str, Row]
    offers: dict[ServiceKind, list[Offer]]
    gates: list[Row]


def build_supply(rows: Rows, town: Town, scale: float, today: date) -> Supply:
    """Add providers, sites, services, rules, classes, templates with capacities, and two closures."""
    text = files("app.sample").joinpath("data/sites.toml").read_text(encoding="utf-8")
    since = date(today.year - 1, 1, 1)
    providers = {
        key: rows.add(Provider, code=code, name_zh=zh + MARK, name_en=f"{en} (sample)")
        for key, (code, zh, en) in PROVIDERS.items()
    }
    supply = Supply({}, {kind: [] for kind in ServiceKind}, [])
    for entry in tomllib.loads(text)["site"]:
        presets = [OFFERS[name] for name in entry["offers"]]
        provider = providers[_PROVIDER_OF.get(presets[0].kind, "children") if presets else "children"]
        site = _add_site(rows, town, entry, provider)
        supply.sites[entry["code"]] = site
        if site["is_school_gate"]:
            supply.gates.append(site)
        for of in presets:
            supply.offers[of.kind].append(_add_offer(rows, site, of, scale, since))
    _add_closures(rows, supply, today)
    return supply


def _add_site(rows: Rows, town: Town, entry: dict[str, Any], provider: Row) -> Row:
    east, north = entry["at"]
    point = ground.to_point(east * ground.WIDTH, north * ground.HEIGHT)
    return rows.add(
        Site,
        code=f"SYN-{entry['code']}",
        provider_id=provider,
        area_id=town.committees[entry["committee"]],
        name_zh=entry["name"] + MARK,
        name_en=f"{name_place(entry['name'])} (sample)",
        taxonomy_code=entry.get("type"),
        latitude=round(point.latitude, 6),
        longitude=round(point.longitude, 6),
        source_datum=Datum.wgs84,
        address="",
        phone="",
        is_step_free=entry.get("step_free", True),
        is_school_gate=entry.get("gate", False),
    )


def _add_offer(rows: Rows, site: Row, of: OfferOf, scale: float, since: date) -> Offer:
    service = rows.add(
        Service,
        code=f"{site['code']}-{of.letter}",
        site_id=site,
        kind=of.kind,
        name_zh=f"{site['name_zh'].removesuffix(MARK)}{of.name_zh}",
        name_en=f"{site['name_en'].removesuffix(' (sample)')}, {name_offered(of.name_zh)}",
        mode=of.mode,
        calendar_class=of.calendar,
        limit_metres=of.limit_metres,
        end_rule=of.end_rule,
        notice_days=3,
        sends_offers=True,
        site_confirms=of.site_confirms,
        held_back_places=of.held_back,
        cut_off=of.cut_off,
        is_active=True,
    )
    for rule in of.rules:
        rows.add(
            ServiceRule, service_id=service, kind=rule.kind, value=rule.value, data={},
            valid_from=since, valid_to=None, source=rule.source,
        )  # fmt: skip
    offer = Offer(service, of, site)
    for kind in of.classes:
        _add_groups(rows, offer, kind, scale, since)
    return offer


def _add_groups(rows: Rows, offer: Offer, of: ClassOf, scale: float, since: date) -> None:
    """Add the copies of a class. Where the law limits a class's size, the scale makes more classes, not larger ones."""
    copies = 1 if of.grows else max(1, round(of.copies * scale))
    share = scale if of.grows else min(1.0, of.copies * scale / copies)
    for copy in range(1, copies + 1):
        number = len(offer.groups) + 1
        care_class = rows.add(
            CareClass,
            code=f"{offer.row['code']}-K{number:02d}",
            service_id=offer.row,
            name_zh=of.name_zh if copies == 1 else f"{of.name_zh}{copy:02d}",
            name_en=name_offered(of.name_zh if copies == 1 else f"{of.name_zh}{copy:02d}"),
            age_from_months=of.ages[0],
            age_to_months=of.ages[1],
            unit_use=of.unit_use,
            skills=list(of.skills),
        )
        group = Group(care_class, of, {}, {})
        for weekday in of.weekdays:
            for part, cell in of.cells.items():
                _add_cell(rows, group, weekday, part, _scale_cell(cell, of, share), since)
        offer.groups.append(group)


def _scale_cell(cell: dict[CapacityKind, int], of: ClassOf, share: float) -> dict[CapacityKind, int]:
    """Return capacities at this share; a carer's half-day is never cut, and one child of a class always fits."""
    if CapacityKind.visit_minutes in cell:
        return cell
    least = {CapacityKind.carer_units: of.unit_use, CapacityKind.carer_minutes: 90}
    return {kind: max(least.get(kind, 1), round(amount * share)) for kind, amount in cell.items()}


def _add_cell(
    rows: Rows, group: Group, weekday: int, part: Part, capacities: dict[CapacityKind, int], since: date
) -> None:
    starts, ends = HOURS[part]
    template = rows.add(
        SlotTemplate,
        code=f"{group.row['code']}-{weekday + 1}-{part.value}",
        class_id=group.row,
        weekday=weekday,
        part=part,
        starts_at_local=starts,
        ends_at_local=ends,
        valid_from=since,
        valid_to=None,
    )
    for kind, capacity in capacities.items():
        rows.add(SlotTemplateCapacity, template_id=template, kind=kind, capacity=capacity)
    group.templates[weekday, part] = template
    group.left[weekday, part] = dict(capacities)


def _add_closures(rows: Rows, supply: Supply, today: date) -> None:
    """Close one day-care centre for three days, and one canteen's service for one, both within the horizon."""
    for code, offer, after, days, reason in (
        ("SYN-X1", supply.offers[ServiceKind.day_care][1], 24, 3, "消防设施检修"),
        ("SYN-X2", supply.offers[ServiceKind.canteen][3], 12, 1, "厨房设备保养"),
    ):
        starts = today + timedelta(days=after)
        rows.add(
            Closure, code=code, site_id=offer.site, service_id=offer.row, starts_on=starts,
            ends_on=starts + timedelta(days=days - 1), reason=reason,
        )  # fmt: skip
