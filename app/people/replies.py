"""What goes out about people; present.py fills it in, masked."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.models.enums import (
    Channel,
    ConsentPurpose,
    EvidenceKind,
    Mobility,
    Part,
    Role,
    ServiceKind,
    Sex,
    Stairs,
)
from app.schemas import Reply


class FoundOut(Reply):
    """One hit; where a person lives is told only to those whose area it is."""

    id: int
    code: str
    name: str
    sex: Sex
    born_on: date | None
    age_years: int
    roles: list[Role]
    compound_id: int | None
    compound: str | None
    building: str | None
    floor: int | None


class Made(Reply):
    """A new row by id."""

    id: int


class EvidenceOut(Reply):
    """A proof without its value."""

    id: int
    kind: EvidenceKind
    source: str
    valid_from: date
    valid_to: date | None
    in_force: bool
    value: str | None = Field(
        description="`***` where there is one; unmask it with a reason", examples=["***"]
    )


class ConsentOut(Reply):
    """A consent and who gave it."""

    id: int
    purpose: ConsentPurpose
    given_by_id: int
    given_by: str
    given_on: date
    valid_to: date | None
    withdrawn_on: date | None
    channel: Channel
    in_force: bool


class RelativeOut(Reply):
    """A guardian of the person, or a child the person decides for."""

    id: int
    person_id: int
    name: str
    relation: str
    valid_from: date
    valid_to: date | None


class PickupOut(Reply):
    """Who may pick the child up; the phone is masked."""

    id: int
    adult_name: str
    adult_id: int | None
    relation: str
    phone: str | None
    verified_on: date | None
    valid_from: date
    valid_to: date | None


class HomeOut(Reply):
    """Where the household lives; the address is masked."""

    id: int
    code: str
    compound_id: int
    compound: str
    building_id: int | None
    building: str | None
    floor: int
    address: str | None
    registered_compound_id: int | None
    version: int


class CardOut(Reply):
    """A person's card. `view` is `site` for staff of a site that expects the person: then most fields are null."""

    id: int
    code: str
    view: str
    name: str
    sex: Sex
    born_on: date | None
    age_years: int
    roles: list[Role]
    stairs: Stairs
    mobility: Mobility
    id_number: str | None = Field(examples=["**************0021"])
    phone: str | None = Field(examples=["*******1234"])
    health_note: str | None = Field(examples=["***"])
    household: HomeOut | None
    evidence: list[EvidenceOut]
    is_withheld: bool = Field(
        description="Sites see that something is noted, not what: a consent is missing."
    )
    consents: list[ConsentOut]
    guardians: list[RelativeOut]
    wards: list[RelativeOut]
    pickups: list[PickupOut]
    version: int


class UnmaskOut(Reply):
    """The plain values, by field."""

    values: dict[str, Any] = Field(examples=[{"phone": "13800001234"}])


class MemberOut(Reply):
    """One member of a household."""

    id: int
    name: str
    born_on: date
    age_years: int
    roles: list[Role]


class HouseholdOut(Reply):
    """A household and who lives in it."""

    home: HomeOut
    members: list[MemberOut]


class CellOut(Reply):
    """One slot of one person in the week."""

    person_id: int
    occurs_on: date
    part: Part
    kind: ServiceKind
    service: str
    site: str
    slot_id: int
    source: str = Field(examples=["placement"])
    source_id: int
    state: str = Field(examples=["active"])


class WeekOut(Reply):
    """A household's week, from Monday."""

    monday: date
    cells: list[CellOut]
