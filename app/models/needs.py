"""What people ask for: needs with their accepted patterns and wishes, and who belongs together."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, enum_type
from app.models.enums import GroupKind, NeedRhythm, NeedState, ServiceKind, WishPart
from app.models.people import Person
from app.sealed import HasSealedFields, Sealed


class NeedGroup(Base):
    """Needs that belong together: siblings at one site, twins and couples all or none."""

    __tablename__ = "need_group"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    kind: Mapped[GroupKind] = mapped_column(enum_type(GroupKind))
    same_site: Mapped[bool] = mapped_column(default=True)
    all_or_none: Mapped[bool] = mapped_column(default=False)


class Need(HasSealedFields, Base):
    """What one person asks for; the draw number is drawn once from (seed, code) and kept."""

    __tablename__ = "need"
    __table_args__ = (
        Index("ix_need_state_kind", "state", "kind"),
        CheckConstraint("limit_metres IS NULL OR limit_metres > 0", name="limit_positive"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("visit_minutes IS NULL OR visit_minutes > 0", name="visit_minutes_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[ServiceKind] = mapped_column(enum_type(ServiceKind))
    rhythm: Mapped[NeedRhythm] = mapped_column(enum_type(NeedRhythm))
    state: Mapped[NeedState] = mapped_column(enum_type(NeedState), default=NeedState.open)
    entered_on: Mapped[date]
    """Whole months waited count from here; never the clock time."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    limit_metres: Mapped[int | None]
    """The person's own limit; walking beyond it is possible within the service's, and counts against it."""
    visit_minutes: Mapped[int | None]
    needs_escort: Mapped[bool] = mapped_column(default=False)
    gate_site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    """The school gate an after-school child starts from."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("need_group.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    wants_transfer: Mapped[bool] = mapped_column(default=False)
    """Placed, but would rather be elsewhere: keeps the place or gets one it prefers."""
    draw_number: Mapped[int | None]
    note_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)

    note = Sealed("note_box")
    person: Mapped[Person] = relationship(lazy="raise")
    group: Mapped[NeedGroup | None] = relationship(lazy="raise")
    patterns: Mapped[list[NeedPattern]] = relationship(lazy="raise", order_by="NeedPattern.rank")
    preferences: Mapped[list[NeedPreference]] = relationship(lazy="raise", order_by="NeedPreference.rank")


class NeedPattern(Base):
    """One pattern a need accepts, the first being the wish: weekdays and part, or one date."""

    __tablename__ = "need_pattern"
    __table_args__ = (
        UniqueConstraint("need_id", "rank"),
        CheckConstraint("rank >= 1", name="rank_from_one"),
        CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays_are_seven_bits"),
        CheckConstraint("(weekdays > 0) = (occurs_on IS NULL)", name="weekly_or_dated"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    rank: Mapped[int]
    weekdays: Mapped[int] = mapped_column(default=0)
    """Bit 0 = Monday ... bit 6 = Sunday; 0 for a dated need."""
    part: Mapped[WishPart] = mapped_column(enum_type(WishPart))
    occurs_on: Mapped[date | None]


class NeedPreference(Base):
    """A wish for a service, best first; services not named rank behind all named ones."""

    __tablename__ = "need_preference"
    __table_args__ = (
        UniqueConstraint("need_id", "service_id"),
        CheckConstraint("rank >= 1", name="rank_from_one"),
    )

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
