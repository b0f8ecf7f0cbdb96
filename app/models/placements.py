"""The long-term side of the ledger: a placement is one row that occupies the dated slots of its pattern."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import (
    CapacityKind,
    Channel,
    ExceptionKind,
    OfferAnswer,
    Origin,
    PlacementState,
    WishPart,
)
from app.models.needs import Need

LIVE = "state IN ('proposed', 'offered', 'confirmed', 'active')"
"""States in which a placement occupies its slots."""


class Placement(Base):
    """A long-term place: who, in which class, on which weekdays, from when.

    At most one is live per need, and beside it at most one `is_transfer`: where somebody is about to change to.
    """

    __tablename__ = "placement"
    __table_args__ = (
        Index(
            "uq_placement_live_need",
            "need_id",
            unique=True,
            sqlite_where=text(f"{LIVE} AND NOT is_transfer"),
            postgresql_where=text(f"{LIVE} AND NOT is_transfer"),
        ),
        Index(
            "uq_placement_live_transfer",
            "need_id",
            unique=True,
            sqlite_where=text(f"{LIVE} AND is_transfer"),
            postgresql_where=text(f"{LIVE} AND is_transfer"),
        ),
        Index("ix_placement_class_state", "class_id", "state"),
        Index("ix_placement_person_id", "person_id"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays_are_seven_bits"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("NOT is_pinned OR pin_reason <> ''", name="a_pin_has_a_reason"),
        CheckConstraint(
            "state NOT IN ('confirmed', 'active') OR confirmed_at IS NOT NULL",
            name="confirmed_has_an_instant",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("care_class.id"))
    weekdays: Mapped[int]
    part: Mapped[WishPart] = mapped_column(enum_type(WishPart))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """Last day of the placement; none while open-ended."""
    state: Mapped[PlacementState] = mapped_column(enum_type(PlacementState))
    origin: Mapped[Origin] = mapped_column(enum_type(Origin))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    pin_reason: Mapped[str] = mapped_column(String(200), default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str] = mapped_column(String(80), default="")
    confirmed_channel: Mapped[Channel | None] = mapped_column(enum_type(Channel))
    site_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_reason: Mapped[str] = mapped_column(String(200), default="")
    is_transfer: Mapped[bool] = mapped_column(default=False)
    """The new place of somebody who wishes to change, from the proposal until it begins and the old one has ended."""
    version: Mapped[int] = mapped_column(default=1)

    need: Mapped[Need] = relationship(lazy="raise", foreign_keys=[need_id])
    uses: Mapped[list[PlacementUse]] = relationship(lazy="raise")


class PlacementUse(Base):
    """How much of one capacity kind a placement uses in every dated slot of one template."""

    __tablename__ = "placement_use"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_placement_use_template_id", "template_id"),
    )

    placement_id: Mapped[int] = mapped_column(
        ForeignKey("placement.id", ondelete="CASCADE"), primary_key=True
    )
    template_id: Mapped[int] = mapped_column(ForeignKey("slot_template.id"), primary_key=True)
    kind: Mapped[CapacityKind] = mapped_column(enum_type(CapacityKind), primary_key=True)
    amount: Mapped[int]


class PlacementException(Base):
    """A date on which a placement does not occupy its slots: absent, away, in hospital, skipped."""

    __tablename__ = "placement_exception"
    __table_args__ = (UniqueConstraint("placement_id", "on_date"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"))
    on_date: Mapped[date] = mapped_column(index=True)
    kind: Mapped[ExceptionKind] = mapped_column(enum_type(ExceptionKind))
    frees_place: Mapped[bool] = mapped_column(default=True)
    """False after the service's cut-off: the place or meal is spare, not free."""


class Offer(Base):
    """An expiring proposal to a person; a group gets one offer each, answered together."""

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "uq_offer_open_placement",
            "placement_id",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="an_answer_has_an_instant"),
        CheckConstraint("expires_at > sent_at", name="expires_after_sent"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), index=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[OfferAnswer | None] = mapped_column(enum_type(OfferAnswer))
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    channel: Mapped[Channel | None] = mapped_column(enum_type(Channel))
