"""Dated policy data: rules in force, price rules, rounds with their draw, remembered import mappings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import Mode, RoundState, ServiceKind
from app.sealed import HasSealedFields, Sealed


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


class Round(HasSealedFields, Base):
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
    state: Mapped[RoundState] = mapped_column(enum_type(RoundState), default=RoundState.planned)
    secret_hash: Mapped[str] = mapped_column(String(64))
    policy_hash: Mapped[str] = mapped_column(String(64))
    list_key: Mapped[str | None] = mapped_column(String(64))
    """Public half (Ed25519, hex) of the key that signs the published list; part of the commitment."""
    secret_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    list_key_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret: Mapped[str | None] = mapped_column(String(64))
    """Published with the list, after the window closed."""
    public_number: Mapped[str | None] = mapped_column(String(80))
    public_number_source: Mapped[str | None] = mapped_column(String(200))
    public_number_on: Mapped[date | None]
    """The day on which the public number arose: after the window closed."""
    policy_file: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What `policy_hash` is the hash of: the rules of the order as they were announced."""
    entries: Mapped[list[str] | None] = mapped_column(
        JSON(none_as_null=True), deferred=True, deferred_raiseload=True
    )
    """Codes of the needs that took part, as the window closed."""
    published_list: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), deferred=True, deferred_raiseload=True
    )
    version: Mapped[int] = mapped_column(default=1)

    hidden_secret = Sealed("secret_box")
    hidden_list_key = Sealed("list_key_box")


class ImportMapping(Base):
    """How the columns of one source's list map to ours, remembered for the next file from there."""

    __tablename__ = "import_mapping"
    __table_args__ = (Index("ix_import_mapping_headers_hash", "headers_hash"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(120), unique=True)
    headers_hash: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
