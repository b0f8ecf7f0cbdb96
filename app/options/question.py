"""Loads one need's question with its facts: for the desk, a booking, a placement by hand. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.ledger.queries import OCCUPYING
from app.models.enums import NeedRhythm, ServiceKind
from app.options.build import Candidate, Choice, Ground, build_choice
from app.options.drawn import DRAWING, load_drawn, with_drawn
from app.options.facts import Need, Person, Refusal
from app.options.ground import load_ground
from app.options.load import load_need
from app.options.people import load_person
from app.policies.rules import Policies


@dataclass(frozen=True)
class Question:
    """One need with its person and the ground on which it is decided."""

    need: Need
    person: Person
    ground: Ground

    def build(self, *, starts_on: date | None = None) -> Choice:
        """Return what the need may have and why not the rest."""
        return build_choice(self.need, self.person, self.ground, starts_on=starts_on, looks_at_all=True)


def load_question(session: Session, need_id: int, today: date, *, service_id: int | None = None) -> Question:
    """Return a need's question or raise `NotFound`; about a dozen small statements.

    About one named service every class of it is looked at: who asks for a class gets its own answer, though the night
    would have been offered another, parallel one.
    """
    need = load_need(session, need_id)
    if need is None:
        raise NotFound
    person = load_person(session, need.person_id, today)
    # One dated visit draws on its own week, which booking looks at under its locks.
    if need.kind in DRAWING and (need.kind, need.rhythm) != (ServiceKind.home_visit, NeedRhythm.dated):
        drawn = load_drawn(session, today, OCCUPYING, person_id=person.id, but_need_id=need.id)
        person = with_drawn(person, drawn.get(person.id))
    homes = {person.home, *person.other_homes.values()}
    ground = load_ground(
        session,
        today,
        kinds=[need.kind],
        service_id=service_id,
        compound_ids=sorted({home.compound_id for home in homes}),
        gate_ids=[] if need.gate_site_id is None else [need.gate_site_id],
    )
    if service_id is not None:
        ground = replace(ground, policies=Policies({**ground.policies.values, **_LOOK_AT_ALL}))
    return Question(need, person, ground)


_LOOK_AT_ALL = {"parallel_classes": 10**6, "carers_per_team": 10**6}
"""What keeps a night's problem small has no say in one question."""


def list_reasons(refusals: list[Refusal] | tuple[Refusal, ...]) -> list[dict[str, object]]:
    """Return refusals as data for an error or a reply."""
    return [{"code": refusal.reason, **refusal.data} for refusal in refusals]


def find_candidate(
    choice: Choice, class_id: int, weekdays: int, part: str
) -> tuple[Candidate | None, list[Refusal]]:
    """Return the candidate of a class with this pattern, or every reason why there is none."""
    for one in choice.candidates:
        if (
            one.care_class.id == class_id
            and one.pattern.weekdays == weekdays
            and one.pattern.part.value == part
        ):
            return one, []
    for excluded in choice.excluded:
        if any(care_class.id == class_id for care_class in excluded.service.classes):
            return None, [*choice.refusals, *excluded.refusals]
    return None, list(choice.refusals)
