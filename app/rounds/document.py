"""The form of a published list, read strictly: what is not in it was not published."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$", max_length=200)]
Text = Annotated[str, Field(max_length=400)]
Band = Annotated[str, Field(pattern=r"^([1-9](-[1-9])?)?$")]
Count = Annotated[int, Field(ge=0, lt=2**31)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class CommitmentFile(_Strict):
    """What was announced before the window opened."""

    format: str = Field(pattern=r"^carematch-round-commitment/1$")
    round: Text
    name: Text
    opens_on: Text
    closes_on: Text
    publishes_on: Text
    starts_on: Text
    secret_sha256: Hex
    policy_sha256: Hex
    policy: dict[str, Any]
    list_key: Hex


class RowFile(_Strict):
    """One need of the list."""

    need: Text
    band: Band
    draw: Count
    outcome: str = Field(pattern=r"^(placed|waiting|withdrawn)$")
    care_class: Text | None = Field(alias="class")


class BandFile(_Strict):
    """How many of one band took part, were placed, wait."""

    band: Band
    needs: Count
    placed: Count
    waiting: Count


class CutoffFile(_Strict):
    """How far one class of a site went in one band."""

    care_class: Text = Field(alias="class")
    band: Band
    placed: Count
    last_draw: Count


class WithdrawnFile(_Strict):
    """Since when a list does not hold any more, and why."""

    on: Text
    reason: Text


class ListFile(_Strict):
    """A published list; `withdrawn` only in one that was taken back."""

    format: str = Field(pattern=r"^carematch-round-list/1$")
    commitment: CommitmentFile
    secret: Text
    public_number: Text
    public_number_source: Text
    public_number_on: Text
    entries_sha256: Hex
    effective_on: Text
    bands: list[BandFile]
    rows: list[RowFile]
    cutoffs: list[CutoffFile]
    withdrawn: WithdrawnFile | None = None
    signature: Hex


def parse(text: str) -> Any:
    """Return the JSON of a file; raises `ValueError`, also where a key stands twice in one object."""
    return json.loads(text, object_pairs_hook=_read_object, parse_constant=_refuse_constant)


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number")
