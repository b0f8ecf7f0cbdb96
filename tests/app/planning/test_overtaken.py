"""What people did between the night's reading and its publishing counts: the plan's place makes way and says why."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.actor import system_actor
from app.clock import now, today
from app.ledger.commands import occupy, recount
from app.models import CareClass, Consent, Need, Placement, Proposal, Service, Slot, SlotTemplate
from app.models.enums import (
    CapacityKind,
    GroupKind,
    NeedState,
    ProposalOutcome,
    Reason,
    ServiceKind,
    SlotState,
    WishPart,
)
from app.needs.commands import Change, edit_need
from app.needs.rules import Pattern
from app.placements.queries import lock_person
from app.planning import commands
from app.planning.errors import PlanOutdated, PlanOver
from app.slots.commands import extend_horizon
from tests.app.planning.town import TOMORROW, Town, add_elder, add_need, list_live, make_town, night
from tests.factories.needs import make_dated_need, make_group, make_need
from tests.factories.people import make_consent
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from app.db import Database, WriteSession

MONDAY = (0,)


def _draft(database: Database, tmp_path: Path) -> int:
    """Work a plan out without publishing it: whatever a test does next comes in between."""
    result = night(database, tmp_path, draft_only=True)
    assert result.code == "drafted"
    return int(result.report["plan_id"])


def _approve(database: Database, plan_id: int) -> None:
    database.write(lambda session: commands.approve(session, system_actor(), plan_id, now()))
    with database.reading() as session:
        assert recount(session) == []


def _said(database: Database, plan_id: int) -> dict[int, tuple[ProposalOutcome, Reason]]:
    with database.reading() as session:
        rows = session.scalars(select(Proposal).where(Proposal.plan_id == plan_id))
        return {row.need_id: (row.outcome, row.reason) for row in rows}


def _make_elsewhere(session: Session, kind: ServiceKind = ServiceKind.day_care) -> int:
    """Make a class at another site with places on every workday."""
    made = make_class(session, make_service(session, kind, held_back_places=0))
    make_week(session, made, capacities={CapacityKind.places: 3})
    return made.id


def _place(session: WriteSession, need_id: int, class_id: int) -> None:
    """Give a Monday in a class by hand, as a desk does."""
    need = session.scalars(select(Need).where(Need.id == need_id).with_for_update(key_share=True)).one()
    lock_person(session, need.person_id)
    mondays = select(SlotTemplate).where(SlotTemplate.class_id == class_id, SlotTemplate.weekday == 0)
    row = make_placement(
        session,
        need,
        session.get_one(CareClass, class_id),
        session.scalars(mondays),
        starts_on=today() + timedelta(days=7),
    )
    occupy(session, [row.id])


def test_nobody_is_proposed_a_place_beside_one_that_a_desk_gave_meanwhile(
    database: Database, tmp_path: Path
) -> None:
    wanted, other, elsewhere = _make_two_wishes(database)
    plan_id = _draft(database, tmp_path)
    database.write(lambda session: _place(session, other, elsewhere))
    _approve(database, plan_id)
    assert [(need, state) for need, state, _, _ in list_live(database)] == [(other, "confirmed")]
    assert _said(database, plan_id)[wanted] == (ProposalOutcome.displaced, Reason.double_booked)


def _make_two_wishes(database: Database) -> tuple[int, int, int]:
    """Return the wish that the night decides, another of the same person that it does not, and where a desk places it."""
    with database.writing() as session:
        town = make_town(session, places=3)
        person = add_elder(session, town)
        wanted = add_need(session, town, person, days=MONDAY).id
        elsewhere = _make_elsewhere(session, ServiceKind.children_centre)
        other = make_need(
            session,
            person,
            ServiceKind.children_centre,
            [(MONDAY, WishPart.full_day)],
            starts_on=today(),
            state=NeedState.placed,
        ).id
        extend_horizon(session, today())
    return wanted, other, elsewhere


@pytest.mark.parametrize("kind", [GroupKind.twins, GroupKind.siblings])
def test_twins_and_siblings_stay_together_where_a_desk_placed_one_of_them_elsewhere(
    database: Database, tmp_path: Path, kind: GroupKind
) -> None:
    with database.writing() as session:
        town = make_town(session, places=3)
        needs = [add_need(session, town) for _ in range(2)]
        make_group(session, kind, needs)
        one, other = needs[0].id, needs[1].id
        sites = {town.care_class.id, _make_elsewhere(session)}
        extend_horizon(session, today())
    plan_id = _draft(database, tmp_path)
    with database.reading() as session:
        (planned,) = set(session.scalars(select(Placement.class_id)))
    (elsewhere,) = sites - {planned}
    database.write(lambda session: _place(session, one, elsewhere))
    _approve(database, plan_id)
    assert [(need, class_id) for need, _, class_id, _ in list_live(database)] == [(one, elsewhere)]
    assert _said(database, plan_id)[other] == (ProposalOutcome.displaced, Reason.group)


def test_sibling_follows_to_the_site_where_a_desk_placed_the_other(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=3)
        needs = [add_need(session, town) for _ in range(2)]
        make_group(session, GroupKind.siblings, needs)
        one, other, class_id = needs[0].id, needs[1].id, town.care_class.id
        extend_horizon(session, today())
    plan_id = _draft(database, tmp_path)
    database.write(lambda session: _place(session, one, class_id))
    _approve(database, plan_id)
    assert [(need, state) for need, state, _, _ in list_live(database)] == [
        (one, "confirmed"),
        (other, "proposed"),
    ]


def test_wish_that_was_changed_meanwhile_waits_for_the_next_night(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=3)
        changed, left = add_need(session, town).id, add_need(session, town).id
    plan_id = _draft(database, tmp_path)

    def change(session: WriteSession) -> None:
        need = session.get_one(Need, changed)
        wish = Change({}, [Pattern(WishPart.morning, (1,))])
        edit_need(session, system_actor(), changed, need.version, wish)

    database.write(change)
    _approve(database, plan_id)
    assert [need for need, _, _, _ in list_live(database)] == [left]
    assert _said(database, plan_id)[changed] == (ProposalOutcome.displaced, Reason.need_changed)
    night(database, tmp_path)
    with database.reading() as session:
        rows = select(Placement.weekdays).where(Placement.need_id == changed, Placement.state == "proposed")
        assert session.scalars(rows).all() == [0b10]


def test_who_takes_the_consent_back_meanwhile_is_proposed_nothing(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=3)
        person = add_elder(session, town, with_consent=False)
        consent_id = make_consent(session, person).id
        need_id = add_need(session, town, person).id
    plan_id = _draft(database, tmp_path)
    with database.writing() as session:
        session.execute(update(Consent).where(Consent.id == consent_id).values(withdrawn_on=today()))
    _approve(database, plan_id)
    assert list_live(database) == []
    assert _said(database, plan_id)[need_id] == (ProposalOutcome.displaced, Reason.consent_missing)


def _close_day(session: Session, _town: Town, on: date) -> None:
    session.execute(update(Slot).where(Slot.occurs_on == on).values(state=SlotState.closed))


def _close_service(session: Session, town: Town, _on: date) -> None:
    session.execute(update(Service).where(Service.id == town.service.id).values(is_active=False))


@pytest.mark.parametrize("close", [_close_day, _close_service])
def test_nobody_is_told_to_come_where_it_was_closed_meanwhile(
    database: Database, tmp_path: Path, close: Callable[[Session, Town, date], Any]
) -> None:
    on = today() + timedelta(days=10)
    while on.weekday() > 4:
        on += timedelta(days=1)
    with database.writing() as session:
        town = make_town(session, places=3)
        need_id = make_dated_need(session, add_elder(session, town), on).id
        extend_horizon(session, today())
    plan_id = _draft(database, tmp_path)
    with database.writing() as session:
        close(session, town, on)
    _approve(database, plan_id)
    assert list_live(database) == []
    assert _said(database, plan_id)[need_id] == (ProposalOutcome.displaced, Reason.closed)


def test_draft_is_not_published_after_its_day(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        add_need(session, make_town(session))
    plan_id = _draft(database, tmp_path)
    on_its_day, late = now() + timedelta(days=1), now() + timedelta(days=2)
    with pytest.raises(PlanOver):
        database.write(lambda session: commands.approve(session, system_actor(), plan_id, late))
    assert list_live(database) == []
    database.write(lambda session: commands.approve(session, system_actor(), plan_id, on_its_day))
    assert len(list_live(database)) == 1


def test_night_for_a_day_of_which_no_plan_can_be_published_ends_before_it_solves(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        add_need(session, make_town(session))
    with pytest.raises(PlanOver):
        night(database, tmp_path, today() - timedelta(days=1))
    night(database, tmp_path, TOMORROW + timedelta(days=3))
    with pytest.raises(PlanOutdated):
        night(database, tmp_path, TOMORROW)


@pytest.mark.parametrize("is_locked", [True, False])
@pytest.mark.parametrize("is_own", [True, False])
def test_desk_and_publishing_at_one_moment_see_each_other(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_locked: bool, is_own: bool
) -> None:
    """A desk has written a place, and commits while the plan is published: of the same need, or of the same person."""
    wanted, other, elsewhere = _make_two_wishes(database)
    need_id = wanted if is_own else other
    plan_id = _draft(database, tmp_path)
    if not is_locked:
        monkeypatch.setattr("app.planning.publish.lock_concerned", lambda _session, _plan_id: [])
    is_written, may_commit = threading.Event(), threading.Event()

    def give() -> None:
        with database.writing() as session:
            _place(session, need_id, elsewhere)
            is_written.set()
            may_commit.wait(1.0)

    desk = threading.Thread(target=give)
    desk.start()
    assert is_written.wait(10)
    goes_wrong = (
        not is_locked and not database.is_sqlite
    )  # where there is one writer at a time, it is the lock
    if goes_wrong and is_own:
        with pytest.raises(IntegrityError):
            _approve(database, plan_id)
    else:
        _approve(database, plan_id)
    desk.join()
    live = [need for need, _, _, _ in list_live(database)]
    assert live == ([wanted, other] if goes_wrong and not is_own else [need_id])
