"""Drafts set nothing aside until a manager approves; rolling back withdraws proposals and no promise."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.clock import now
from app.ledger.commands import recount
from app.models import AuditRow, Placement, Plan, Policy, Proposal, SlotCapacity
from app.models.enums import Channel, PlacementState, PlanState
from app.placements.errors import ReasonRequired
from app.planning import commands
from app.planning.errors import PlanNotReady
from tests.app.planning.town import add_need, list_live, make_town, night

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database

ACTOR = system_actor()


def _make_draft(database: Database, tmp_path: Path) -> int:
    with database.writing() as session:
        town = make_town(session, places=2)
        for _ in range(3):
            add_need(session, town)
    result = night(database, tmp_path, draft_only=True)
    assert (result.exit_code, result.code) == (0, "drafted")
    return int(result.report["plan_id"])


def test_draft_sets_nothing_aside_until_it_is_approved(database: Database, tmp_path: Path) -> None:
    plan_id = _make_draft(database, tmp_path)
    assert list_live(database) == []
    with database.reading() as session:
        assert set(session.scalars(select(SlotCapacity.taken))) == {0}
        assert session.scalars(select(Placement.state)).all() == [PlacementState.draft] * 2
    done = database.write(lambda session: commands.approve(session, ACTOR, plan_id, now()))
    assert (done.proposed, done.displaced) == (2, 0)
    assert len(list_live(database)) == 2
    with database.reading() as session:
        assert recount(session) == []
        assert "plan.publish" in session.scalars(select(AuditRow.act)).all()
    with pytest.raises(PlanNotReady):
        database.write(lambda session: commands.approve(session, ACTOR, plan_id, now()))


def test_policy_approve_makes_every_night_wait_for_a_manager(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        session.add(Policy(key="publish", value="approve", valid_from=date(2020, 1, 1), source="test"))
        add_need(session, make_town(session))
    result = night(database, tmp_path)
    assert (result.exit_code, result.code) == (0, "waits_for_approval")
    assert list_live(database) == []


def test_rejected_draft_leaves_nothing(database: Database, tmp_path: Path) -> None:
    plan_id = _make_draft(database, tmp_path)
    with pytest.raises(ReasonRequired):
        database.write(lambda session: commands.reject(session, ACTOR, plan_id, " "))
    database.write(lambda session: commands.reject(session, ACTOR, plan_id, "测试"))
    with database.reading() as session:
        assert session.scalars(select(Placement.id)).all() == []
        assert session.get_one(Plan, plan_id).state is PlanState.rejected


def test_rolling_back_withdraws_proposals_only(database: Database, tmp_path: Path) -> None:
    plan_id = _make_draft(database, tmp_path)
    database.write(lambda session: commands.approve(session, ACTOR, plan_id, now()))
    with database.reading() as session:
        proposal_id = session.scalars(
            select(Proposal.id).where(Proposal.placement_id.is_not(None)).order_by(Proposal.id)
        ).first()
    assert proposal_id is not None
    database.write(
        lambda session: commands.accept_proposal(
            session, ACTOR, proposal_id, now(), by="本人", channel=Channel.desk
        )
    )
    withdrawn = database.write(lambda session: commands.roll_back(session, ACTOR, plan_id, "容量有误"))
    assert withdrawn == 1
    assert [state for _, state, _, _ in list_live(database)] == ["confirmed"]
    with database.reading() as session:
        assert session.get_one(Plan, plan_id).state is PlanState.rolled_back
        assert recount(session) == []


def test_rejected_proposal_frees_the_place(database: Database, tmp_path: Path) -> None:
    plan_id = _make_draft(database, tmp_path)
    database.write(lambda session: commands.approve(session, ACTOR, plan_id, now()))
    with database.reading() as session:
        proposal_id = session.scalars(
            select(Proposal.id).where(Proposal.placement_id.is_not(None)).order_by(Proposal.id)
        ).first()
    assert proposal_id is not None
    database.write(
        lambda session: commands.reject_proposal(
            session, ACTOR, proposal_id, now(), by="本人", channel=Channel.phone
        )
    )
    assert len(list_live(database)) == 1
    with database.reading() as session:
        assert recount(session) == []
