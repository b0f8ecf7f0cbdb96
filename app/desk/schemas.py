"""Payloads of a need's ranked options."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from app.desk.ranking import Option, Ranking, WhyNot
from app.models.enums import Reason, WishPart
from app.options.facts import Refusal


class ReasonOut(BaseModel):
    """One reason with its figures."""

    code: Reason
    data: dict[str, Any]


class OptionOut(BaseModel):
    """A place that the need may have; metres by the planning standard, minutes of this person.

    What is brought to the door has neither: nobody walks.
    """

    service_id: int
    service_zh: str
    site_zh: str
    class_id: int
    class_zh: str
    weekdays: list[int]
    part: WishPart
    pattern_rank: int
    starts_on: date
    ends_on: date | None
    left: int
    slot_ids: list[int]
    metres: int | None
    cost_metres: int | None
    planning_minutes: int | None
    person_minutes: int | None
    is_delivered: bool
    wish_rank: int | None
    full: ReasonOut | None


class WhyNotOut(BaseModel):
    """A site that is not in question, with every reason."""

    service_id: int
    service_zh: str
    site_zh: str
    metres: int | None
    is_nearer: bool
    reasons: list[ReasonOut]


class OptionsOut(BaseModel):
    """Everything a need may have, the best first, and why not the rest."""

    options: list[OptionOut]
    why_not: list[WhyNotOut]
    reasons: list[ReasonOut]
    walking: str
    """`graph`, or `straight_line_x_detour` where there is no walking graph."""


def show_ranking(ranking: Ranking) -> OptionsOut:
    """Return a ranking as the API gives it."""
    return OptionsOut(
        options=[_show_option(one) for one in ranking.options],
        why_not=[_show_why_not(row) for row in ranking.why_not],
        reasons=[_show_reason(refusal) for refusal in ranking.refusals],
        walking="graph" if ranking.is_graph else "straight_line_x_detour",
    )


def _show_reason(refusal: Refusal) -> ReasonOut:
    return ReasonOut(code=refusal.reason, data=dict(refusal.data))


def _show_option(one: Option) -> OptionOut:
    candidate, way = one.candidate, one.candidate.trip.way
    return OptionOut(
        service_id=candidate.service.id,
        service_zh=one.name.service_zh,
        site_zh=one.name.site_zh,
        class_id=candidate.care_class.id,
        class_zh=one.class_zh,
        weekdays=list(candidate.pattern.days),
        part=candidate.pattern.part,
        pattern_rank=candidate.pattern.rank,
        starts_on=one.starts_on,
        ends_on=candidate.ends_on,
        left=one.left,
        slot_ids=list(one.slot_ids),
        metres=None if way is None else way.metres,
        cost_metres=None if way is None else way.cost_metres,
        planning_minutes=None if way is None else way.planning_minutes,
        person_minutes=None if way is None else way.person_minutes,
        is_delivered=candidate.trip.is_delivered,
        wish_rank=one.wish_rank,
        full=None if one.full is None else _show_reason(one.full),
    )


def _show_why_not(row: WhyNot) -> WhyNotOut:
    return WhyNotOut(
        service_id=row.service_id,
        service_zh=row.name.service_zh,
        site_zh=row.name.site_zh,
        metres=row.metres,
        is_nearer=row.is_nearer,
        reasons=[_show_reason(refusal) for refusal in row.refusals],
    )
