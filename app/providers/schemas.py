"""What goes out about sites, services and classes."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.models.enums import CalendarClass, EndRule, Mode, RuleKind, ServiceKind
from app.schemas import Reply


class SiteOut(Reply):
    """A place where services are given; the point is WGS-84."""

    id: int
    code: str = Field(examples=["S-DC-01"])
    provider_id: int
    area_id: int
    name_zh: str
    name_en: str
    taxonomy_code: str | None = Field(examples=["2010"])
    latitude: float = Field(examples=[31.203])
    longitude: float = Field(examples=[121.478])
    address: str
    phone: str
    is_step_free: bool
    is_school_gate: bool


class ServiceOut(Reply):
    """What is offered at a site."""

    id: int
    code: str
    site_id: int
    kind: ServiceKind
    name_zh: str
    name_en: str
    mode: Mode
    calendar_class: CalendarClass
    limit_metres: int | None
    end_rule: EndRule
    notice_days: int
    sends_offers: bool
    site_confirms: bool
    held_back_places: int
    cut_off: str
    is_active: bool


class ClassOut(Reply):
    """A group of a service."""

    id: int
    code: str
    name_zh: str
    name_en: str
    age_from_months: int | None
    age_to_months: int | None
    unit_use: int
    skills: list[str]


class RuleOut(Reply):
    """One eligibility rule, dated and with its source."""

    kind: RuleKind
    value: int
    data: dict[str, Any]
    valid_from: date
    valid_to: date | None
    source: str


class SiteCard(Reply):
    """A site with its services."""

    site: SiteOut
    services: list[ServiceOut]


class ServiceCard(Reply):
    """A service with its classes and the rules in force today."""

    service: ServiceOut
    classes: list[ClassOut]
    rules: list[RuleOut]
