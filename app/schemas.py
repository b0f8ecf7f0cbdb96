"""The two bases of every payload, strict requests and plain replies, and the id that a path names."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.bounds import LAST_ID, check_day, check_instant

T = TypeVar("T")


NUL: Final = "nul"
"""The type of the fault that a text holds a NUL character."""


class Strict(BaseModel):
    """A request body: no unknown fields, no conversion (`false` is not a number), blanks trimmed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_nul(cls, value: Any) -> Any:
        # `app.db` refuses it whatever way it comes; here the answer can name the field.
        if isinstance(value, str) and "\0" in value:
            raise PydanticCustomError(NUL, "NUL character")
        return value

    def values(self) -> dict[str, Any]:
        """Return every field with its value, as it is."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Edit(Strict):
    """A change: what is not named stays as it is; null only where the record may hold nothing.

    `changes()` gives what was named.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _check_named(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("没有要修改的内容。 | Nothing to change was named.")
        if any(getattr(self, name) is None for name in self.model_fields_set - self.nullable):
            raise ValueError("有的项目不能为空。 | A field that cannot be empty is null.")
        return self

    def changes(self) -> dict[str, Any]:
        """Return the named fields with their new values."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }


class Reply(BaseModel):
    """A reply, read off rows or built by name."""

    model_config = ConfigDict(from_attributes=True)


PathId = Annotated[int, Path(ge=1, le=LAST_ID)]
"""A row's id in a path."""

RowId = Annotated[int, Field(ge=1, le=LAST_ID, examples=[1])]
"""A row's id in a body: what the database can hold, so that a larger one is malformed and not a fault."""


Loose = Annotated[T, Field(strict=False)]
"""An enum or a date, which JSON can only carry as text."""


def _only_text(value: object) -> object:
    # Left to itself, pydantic takes a whole number of seconds for a date.
    if not isinstance(value, (str, date)):
        raise ValueError("日期应写作 YYYY-MM-DD。 | A date is written YYYY-MM-DD.")  # noqa: TRY004 - pydantic's word
    return value


Day = Annotated[
    date, BeforeValidator(_only_text), AfterValidator(check_day), Field(strict=False, examples=["2026-12-01"])
]
"""A date as `YYYY-MM-DD` within the bounds of the record (app/bounds.py); tests/house holds that no other is taken."""

Instant = Annotated[AwareDatetime, AfterValidator(check_instant), Field(strict=False)]
"""A moment with its time zone, within the same bounds."""
