"""Dated policy data: rules in force, price rules, rounds with their draw, remembered import mappings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import Mode, ServiceKind


class Policy(Base):
    """One policy value with the days it is in force and its source; code holds defaults only."""

    __tablename__ = "policy"
    __table_args__ = (
        UniqueConstraint("key", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(JSON)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))


class PriceRule(Base):
    """One step of what a bill comes to; rules stack in `stacking_order`, money is whole fen."""

    __tablename__ = "price_rule"
    __table_args__ = (
        CheckConstraint("percent_off BETWEEN 0 AND 100", name="percent_plausible"),
        CheckConstraint("amount_off_fen >= 0", name="amount_not_negative"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    kind: Mapped[ServiceKind] = mapped_column(enum_type(ServiceKind))
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """age_from, age_to, evidence, registered_here, grades, weekdays, minimum_fen, channel."""
    percent_off: Mapped[int] = mapped_column(default=0)
    amount_off_fen: Mapped[int] = mapped_column(default=0)
    per_day_cap_fen: Mapped[int | None]
    per_month_quota: Mapped[int | None]
    stacking_order: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))


class Round(Base):
    """A term's or year's window in which needs count as simultaneous, and its verifiable draw."""

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint(
            "opens_on <= closes_on AND closes_on <= publishes_on AND publishes_on <= starts_on",
            name="dates_in_order",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    kind: Mapped[ServiceKind] = mapped_column(enum_type(ServiceKind))
    name_zh: Mapped[str] = mapped_column(String(80))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    publishes_on: Mapped[date]
    starts_on: Mapped[date]
    mode: Mapped[Mode] = mapped_column(enum_type(Mode))
    policy_version: Mapped[str] = mapped_column(String(40))
    secret_hash: Mapped[str] = mapped_column(String(64))
    policy_hash: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str | None] = mapped_column(String(64))
    """Published after the window closes."""
    public_number: Mapped[str | None] = mapped_column(String(80))


class ImportMapping(Base):
    """How the columns of one source's list map to ours, remembered for the next file from there."""

    __tablename__ = "import_mapping"
    __table_args__ = (Index("ix_import_mapping_headers_hash", "headers_hash"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(120), unique=True)
    headers_hash: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
