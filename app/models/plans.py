"""The night: runs with a fenced lease, plans that are whole, their proposals, inherited faults, standby orders."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import PlanState, ProposalOutcome, Reason, RunState, WishPart


class Lease(Base):
    """Who runs the night now; the token only grows, and every write of a run carries it."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120), default="")
    token: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlanRun(Base):
    """One execution of the night, from snapshot to report."""

    __tablename__ = "plan_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    effective_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[RunState] = mapped_column(enum_type(RunState), default=RunState.running)
    holder: Mapped[str] = mapped_column(String(120))
    token: Mapped[int]
    step: Mapped[str] = mapped_column(String(40), default="")
    share_done: Mapped[float] = mapped_column(default=0.0)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(40), default="")
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Plan(Base):
    """The nightly result for one effective day; versions of a day count up, one plan is current."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("effective_on", "version"),
        Index(
            "uq_plan_published",
            "state",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_has_an_instant"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id"), index=True)
    effective_on: Mapped[date]
    version: Mapped[int]
    state: Mapped[PlanState] = mapped_column(enum_type(PlanState), default=PlanState.draft)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    solver_version: Mapped[str] = mapped_column(String(40), default="")
    seed: Mapped[int] = mapped_column(default=0)
    needs_decided: Mapped[int] = mapped_column(default=0)
    placed: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    unplaced: Mapped[int] = mapped_column(default=0)
    gap: Mapped[float | None]
    seconds: Mapped[float] = mapped_column(default=0.0)
    gates: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """revoked, split, over_capacity, ineligible, double_booked: what this plan newly causes."""
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """One entry per solved problem: mode, outcome, levels with value, bound and gap, seconds."""
    prices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Prices by resource: tomorrow's warm start and the worth of a place."""


class Proposal(Base):
    """What a plan decided for one need, with its reasons."""

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("plan_id", "need_id"),
        Index("ix_proposal_plan_outcome", "plan_id", "outcome"),
        Index("ix_proposal_need_id", "need_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    outcome: Mapped[ProposalOutcome] = mapped_column(enum_type(ProposalOutcome))
    reason: Mapped[Reason] = mapped_column(enum_type(Reason))
    """The main reason: `placed`, or why the best option is not this person's."""
    placement_id: Mapped[int | None] = mapped_column(ForeignKey("placement.id"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("care_class.id"))
    weekdays: Mapped[int] = mapped_column(default=0)
    part: Mapped[WishPart | None] = mapped_column(enum_type(WishPart))
    starts_on: Mapped[date | None]
    metres: Mapped[int | None]
    need_version: Mapped[int | None]
    """Of the need as the night read it: publishing leaves out what was decided for another wish."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Reasons by option, skipped dates, what it replaces."""


class InheritedFault(Base):
    """What was wrong before the night; listed first, owned by somebody, never a reason to stop."""

    __tablename__ = "inherited_fault"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    """Codes of what is concerned, as `placement:P17`."""
    owner: Mapped[str] = mapped_column(String(80), default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class StandbyOrder(Base):
    """Who is offered a freed long-term place first: up to five needs per full class, in order."""

    __tablename__ = "standby_order"
    __table_args__ = (UniqueConstraint("plan_id", "class_id", "rank"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("care_class.id"))
    rank: Mapped[int]
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
