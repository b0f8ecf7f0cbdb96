"""Who offers care, where, for whom: providers, sites, services with their rules, classes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, enum_type
from app.models.enums import CalendarClass, Datum, EndRule, Mode, RuleKind, ServiceKind


class Provider(Base):
    """An organisation that offers care or helps on public-benefit days."""

    __tablename__ = "provider"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")


class Site(Base):
    """A place where services are given, or from which teams go out; its point is WGS-84."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="point_on_earth"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    taxonomy_code: Mapped[str | None] = mapped_column(String(4))
    """Local facility type, as 2010 for a day-care centre (domain-rules: facility types)."""
    latitude: Mapped[float]
    longitude: Mapped[float]
    source_datum: Mapped[Datum] = mapped_column(enum_type(Datum))
    address: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    is_step_free: Mapped[bool] = mapped_column(default=True)
    is_school_gate: Mapped[bool] = mapped_column(default=False)
    """A school's gate: where after-school starts at dismissal."""

    provider: Mapped[Provider] = relationship(lazy="raise")


class Service(Base):
    """What a provider offers at a site (HSDS)."""

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("limit_metres IS NULL OR limit_metres > 0", name="limit_positive"),
        CheckConstraint("held_back_places >= 0", name="held_back_not_negative"),
        CheckConstraint("notice_days >= 0", name="notice_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[ServiceKind] = mapped_column(enum_type(ServiceKind), index=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    mode: Mapped[Mode] = mapped_column(enum_type(Mode), default=Mode.welfare)
    calendar_class: Mapped[CalendarClass] = mapped_column(enum_type(CalendarClass))
    limit_metres: Mapped[int | None]
    """Longest walk the service accepts; none where staff come to the door."""
    end_rule: Mapped[EndRule] = mapped_column(enum_type(EndRule), default=EndRule.none)
    notice_days: Mapped[int] = mapped_column(default=3)
    """Working days between the night and the first day it may plan (lifecycle.md)."""
    sends_offers: Mapped[bool] = mapped_column(default=True)
    """Whether publishing sends proposals out as offers at once."""
    site_confirms: Mapped[bool] = mapped_column(default=False)
    """Whether the site, too, says yes (entry check, trial day)."""
    held_back_places: Mapped[int] = mapped_column(default=1)
    """Places kept for urgent bookings."""
    cut_off: Mapped[str] = mapped_column(String(20), default="-1 15:00")
    """Days before (working days) and local time until which an absence frees the place or meal."""
    is_active: Mapped[bool] = mapped_column(default=True)

    site: Mapped[Site] = relationship(lazy="raise")
    rules: Mapped[list[ServiceRule]] = relationship(lazy="raise")
    classes: Mapped[list[CareClass]] = relationship(lazy="raise", back_populates="service")


class ServiceRule(Base):
    """One eligibility rule of a service, dated and with its source."""

    __tablename__ = "service_rule"
    __table_args__ = (
        Index("ix_service_rule_service_kind", "service_id", "kind"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    kind: Mapped[RuleKind] = mapped_column(enum_type(RuleKind))
    value: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))


class CareClass(Base):
    """Which group of a service: a nursery class, a wave's class, a carer of a visiting team."""

    __tablename__ = "care_class"
    __table_args__ = (
        UniqueConstraint("service_id", "name_zh"),
        CheckConstraint(
            "age_from_months IS NULL OR age_to_months IS NULL OR age_from_months < age_to_months",
            name="ages_in_order",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    age_from_months: Mapped[int | None]
    age_to_months: Mapped[int | None]
    """First age in months that is too old."""
    unit_use: Mapped[int] = mapped_column(default=0)
    """Carer units one child uses, of 105 for one carer (35, 21, 15; domain-rules: nursery)."""
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)

    service: Mapped[Service] = relationship(lazy="raise", back_populates="classes")
