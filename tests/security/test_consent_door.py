"""S13: there is no way to work on a child under 14 for whom no guardian in office consents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.clock import now, today
from app.consents.errors import GuardianConsentMissing
from app.consents.queries import list_barred
from app.consents.rules import find_youngest_of_age
from app.ledger.commands import occupy
from app.models import (
    Consent,
    Person,
    Placement,
    Proposal,
)
from app.models.enums import (
    Channel,
    ConsentPurpose,
    EvidenceKind,
    PlacementState,
    ProposalOutcome,
    Reason,
)
from app.options.people import load_people
from app.options.rules import check_consent, count_years
from app.placements.offers import accept
from app.policies.queries import load_policies
from app.waitlist.commands import join
from tests.app.planning.town import add_need, make_town, night
from tests.factories.people import (
    make_child,
    make_consent,
    make_evidence,
    make_guardianship,
    make_household,
    make_person,
    make_pickup,
)
from tests.factories.placements import make_placement

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database, WriteSession

ON = date(2026, 11, 23)
DAY = timedelta(days=1)


def _give(session: WriteSession, child: Person, guardian: Person, **columns: Any) -> None:
    row = make_consent(
        session, child, given_by=guardian, purpose=columns.pop("purpose", ConsentPurpose.matching)
    )
    for name, value in columns.items():
        setattr(row, name, value)
    session.flush()


CASES: dict[str, tuple[bool, Any, Any]] = {
    # who: (may be worked on, consent, guardianship)
    "live": (True, {}, {}),
    "none": (False, None, {}),
    "withdrawn today": (False, {"withdrawn_on": ON}, {}),
    "withdrawn tomorrow": (True, {"withdrawn_on": ON + DAY}, {}),
    "run out": (False, {"valid_to": ON - DAY}, {}),
    "last day": (True, {"valid_to": ON}, {}),
    "not yet": (False, {"given_on": ON + DAY}, {}),
    "other purpose": (False, {"purpose": ConsentPurpose.photos}, {}),
    "guardian no more": (False, {}, {"valid_to": ON - DAY}),
    "guardian not yet": (False, {}, {"valid_from": ON + DAY}),
    "no guardian": (False, {}, None),
}


@pytest.mark.parametrize("born_on", [ON.replace(year=ON.year - 14) + DAY, date(2024, 1, 1)])
@pytest.mark.parametrize("case", CASES)
def test_database_and_rules_agree_on_who_is_barred(session: WriteSession, case: str, born_on: date) -> None:
    allowed, consent, guardianship = CASES[case]
    home = make_household(session)
    guardian, child = make_person(session, home), make_person(session, home, born_on=born_on)
    if guardianship is not None:
        row = make_guardianship(session, child, guardian)
        for name, value in guardianship.items():
            setattr(row, name, value)
    if consent is not None:
        _give(session, child, guardian, **consent)
    session.flush()
    assert (list_barred(session, [child.id], ON) == set()) is allowed
    facts = load_people(session, select(Person.id).where(Person.id == child.id), ON)[child.id]
    refused = [refusal.reason for refusal in check_consent(facts, ON, load_policies(session, ON))]
    assert refused == ([] if allowed else [Reason.guardian_consent_missing])


def test_fourteen_on_the_day_decides_alone(session: WriteSession) -> None:
    child = make_person(session, born_on=ON.replace(year=ON.year - 14))
    assert list_barred(session, [child.id], ON) == set()


@pytest.mark.parametrize(
    "on", [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2027, 2, 28), date(2027, 3, 1)]
)
def test_age_turns_where_the_rules_say(on: date) -> None:
    around = [date(on.year - 14, 2, 27) + timedelta(days=n) for n in range(5)]
    assert [born > find_youngest_of_age(14, on) for born in around] == [
        count_years(born, on) < 14 for born in around
    ]


def test_of_a_barred_child_no_proof_is_opened_and_nobody_named(session: WriteSession) -> None:
    home = make_household(session)
    guardian = make_person(session, home)
    child = make_child(session, home, guardian=guardian)
    make_evidence(session, child, EvidenceKind.care_grade, "3").value_box = b"\x02opening this would fail"
    make_pickup(session, child, guardian)
    for row in session.scalars(select(Consent).where(Consent.person_id == child.id)):
        row.withdrawn_on = ON
    session.flush()
    facts = load_people(session, select(Person.id).where(Person.id == child.id), ON)[child.id]
    assert (facts.proofs, facts.pickup_ids, facts.other_homes) == ((), (), {})


def _withdraw(session: WriteSession, child_id: int) -> None:
    for row in session.scalars(select(Consent).where(Consent.person_id == child_id)):
        row.withdrawn_on = today()


def test_withdrawn_consent_closes_every_way(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=5)
        child = make_child(session, make_household(session, town.compound))
        weekly = add_need(session, town, child)
        offered = make_placement(
            session, weekly, town.care_class, town.week[:1], state=PlacementState.offered
        )
        other = add_need(session, town, make_child(session, make_household(session, town.compound)))
        blocked = make_placement(
            session, other, town.care_class, town.week[:1], state=PlacementState.proposed
        )
        _withdraw(session, child.id)
        _withdraw(session, other.person_id)
        ids = (offered.id, blocked.id, weekly.id, town.service.id)
    offered_id, blocked_id, need_id, service_id = ids
    ways: dict[str, Any] = {
        "occupy": lambda s: occupy(s, [blocked_id]),
        "accept": lambda s: accept(
            s, system_actor(), offered_id, now(), by="guardian", channel=Channel.phone
        ),
        "waitlist": lambda s: join(s, system_actor(), need_id, service_id, now()),
    }
    for way in ways.values():
        with pytest.raises(GuardianConsentMissing):
            database.write(way)


def test_night_leaves_a_barred_child_out_and_drops_who_was_barred_meanwhile(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.planning import night as nights

    with database.writing() as session:
        town = make_town(session, places=5)
        before, during, stays = (
            add_need(session, town, make_child(session, make_household(session, town.compound)))
            for _ in range(3)
        )
        _withdraw(session, before.person_id)
        ids = (before.id, during.id, stays.id)
        during_child = during.person_id
    publish = nights.publish_plan

    def publish_late(session: WriteSession, *rest: Any) -> Any:
        _withdraw(session, during_child)
        session.flush()
        return publish(session, *rest)

    monkeypatch.setattr(nights, "publish_plan", publish_late)
    assert night(database, tmp_path).exit_code == 0
    with database.reading() as session:
        found = {row.need_id: (row.outcome, row.reason) for row in session.scalars(select(Proposal))}
        live = set(
            session.scalars(select(Placement.need_id).where(Placement.state == PlacementState.proposed))
        )
    missing = Reason.guardian_consent_missing
    assert found[ids[0]] == (ProposalOutcome.unplaced, missing)
    assert found[ids[1]] == (ProposalOutcome.displaced, missing)
    assert live == {ids[2]}
