"""What goes in about people; what goes out is in replies.py."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from app.models.enums import (
    Channel,
    ConsentPurpose,
    EvidenceKind,
    Mobility,
    Role,
    Sex,
    Stairs,
)
from app.people import rules
from app.people.identity import BadIdNumber, clean_phone, parse_id_number
from app.schemas import Day, Edit, Loose, RowId, Strict
from app.texts import ONE_LINE, WhyOpened

_FAULTS = {
    "id_number_length": "身份证号应为 15 或 18 位。 | An ID number has 15 or 18 characters.",
    "id_number_characters": "身份证号含有不允许的字符。 | The ID number holds characters it cannot.",
    "id_number_birth_date": "身份证号中的出生日期不存在。 | The birth date in the ID number does not exist.",
    "id_number_checksum": "身份证号校验位不符。 | The ID number's check character is wrong.",
}


def _check_id_number(text: str) -> str:
    try:
        return parse_id_number(text).number
    except BadIdNumber as fault:
        raise ValueError(_FAULTS[fault.fault]) from None


def _check_phone(text: str) -> str:
    digits = clean_phone(text)
    if not (digits.isascii() and digits.removeprefix("+").isdigit() and 5 <= len(digits) <= 20):
        raise ValueError("电话号码应为 5 至 20 位数字。 | A phone number has 5 to 20 digits.")
    return digits


IdNumber = Annotated[
    str, Field(max_length=40, examples=["990101195005010021"]), AfterValidator(_check_id_number)
]
Phone = Annotated[str, Field(max_length=40, examples=["13800001234"]), AfterValidator(_check_phone)]
Name = Annotated[str, Field(min_length=1, max_length=80, examples=["王桂英"]), ONE_LINE]
Relation = Annotated[str, Field(min_length=1, max_length=20, examples=["外祖母"]), ONE_LINE]
BornOn = Annotated[Day, Field(examples=["1950-05-01"])]
Floor = Annotated[int, Field(ge=1, le=120)]
Note = Annotated[str, Field(max_length=2000)]
Address = Annotated[str, Field(max_length=200, examples=["瞿溪路 100 弄 3 号 201 室"]), ONE_LINE]


class SearchIn(Strict):
    """Words that all have to fit: name, pinyin, initials, last four digits, compound, building.

    The text travels in the body, never in an address, which would be kept in logs and histories.
    """

    text: str = Field(default="", max_length=80, examples=["wgy 1234"])
    compound_id: RowId | None = None
    building_id: RowId | None = None
    role: Loose[Role] | None = None
    limit: int = Field(default=20, ge=1, le=50)


class HouseholdIn(Strict):
    """A new household: where it lives."""

    compound_id: RowId
    building_id: RowId | None = None
    floor: Floor = 1
    address: Address | None = None
    registered_compound_id: RowId | None = None


class HouseholdEdit(Edit):
    """What changes about where a household lives."""

    nullable = frozenset({"building_id", "address", "registered_compound_id"})

    compound_id: RowId | None = None
    building_id: RowId | None = None
    floor: Floor | None = None
    address: Address | None = None
    registered_compound_id: RowId | None = None


class PersonIn(Strict):
    """A new person in a household."""

    household_id: RowId
    name: Name
    sex: Loose[Sex]
    born_on: BornOn
    id_number: IdNumber | None = None
    phone: Phone | None = None
    health_note: Note | None = None
    stairs: Loose[Stairs] = Stairs.alone
    mobility: Loose[Mobility] = Mobility.walks
    roles: list[Loose[Role]] = Field(default=[], max_length=2)


class PersonEdit(Edit):
    """What changes about a person."""

    nullable = frozenset({"id_number", "phone", "health_note"})

    name: Name | None = None
    sex: Loose[Sex] | None = None
    born_on: BornOn | None = None
    id_number: IdNumber | None = None
    phone: Phone | None = None
    health_note: Note | None = None
    stairs: Loose[Stairs] | None = None
    mobility: Loose[Mobility] | None = None
    roles: list[Loose[Role]] | None = Field(default=None, max_length=2)


class MoveIn(Strict):
    """The household to live with from now on."""

    household_id: RowId


class UnmaskIn(Strict):
    """Which sensitive fields, and why: the reason is kept in the read log."""

    fields: list[Loose[rules.Field]] = Field(min_length=1, max_length=6, examples=[["phone"]])
    reason: WhyOpened


class EvidenceIn(Strict):
    """A dated proof; `value` is a grade or a finding, and is sealed."""

    kind: Loose[EvidenceKind]
    value: str | None = Field(default=None, max_length=200, examples=["3"])
    source: str = Field(default="", max_length=120, examples=["老年照护统一需求评估"])
    valid_from: Day
    valid_to: Day | None = None

    @model_validator(mode="after")
    def _grade_is_a_grade(self) -> Self:
        if self.kind is EvidenceKind.care_grade and self.value not in {"0", "1", "2", "3", "4", "5", "6"}:
            raise ValueError("照护等级应为 0 至 6。 | A care grade is 0 to 6.")
        return self


class LastDayIn(Strict):
    """The last day on which it counts."""

    last_on: Day


class ConsentIn(Strict):
    """A consent for one purpose; for a child under 14 given by a guardian."""

    purpose: Loose[ConsentPurpose]
    given_by_id: RowId
    given_on: Day
    valid_to: Day | None = None
    channel: Loose[Channel] = Channel.desk


class GuardianIn(Strict):
    """A registered person who decides for the child."""

    guardian_id: RowId
    relation: Relation
    valid_from: Day


class PickupIn(Strict):
    """An adult to whom the child may be handed over."""

    adult_name: Name
    adult_id: RowId | None = None
    relation: Relation
    phone: Phone | None = None
    verified_on: Day | None = None
    valid_from: Day
    valid_to: Day | None = None
