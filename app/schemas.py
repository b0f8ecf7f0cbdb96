"""The two bases of every payload: strict requests, plain replies."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Strict(BaseModel):
    """A request body: no unknown fields, no conversion (`false` is not a number), blanks trimmed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class Reply(BaseModel):
    """A reply, read off rows or built by name."""

    model_config = ConfigDict(from_attributes=True)


RowId = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[1])]
"""A row's id in a path or a body: what the database can hold, so that a larger one is malformed and not a fault."""


def _parse_date(value: object) -> object:
    # Strict mode would refuse the ISO text that JSON carries when a model is built from Python values.
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value


Day = Annotated[date, BeforeValidator(_parse_date), Field(examples=["2026-12-01"])]
"""A date as `YYYY-MM-DD`."""
