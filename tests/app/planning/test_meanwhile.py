"""Bookings made while the night solves win; a proposal skips a date or is displaced, and says why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import now, today
from app.ledger.commands import occupy, recount, take
from app.models import Booking, BookingUse, Placement, PlacementException, Plan, Proposal, Slot, SlotCapacity
from app.models.enums import (
    CapacityKind,
    NeedState,
    Part,
    PlacementState,
    PlanState,
    ProposalOutcome,
    Reason,
    ServiceKind,
    WishPart,
)
from app.slots.commands import extend_horizon
from tests.app.planning.town import add_elder, add_need, list_live, make_town, night
from tests.factories.needs import make_dated_need
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database


def _book(database: Database, person_id: int, need_id: int, class_id: int, dates: int) -> list[date]:
    """Take one place of the morning slot on some Mondays from the third on."""
    with database.writing() as session:
        rows = session.execute(
            select(Slot.id, Slot.occurs_on)
            .where(Slot.class_id == class_id, Slot.occurs_on >= today() + timedelta(days=14))
            .order_by(Slot.occurs_on, Slot.starts_at)
        ).all()
        chosen = [row for row in rows if row.occurs_on.weekday() == 0][::2][:dates]
        for row in chosen:
            take(session, row.id, {CapacityKind.places: 1})
            session.add(
                Booking(
                    code=f"B-{row.id}",
                    need_id=need_id,
                    person_id=person_id,
                    slot_id=row.id,
                    booked_at=now(),
                    uses=[BookingUse(kind=CapacityKind.places, amount=1)],
                )
            )
        return [row.occurs_on for row in chosen]


@pytest.mark.parametrize(("dates", "outcome"), [(1, "skipped"), (2, "skipped"), (3, "displaced")])
def test_bookings_during_the_solve_win(database: Database, tmp_path: Path, dates: int, outcome: str) -> None:
    with database.writing() as session:
        town = make_town(session, places=1, notice_days=0)
        wanted = add_need(session, town, days=(0,), part=WishPart.morning).id
        other = add_elder(session, town)
        dated = make_dated_need(session, other, today() + timedelta(days=1))
        class_id, other_id, dated_id = town.care_class.id, other.id, dated.id
    booked: list[date] = []

    def meanwhile(step: str, _share: float) -> None:
        if step == "draft" and not booked:
            booked.extend(_book(database, other_id, dated_id, class_id, dates))

    result = night(database, tmp_path, watch=meanwhile)
    assert len(booked) == dates
    assert result.exit_code == 0
    with database.reading() as session:
        assert recount(session) == []
        assert (
            session.scalars(
                select(SlotCapacity.taken).where(SlotCapacity.taken > SlotCapacity.capacity)
            ).all()
            == []
        )
        plan_id = session.scalar(select(Plan.id).where(Plan.state == PlanState.published))
        proposal = session.scalars(
            select(Proposal).where(Proposal.plan_id == plan_id, Proposal.need_id == wanted)
        ).one()
        skipped = session.scalars(
            select(PlacementException.on_date).order_by(PlacementException.on_date)
        ).all()
    if outcome == "skipped":
        assert skipped == booked
        assert (proposal.outcome, result.report["skipped_dates"]) == (ProposalOutcome.placed, dates)
    else:
        assert (proposal.outcome, proposal.reason) == (ProposalOutcome.displaced, Reason.full)
        assert result.report["displaced"] == 1
        assert wanted not in {need for need, _, _, _ in list_live(database)}


@pytest.mark.parametrize(("dates", "state"), [(2, "proposed"), (3, "withdrawn")])
def test_nobody_is_proposed_a_place_where_they_are_booked_elsewhere(
    database: Database, tmp_path: Path, dates: int, state: str
) -> None:
    with database.writing() as session:
        town = make_town(session, places=2, notice_days=0)
        person = add_elder(session, town)
        wanted = add_need(session, town, person, days=(0,), part=WishPart.morning).id
        dated = make_dated_need(session, person, today() + timedelta(days=1), state=NeedState.placed)
        elsewhere = make_class(
            session, make_service(session, ServiceKind.children_centre, held_back_places=0)
        )
        make_week(session, elsewhere, capacities={CapacityKind.places: 1})
        extend_horizon(session, today())
        person_id, dated_id, class_id = person.id, dated.id, elsewhere.id
    booked = _book(database, person_id, dated_id, class_id, dates)
    assert night(database, tmp_path).exit_code == 0
    with database.reading() as session:
        row = session.scalars(select(Placement).where(Placement.need_id == wanted)).one()
        assert row.state == state
        left_out = session.scalars(
            select(PlacementException.on_date).where(PlacementException.placement_id == row.id)
        )
        assert sorted(left_out) == (booked if state == "proposed" else [])
        told = session.scalars(select(Proposal).where(Proposal.need_id == wanted)).one()
        if state == "withdrawn":
            assert (told.outcome, told.reason) == (ProposalOutcome.displaced, Reason.double_booked)
        assert recount(session) == []


def test_need_placed_by_hand_during_the_solve_keeps_that_place(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=3)
        need_id = add_need(session, town).id
        class_id, template_ids = (
            town.care_class.id,
            [row.id for row in town.week if row.part is Part.morning][:1],
        )

    def meanwhile(step: str, _share: float) -> None:
        if step == "publish":
            with database.writing() as session:
                from app.models import CareClass, Need, SlotTemplate

                placement = make_placement(
                    session,
                    session.get_one(Need, need_id),
                    session.get_one(CareClass, class_id),
                    [session.get_one(SlotTemplate, id_) for id_ in template_ids],
                    starts_on=today() + timedelta(days=7),
                )
                occupy(session, [placement.id])

    result = night(database, tmp_path, watch=meanwhile)
    assert [(need, state) for need, state, _, _ in list_live(database)] == [(need_id, "confirmed")]
    assert result.report["displaced"] == 1
    with database.reading() as session:
        assert recount(session) == []


def test_dates_full_of_bookings_before_the_night_are_left_out_and_named(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=1, notice_days=0)
        person = add_elder(session, town)
        dated = make_dated_need(session, person, today() + timedelta(days=1))
        ids = (town.care_class.id, person.id, dated.id)
    night(database, tmp_path)  # makes the dated slots
    booked = _book(database, ids[1], ids[2], ids[0], 2)
    with database.writing() as session:
        from app.models import CareClass

        town.care_class = session.get_one(CareClass, ids[0])
        wanted = add_need(session, town, add_elder(session, town), days=(0,), part=WishPart.morning).id
    result = night(database, tmp_path)
    assert [need for need, _, _, _ in list_live(database)].count(wanted) == 1
    assert result.report["skipped_dates"] == 2
    with database.reading() as session:
        placement = session.scalars(select(Placement).where(Placement.need_id == wanted)).one()
        skipped = session.scalars(
            select(PlacementException.on_date)
            .where(PlacementException.placement_id == placement.id)
            .order_by(PlacementException.on_date)
        ).all()
        assert skipped == booked
        assert placement.state is PlacementState.proposed
        assert recount(session) == []
