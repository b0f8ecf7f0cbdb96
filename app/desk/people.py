"""What the desk adds to a person's card: grade with its end, priority class, lift, needs and why they wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Building, Household, Plan, Proposal
from app.models import Person as PersonRow
from app.models.enums import EvidenceKind, PlanState
from app.options.people import load_person
from app.options.rules import count_years, find_grade, list_words
from app.policies.queries import load_policies
from app.priority.rules import get_priority_class


@dataclass(frozen=True)
class Standing:
    """What decides what a person may have."""

    grade: int | None
    grade_ends_on: date | None
    expired_on: date | None
    """Where no grade is in force: when the last one ended."""
    priority: int
    words: list[EvidenceKind]
    """Kinds of evidence in force, without the grade."""
    floors: int | None
    has_lift: bool | None
    hours_a_week: int | None
    """Long-term-care hours of the grade; None where it carries none."""


def get_standing(session: Session, person_id: int, today: date) -> Standing:
    """Return a person's standing on a day; opens the sealed grade, so the caller notes the look."""
    facts = load_person(session, person_id, today)
    policies = load_policies(session, today)
    words, grade = list_words(facts, today), find_grade(facts, today)
    grades = [proof for proof in facts.proofs if proof.kind == EvidenceKind.care_grade]
    ends = [proof.valid_to for proof in grades if proof.is_valid(today) and proof.valid_to is not None]
    past = [proof.valid_to for proof in grades if proof.valid_to is not None and proof.valid_to < today]
    building = session.execute(
        select(Building.floors, Building.has_lift)
        .join(Household, Household.building_id == Building.id)
        .join(PersonRow, PersonRow.household_id == Household.id)
        .where(PersonRow.id == person_id)
    ).first()
    hours = policies.get("weekly_care_hours").get(str(grade))
    return Standing(
        grade=grade,
        grade_ends_on=max(ends, default=None),
        expired_on=max(past, default=None) if grade is None else None,
        priority=get_priority_class(facts.role, words, grade, count_years(facts.born_on, today), policies),
        words=[EvidenceKind(word) for word in sorted(words - {EvidenceKind.care_grade})],
        floors=None if building is None else building.floors,
        has_lift=None if building is None else building.has_lift,
        hours_a_week=None if hours is None else int(hours),
    )


def list_last_night(session: Session, need_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return what the plan in force decided for each need: outcome and main reason."""
    rows = session.execute(
        select(Proposal.need_id, Proposal.outcome, Proposal.reason)
        .join(Plan, Plan.id == Proposal.plan_id)
        .where(Plan.state == PlanState.published, Proposal.need_id.in_(need_ids))
    )
    return {row.need_id: {"outcome": row.outcome, "reason": row.reason} for row in rows}
