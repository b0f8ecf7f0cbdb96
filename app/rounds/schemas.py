"""Payloads of rounds; no secret leaves before its list is published."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.models import Round
from app.models.enums import Mode, RoundState, ServiceKind
from app.rounds.rules import Act, list_acts
from app.schemas import Day, Loose, Reply, Strict
from app.texts import ONE_LINE

Code = Annotated[str, Field(min_length=1, max_length=48, pattern=r"^[A-Za-z0-9_.-]+$", examples=["T-2027-1"])]
Name = Annotated[str, Field(min_length=1, max_length=80, examples=["2027年寒托班报名"]), ONE_LINE]
Why = Annotated[str, Field(min_length=1, max_length=200)]


class RoundIn(Strict):
    """A new round."""

    code: Code
    name: Name
    kind: Loose[ServiceKind]
    mode: Loose[Mode] = Mode.stable
    opens_on: Day
    closes_on: Day
    publishes_on: Day
    starts_on: Day
    policy_version: Annotated[str, Field(min_length=1, max_length=40, examples=["2026-1"])]


class NumberIn(Strict):
    """A public number that nobody here can choose, with its source and the day it arose."""

    public_number: Annotated[str, Field(min_length=1, max_length=80, examples=["0317254"])]
    source: Annotated[str, Field(min_length=1, max_length=200, examples=["福利彩票3D第2026301期"])]
    arose_on: Day


class CancelIn(Strict):
    """Why a round is cancelled."""

    reason: Why


class RoundOut(Reply):
    """A round: dates, state, what was announced, the public number once it is entered."""

    id: int
    code: str
    name: str
    kind: ServiceKind
    mode: Mode
    state: RoundState
    opens_on: date
    closes_on: date
    publishes_on: date
    starts_on: date
    policy_version: str
    needs: int
    secret_sha256: str | None = Field(description="Null before the commitment is announced")
    policy_sha256: str | None
    public_number: str | None
    public_number_source: str | None
    public_number_on: date | None
    acts: list[Act]
    version: int


class PreviewRow(Reply):
    """One need of the trial draw."""

    position: int
    need: str
    band: str
    draw: int


class PreviewOut(Reply):
    """What the draw would look like now; a trial, until the number is drawn."""

    is_trial: bool
    bands: dict[str, int]
    rows: list[PreviewRow]


def show_round(row: Round, needs: int) -> RoundOut:
    """Return a round as everybody may see it."""
    is_public = row.state is not RoundState.planned
    return RoundOut(
        id=row.id,
        code=row.code,
        name=row.name_zh,
        kind=row.kind,
        mode=row.mode,
        state=row.state,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        publishes_on=row.publishes_on,
        starts_on=row.starts_on,
        policy_version=row.policy_version,
        needs=needs,
        secret_sha256=row.secret_hash if is_public else None,
        policy_sha256=row.policy_hash if is_public else None,
        public_number=row.public_number,
        public_number_source=row.public_number_source,
        public_number_on=row.public_number_on,
        acts=list_acts(row.state),
        version=row.version,
    )


Document = dict[str, Any]
"""A commitment or published list, as the file has it."""
