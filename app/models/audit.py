"""What was done and read, by whom; replies kept for repeated requests; notices that wait to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import NoticeState
from app.sealed import HasSealedFields, Sealed, make_row_key


class AuditRow(HasSealedFields, Base):
    """One change; each row's keyed hash covers the one before, so that nothing can be taken out unseen."""

    __tablename__ = "audit_row"

    sequence: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Codes and figures only; never a name, a number or a note. Of a reason in words: its keyed digest."""
    hash: Mapped[str] = mapped_column(String(64))
    reason_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    row_key: Mapped[str] = mapped_column(String(16), default=make_row_key, server_default="")

    reason = Sealed("reason_box")
    """Why, in the words of whoever did it. The chain covers the digest: the words can be erased, and not altered."""


class AuditHead(Base):
    """The chain's last sequence and hash, in one row: whoever writes the next row locks it, so none is left out."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="there_is_one"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")
    key_id: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """Which key the next row is hashed with; empty before the first change of keys."""


class ReadLogRow(Base):
    """One look at sensitive fields: who, whose, which, why."""

    __tablename__ = "read_log_row"
    __table_args__ = (Index("ix_read_log_row_person_at", "person_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    fields: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(200), default="")


class IdempotencyKey(Base):
    """The reply once given under a key; the same request again gets the same reply."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_idempotency_key_at", "at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Notice(Base):
    """The outbox: a message to deliver at least once; its key makes a second one impossible."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    template: Mapped[str] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[NoticeState] = mapped_column(enum_type(NoticeState), default=NoticeState.waiting)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When to try next; whoever claims a notice moves it past the claim's end, so that nobody else takes it."""
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"), index=True)
    """The member of staff it is for; a notice is for a person or for staff."""
    channel: Mapped[str] = mapped_column(String(20), default="")
    """What carried it."""
    fault: Mapped[str] = mapped_column(String(60), default="")
    """The kind of fault of the last try; never its message, which may repeat what was to be sent."""
