"""A whole night on a small town, with the real solver: who gets what, why not, and what stays as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import today
from app.ledger.commands import occupy, recount
from app.models import (
    InheritedFault,
    Need,
    Notice,
    Offer,
    Placement,
    Plan,
    PlanRun,
    Proposal,
    StandbyOrder,
    WaitlistEntry,
)
from app.models.enums import (
    CapacityKind,
    EvidenceKind,
    GroupKind,
    PlacementState,
    PlanState,
    ProposalOutcome,
    Reason,
    RunState,
)
from tests.app.planning.town import TOMORROW, add_elder, add_need, list_live, make_town, night
from tests.factories.needs import make_group, make_preferences
from tests.factories.people import make_consent, make_evidence
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database


def _proposals(database: Database) -> dict[int, Proposal]:
    with database.reading() as session:
        plan_id = session.scalar(select(Plan.id).where(Plan.state == PlanState.published))
        return {
            row.need_id: row for row in session.scalars(select(Proposal).where(Proposal.plan_id == plan_id))
        }


def test_night_gives_the_places_by_class_and_waiting_and_says_why_not(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=2)
        poor = add_elder(session, town, grade=5)
        make_evidence(session, poor, EvidenceKind.low_income)
        first = add_need(session, town, poor, entered_on=today()).id
        long_wait = add_need(session, town, entered_on=today() - timedelta(days=400)).id
        late = add_need(session, town, entered_on=today() - timedelta(days=10)).id
        no_consent = add_need(session, town, add_elder(session, town, with_consent=False)).id
        class_id = town.care_class.id
    result = night(database, tmp_path)
    assert (result.exit_code, result.code) == (0, "published")
    assert [(need, state) for need, state, _, _ in list_live(database)] == [
        (first, "proposed"),
        (long_wait, "proposed"),
    ]
    found = _proposals(database)
    assert (found[late].outcome, found[late].reason) == (ProposalOutcome.unplaced, Reason.full)
    row = found[late].data["options"][0]
    assert (row["reason"], row["short_by"], row["lowest_class_in"]) == ("full", 1, 1)
    assert found[no_consent].reason is Reason.consent_missing
    assert set(result.report["gates"].values()) == {0}
    assert result.report["gap"] == 0.0
    with database.reading() as session:
        assert recount(session) == []
        assert session.scalars(
            select(StandbyOrder.need_id).where(StandbyOrder.class_id == class_id)
        ).all() == [late]
        assert session.scalars(select(WaitlistEntry.need_id)).all() == [late]
        assert session.get_one(Need, first).draw_number is not None
        run = session.scalars(select(PlanRun)).one()
        assert (run.state, run.report["placed"]) == (RunState.published, 2)


def test_second_night_moves_nobody_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=3)
        for number in range(6):
            add_need(session, town, days=(0, 2, 4) if number % 2 else (1, 3))
    night(database, tmp_path)
    before = list_live(database)
    assert before
    again = night(database, tmp_path)
    assert (again.report["placed"], again.report["moved"], again.report["kept"]) == (0, 0, len(before))
    assert list_live(database) == before
    next_day = night(database, tmp_path, TOMORROW + timedelta(days=1))
    assert next_day.report["moved"] == 0
    assert list_live(database) == before
    with database.reading() as session:
        states = [plan.state for plan in session.scalars(select(Plan).order_by(Plan.id))]
        assert states == [PlanState.superseded, PlanState.superseded, PlanState.published]
        assert recount(session) == []


def test_service_that_sends_offers_tells_each_person_once(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, sends_offers=True)
        add_need(session, town)
    assert night(database, tmp_path).report["offered"] == 1
    night(database, tmp_path)
    with database.reading() as session:
        (offer,) = session.scalars(select(Offer))
        assert offer.expires_at > offer.sent_at
        assert len(session.scalars(select(Notice)).all()) == 1
        assert session.scalars(select(Placement.state)).all() == [PlacementState.offered]


@pytest.mark.parametrize("ahead", [0, 2, 4])
def test_a_day_that_stays_full_is_no_later_start_after_its_last_date(
    database: Database, tmp_path: Path, ahead: int
) -> None:
    """The window may end between a full Monday and the free Wednesday of the same week."""
    with database.writing() as session:
        town = make_town(session, places=1)
        first = make_placement(
            session,
            add_need(session, town, days=(0,)),
            town.care_class,
            town.week[:2],
            starts_on=today() - timedelta(days=30),
        )
        occupy(session, [first.id])
        waiting = add_need(session, town, add_elder(session, town), days=(0, 2)).id
    assert night(database, tmp_path, on=TOMORROW + timedelta(days=ahead)).exit_code == 0
    assert _proposals(database)[waiting].reason is Reason.full


def test_promised_place_stays_whatever_was_wrong_with_it(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=1)
        ids = []
        for _ in range(2):  # an over-full class, as a first import brings it
            person = add_elder(session, town)
            need = add_need(session, town, person)
            placement = make_placement(
                session, need, town.care_class, town.week[:2], starts_on=today() - timedelta(days=30)
            )
            ids.append(placement.id)
        occupy(session, ids, may_overfill=True)
        rival = add_elder(session, town, grade=6)
        make_evidence(session, rival, EvidenceKind.low_income)
        waiting = add_need(session, town, rival).id
    result = night(database, tmp_path)
    assert result.exit_code == 0
    assert set(result.report["gates"].values()) == {0}
    assert result.report["inherited_by_gate"] == {"over_capacity": 2}
    assert [row[1] for row in list_live(database)] == ["active", "active"]
    assert _proposals(database)[waiting].reason is Reason.full
    with database.reading() as session:
        faults = session.scalars(select(InheritedFault)).all()
        assert all(fault.owner.startswith("site:") for fault in faults)


@pytest.mark.parametrize(("places", "placed"), [(1, 0), (2, 2)])
def test_twins_are_placed_together_or_not_at_all(
    database: Database, tmp_path: Path, places: int, placed: int
) -> None:
    with database.writing() as session:
        town = make_town(session, places=places)
        make_group(session, GroupKind.twins, [add_need(session, town) for _ in range(2)])
    result = night(database, tmp_path)
    assert len(list_live(database)) == placed
    assert result.report["gates"]["split"] == 0
    if not placed:
        assert {row.reason for row in _proposals(database).values()} == {Reason.group}


@pytest.mark.parametrize(
    ("kind", "second_sends", "states"),
    [
        (GroupKind.couple, True, ["offered", "offered"]),
        (GroupKind.couple, False, ["proposed", "proposed"]),
        (GroupKind.siblings, False, ["offered", "proposed"]),
    ],
)
def test_couples_are_told_together_or_by_hand(
    database: Database, tmp_path: Path, kind: GroupKind, second_sends: bool, states: list[str]
) -> None:
    with database.writing() as session:
        town = make_town(session, places=1, sends_offers=True)
        second = make_service(session, held_back_places=0, sends_offers=second_sends, notice_days=3)
        make_week(session, make_class(session, second), capacities={CapacityKind.places: 1})
        both = [add_need(session, town) for _ in range(2)]
        make_group(session, kind, both).same_site = False
        for need, service in zip(both, (town.service, second), strict=True):
            make_preferences(session, need, [service])
    night(database, tmp_path)
    assert [row[1] for row in list_live(database)] == states


def test_of_a_couple_who_is_pinned_is_told_with_who_is_new(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=2, sends_offers=True)
        both = [add_need(session, town) for _ in range(2)]
        make_group(session, GroupKind.couple, both)
        kept = make_placement(
            session, both[0], town.care_class, town.week, state=PlacementState.proposed, starts_on=TOMORROW
        )
        kept.is_pinned, kept.pin_reason = True, "dialysis next door"
        occupy(session, [kept.id])
    night(database, tmp_path)
    assert [row[1] for row in list_live(database)] == ["offered", "offered"]


def test_order_of_entry_into_the_record_does_not_matter(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=2)
        codes = [f"N-{number}" for number in (5, 1, 4, 2, 3)]
        for code in codes:
            add_need(session, town, code=code)
    night(database, tmp_path)
    with database.reading() as session:
        won = set(session.scalars(select(Need.code).join(Placement, Placement.need_id == Need.id)))
        drawn = sorted(session.execute(select(Need.draw_number, Need.code)).all())
    assert won == {code for _, code in drawn[:2]}


def test_withdrawn_consent_takes_a_proposal_back_but_no_promise(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=5)
        keeps, loses = (
            add_elder(session, town, with_consent=False),
            add_elder(session, town, with_consent=False),
        )
        consents = [make_consent(session, person) for person in (keeps, loses)]
        kept, lost = add_need(session, town, keeps).id, add_need(session, town, loses).id
        ids = [consent.id for consent in consents]
    night(database, tmp_path)
    with database.writing() as session:
        placement = session.scalars(select(Placement).where(Placement.need_id == kept)).one()
        placement.state = PlacementState.offered
        for consent in (session.get_one(type(consents[0]), id_) for id_ in ids):
            consent.withdrawn_on = today()
    result = night(database, tmp_path)
    assert [(need, state) for need, state, _, _ in list_live(database)] == [(kept, "offered")]
    assert result.report["moved"] == 1
    assert result.report["gates"]["revoked"] == 0
    assert result.report["inherited_by_gate"] == {"ineligible": 1}
    assert _proposals(database)[lost].reason is Reason.consent_missing
    with database.reading() as session:
        assert recount(session) == []


def test_once_does_nothing_where_the_day_is_published(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        add_need(session, make_town(session))
    night(database, tmp_path)
    result = night(database, tmp_path, once=True)
    assert (result.exit_code, result.code) == (0, "already_published")
    with database.reading() as session:
        assert len(session.scalars(select(PlanRun)).all()) == 1
