"""The people: households, persons, dated evidence, consents, guardians, who may pick up a child."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import (
    CandidateState,
    Channel,
    ConsentPurpose,
    EvidenceKind,
    Mobility,
    Role,
    Sex,
    Stairs,
)
from app.sealed import HasSealedFields, Sealed


class Household(HasSealedFields, Base):
    """People who live together. The address lived at counts for distance, the registered one for prices."""

    __tablename__ = "household"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compound.area_id"), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"), index=True)
    floor: Mapped[int] = mapped_column(default=1)
    address_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    registered_compound_id: Mapped[int | None] = mapped_column(ForeignKey("compound.area_id"))
    version: Mapped[int] = mapped_column(default=1)

    address = Sealed("address_box")
    members: Mapped[list[Person]] = relationship(back_populates="household", lazy="raise")


class Person(HasSealedFields, Base):
    """A registered person. ID number, phone and health note are sealed; names and pinyin are plain."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_pinyin", "pinyin"),
        Index("ix_person_pinyin_initials", "pinyin_initials"),
        Index("ix_person_name_born_on", "name", "born_on"),
        # An erased person keeps the row (the chain still verifies) and loses the number.
        Index("uq_person_id_number_blind", "id_number_blind", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    pinyin: Mapped[str] = mapped_column(String(200), default="")
    pinyin_initials: Mapped[str] = mapped_column(String(40), default="")
    sex: Mapped[Sex] = mapped_column(enum_type(Sex))
    born_on: Mapped[date]
    id_number_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_blind: Mapped[str | None] = mapped_column(String(32))
    id_number_last4_blind: Mapped[str | None] = mapped_column(String(32), index=True)
    phone_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_blind: Mapped[str | None] = mapped_column(String(32), index=True)
    phone_last4_blind: Mapped[str | None] = mapped_column(String(32), index=True)
    health_note_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    stairs: Mapped[Stairs] = mapped_column(enum_type(Stairs), default=Stairs.alone)
    mobility: Mapped[Mobility] = mapped_column(enum_type(Mobility), default=Mobility.walks)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    id_number = Sealed("id_number_box", whole="id_number_blind", last4="id_number_last4_blind")
    phone = Sealed("phone_box", whole="phone_blind", last4="phone_last4_blind")
    health_note = Sealed("health_note_box")
    household: Mapped[Household] = relationship(back_populates="members", lazy="raise")
    roles: Mapped[list[PersonRole]] = relationship(lazy="raise")
    evidence: Mapped[list[Evidence]] = relationship(lazy="raise")
    consents: Mapped[list[Consent]] = relationship(lazy="raise", foreign_keys="Consent.person_id")


class PersonRole(Base):
    """Elder or child."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_type(Role), primary_key=True)


class Residence(Base):
    """Another compound a person starts from on one weekday (0 = Monday), as when children take turns."""

    __tablename__ = "residence"
    __table_args__ = (
        UniqueConstraint("person_id", "weekday"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_exists"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    weekday: Mapped[int]
    compound_id: Mapped[int] = mapped_column(ForeignKey("compound.area_id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    floor: Mapped[int] = mapped_column(default=1)


class Evidence(HasSealedFields, Base):
    """A dated proof about a person; its value (a grade, a finding) is sealed, as health data are."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
        Index("ix_evidence_person_kind", "person_id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[EvidenceKind] = mapped_column(enum_type(EvidenceKind))
    value_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(String(120), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last day on which it counts."""

    value = Sealed("value_box")


class Consent(Base):
    """Leave to use data for one purpose; for under-14s a guardian's."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_person_purpose", "person_id", "purpose"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(enum_type(ConsentPurpose))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_on: Mapped[date]
    valid_to: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), default=Channel.desk)


class Guardianship(Base):
    """Who decides for a child."""

    __tablename__ = "guardianship"
    __table_args__ = (
        UniqueConstraint("child_id", "guardian_id"),
        CheckConstraint("child_id <> guardian_id", name="nobody_guards_themselves"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PickupAuthorisation(HasSealedFields, Base):
    """A named, verified adult to whom a child may be handed over."""

    __tablename__ = "pickup_authorisation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    adult_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    adult_name: Mapped[str] = mapped_column(String(80))
    relation: Mapped[str] = mapped_column(String(20))
    phone_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified_on: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    phone = Sealed("phone_box")


class MatchCandidate(HasSealedFields, Base):
    """An imported row that is nearly a registered person; a human decides, nothing merges silently."""

    __tablename__ = "match_candidate"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(120))
    row_code: Mapped[str] = mapped_column(String(48))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    row_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    differs: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Names of the fields that differ; never their values."""
    state: Mapped[CandidateState] = mapped_column(enum_type(CandidateState), default=CandidateState.waiting)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("source", "row_code", "person_id"),)

    row = Sealed("row_box")
