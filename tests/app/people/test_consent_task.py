"""A withdrawn consent to matching is a task at the desk: once, in figures, closed when consent comes back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.actor import system_actor
from app.attendance.alarms import finish_task
from app.calendars.reference import load_reference
from app.clock import now, today
from app.consents.lapsed import ask_about_lapsed, find_lapsed
from app.consents.tasks import LIVE, ask_what_becomes
from app.desk.morning import load_morning
from app.ledger.queries import OCCUPYING
from app.models import Consent, Guardianship, Task
from app.models.enums import ConsentPurpose, PlacementState, TaskKind
from app.people.proofs import add_consent, withdraw_consent
from tests.app.planning.town import add_need, make_town
from tests.factories.areas import make_compound
from tests.factories.people import make_child, make_consent, make_household, make_person
from tests.factories.placements import make_placement

if TYPE_CHECKING:
    from app.db import WriteSession
    from app.models import Person, Placement


def give_again(session: WriteSession, person: Person, giver: Person) -> None:
    values = {
        "purpose": ConsentPurpose.matching,
        "given_by_id": giver.id,
        "given_on": today(),
        "valid_to": None,
    }
    add_consent(session, system_actor(), person.id, values)


def list_tasks(session: WriteSession) -> list[Task]:
    return list(session.scalars(select(Task).order_by(Task.id).execution_options(populate_existing=True)))


def withdraw_all(session: WriteSession, person: Person) -> list[Consent]:
    rows = [
        row
        for row in session.scalars(select(Consent).where(Consent.person_id == person.id))
        if row.purpose is ConsentPurpose.matching and row.withdrawn_on is None
    ]
    for row in rows:
        withdraw_consent(session, system_actor(), person.id, row.id)
    return rows


def give_a_child_a_place(session: WriteSession) -> tuple[Person, Person, Placement]:
    """Return a child, the guardian who consents, and the child's confirmed place."""
    load_reference(session)
    town = make_town(session, places=5)
    home = make_household(session, town.compound)
    guardian = make_person(session, home)
    child = make_child(session, home, guardian=guardian)
    need = add_need(session, town, child)
    placed = make_placement(session, need, town.care_class, town.week[:1], state=PlacementState.confirmed)
    return child, guardian, placed


def test_a_childs_places_stand_and_the_adviser_is_asked_once(session: WriteSession) -> None:
    child, guardian, placed = give_a_child_a_place(session)
    (row,) = withdraw_all(session, child)
    withdraw_consent(session, system_actor(), child.id, row.id)
    ask_what_becomes(session, row, now())
    (task,) = list_tasks(session)
    assert (task.kind, task.data) == (TaskKind.consent_gone, {"placements": 1, "bookings": 0})
    assert task.due_on > today()
    assert placed.state is PlacementState.confirmed
    (shown,) = load_morning(session, system_actor(), today()).tasks
    assert (shown.person_id, shown.data) == (child.id, task.data)
    give_again(session, child, guardian)
    assert load_morning(session, system_actor(), today()).tasks == []
    withdraw_all(session, child)
    assert [each.done_at is None for each in list_tasks(session)] == [False, True]


@pytest.mark.parametrize(
    ("purpose", "other", "tasks"),
    [
        (ConsentPurpose.matching, None, 1),
        (ConsentPurpose.matching, ConsentPurpose.matching, 0),
        (ConsentPurpose.photos, None, 0),
    ],
)
def test_only_the_last_consent_to_matching_asks(
    session: WriteSession, purpose: ConsentPurpose, other: ConsentPurpose | None, tasks: int
) -> None:
    load_reference(session)
    elder = make_person(session, make_household(session, make_compound(session)))
    for row in session.scalars(select(Consent).where(Consent.person_id == elder.id)):
        session.delete(row)
    row = make_consent(session, elder, given_by=elder, purpose=purpose)
    if other is not None:
        make_consent(session, elder, given_by=elder, purpose=other)
    session.flush()
    withdraw_consent(session, system_actor(), elder.id, row.id)
    assert len(list_tasks(session)) == tasks


@pytest.mark.parametrize("what", ["consent", "guardianship"])
def test_what_runs_out_by_date_is_asked_about_once(session: WriteSession, what: str) -> None:
    child, _, _ = give_a_child_a_place(session)
    assert ask_about_lapsed(session, now()) == 0
    table = Consent if what == "consent" else Guardianship
    owner = Consent.person_id if what == "consent" else Guardianship.child_id
    yesterday = today() - timedelta(days=1)
    session.execute(update(table).where(owner == child.id).values(valid_to=yesterday))
    assert find_lapsed(session, today()) == [child.id]
    assert ask_about_lapsed(session, now()) == 1
    (task,) = list_tasks(session)
    assert (task.person_id, task.data) == (child.id, {"placements": 1, "bookings": 0})
    assert ask_about_lapsed(session, now()) == 0
    finish_task(
        session, system_actor(), task.id, now()
    )  # "looked into": the place stands, and nobody asks again
    assert ask_about_lapsed(session, now()) == 0


def test_who_has_nothing_is_not_asked_about(session: WriteSession) -> None:
    load_reference(session)
    elder = make_person(session, make_household(session, make_compound(session)))
    session.execute(update(Consent).where(Consent.person_id == elder.id).values(valid_to=date(2020, 1, 1)))
    assert find_lapsed(session, today()) == []


def test_what_stands_is_what_the_ledger_sets_aside() -> None:
    assert set(LIVE) == set(OCCUPYING)
