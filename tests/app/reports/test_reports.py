"""Figures by hand: shares, ages, urgent bookings, gaps, lifts, levels; small counts and foreign areas stay out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.actor import Actor, system_actor
from app.clock import now, today
from app.models import Booking, Escalation, Offer, Person
from app.models.enums import (
    BookingState,
    EscalationLevel,
    Origin,
    PlacementState,
    PlanState,
    ProposalOutcome,
    Reason,
    ServiceKind,
    StaffRole,
    Stairs,
)
from app.reports.deciding import count_roll_back, find_waiting_draft, is_rolled_back
from app.reports.fairness import list_by_block, list_by_class
from app.reports.faults import name_subjects
from app.reports.gaps import list_gaps
from app.reports.levels import Asked, Limits, count_lists, list_unmet
from app.reports.lifts import list_lift_cases, opens_by_lift
from app.reports.waiting import count_offers, count_urgent, list_ages, list_urgent
from tests.app.web.manager_town import Town, add_need, add_proposal, days_ago, make_plan, make_town
from tests.factories import areas, needs, people, placements, plans, providers

if TYPE_CHECKING:
    from app.db import WriteSession
    from app.models import Need

ALL = system_actor()


@pytest.fixture
def town(session: WriteSession) -> Town:
    return make_town(session)


def test_shares_by_class_count_what_the_plan_stored_and_hide_the_few(
    session: WriteSession, town: Town
) -> None:
    plan = plans.make_plan(session, PlanState.published)
    decided = [(4, ProposalOutcome.placed)] * 3 + [(4, ProposalOutcome.unplaced), (4, ProposalOutcome.kept)]
    for class_, outcome in [*decided, (1, ProposalOutcome.displaced)]:
        reason = Reason.full if outcome is ProposalOutcome.unplaced else Reason.placed
        add_proposal(session, plan, add_need(session, town), outcome, reason, **{"class": class_})
    first, last = list_by_class(session, plan)
    assert (first.name_en, first.decided, first.placed, first.share, first.is_small) == (
        "4",
        5,
        4,
        0.8,
        False,
    )
    assert (last.name_en, last.decided, last.placed, last.is_small) == ("1", 1, 0, True)


def test_shares_by_block_roll_compounds_up(session: WriteSession, town: Town) -> None:
    other = make_town(session)
    plan = plans.make_plan(session, PlanState.published)
    for where, outcome in [
        (town, ProposalOutcome.placed),
        (town, ProposalOutcome.held_back),
        (other, ProposalOutcome.moved),
    ]:
        add_proposal(session, plan, add_need(session, where), outcome, Reason.placed)
    rows = list_by_block(session, plan)
    assert sorted((row.decided, row.placed) for row in rows) == [(1, 1), (2, 1)]
    assert len({row.name_zh for row in rows}) == 2


def test_ages_stand_in_month_bands_without_those_who_have_a_place(session: WriteSession, town: Town) -> None:
    for days in (0, 40, 100, 200, 400, 401):
        add_need(session, town, entered_on=days_ago(days))
    served = add_need(session, town, entered_on=days_ago(400))
    placements.make_placement(session, served, town.care_class, town.cells[:1], state=PlacementState.proposed)
    (row,) = list_ages(session, today())
    assert (row.kind, row.counts, row.total) == (ServiceKind.day_care, [1, 1, 1, 1, 2], 6)
    assert row.oldest_months == 13


def test_offers_that_wait_and_those_that_end_today(session: WriteSession, town: Town) -> None:
    at = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    for ends in (timedelta(hours=11, minutes=59), timedelta(hours=12), timedelta(seconds=-1)):
        row = placements.make_placement(
            session, add_need(session, town), town.care_class, town.cells[:1], state=PlacementState.offered
        )
        session.add(Offer(placement_id=row.id, sent_at=at - timedelta(days=5), expires_at=at + ends))
    session.flush()
    figures = count_offers(session, at)
    assert (figures.waiting, figures.expire_today) == (2, 1)


def test_urgent_bookings_of_seven_days_are_counted_for_all_and_named_by_area(
    session: WriteSession, town: Town
) -> None:
    slot = providers.make_slot(session, town.cells[0], today() - timedelta(days=30))
    for number, (days, origin) in enumerate([(1, Origin.urgent), (8, Origin.urgent), (1, Origin.desk)]):
        need = add_need(session, town, f"紧急{number}")
        session.add(
            Booking(
                code=f"F-urgent-{number}",
                need_id=need.id,
                person_id=need.person_id,
                slot_id=slot.id,
                state=BookingState.booked,
                origin=origin,
                reason="出院",
                booked_at=now() - timedelta(days=days),
            )
        )
    session.flush()
    assert count_urgent(session, now()) == 1
    manager = Actor(1, "m", StaffRole.manager, frozenset({town.compound.area_id}))
    (row,) = list_urgent(session, manager, now())
    assert (row.person_name, row.reason, row.site_zh) == ("紧急0", "出院", town.site.name_zh)
    assert list_urgent(session, Actor(1, "m", StaffRole.manager, frozenset()), now()) == []
    assert (
        list_urgent(session, Actor(1, "s", StaffRole.site, site_ids=frozenset({town.site.id})), now()) == []
    )


def test_gaps_list_five_and_more_and_name_the_fullest_cell(session: WriteSession, town: Town) -> None:
    plan = plans.make_plan(session, PlanState.published)
    name = f"{town.cells[2].code}/places"
    option = {"service": town.service.code, "weekdays": 4, "part": "morning", "reason": "full"}
    for number in range(6):
        resource = f"{name}@2026-12-0{1 + number % 2}"  # two segments of one cell are one cell
        row = [{**option, "resource": resource, "short_by": 1}]
        add_proposal(
            session, plan, add_need(session, town), ProposalOutcome.unplaced, Reason.full, options=row
        )
    few = needs.make_need(
        session,
        people.make_elder(session, people.make_household(session, town.compound)),
        ServiceKind.canteen,
    )
    add_proposal(session, plan, few, ProposalOutcome.unplaced, Reason.too_far)
    gaps = list_gaps(session, plan)
    (gap,) = gaps.listed
    assert (gap.compound_id, gap.kind, gap.count) == (town.compound.area_id, ServiceKind.day_care, 6)
    assert gap.fullest == (town.service.code, name)
    assert gap.full_at[gap.fullest] == 6
    assert (gaps.small, gaps.needs) == (1, 7)


FAR = {"service": "A", "reason": "too_far", "cost_metres": 1040, "limit_metres": 1000, "over_metres": 40}
DOWN = {"service": "A", "reason": "no_way_down", "floor": 5}


@pytest.mark.parametrize(
    ("options", "saved", "opens"),
    [
        ([DOWN], 0, True),
        ([FAR], 40, True),
        ([FAR], 39, False),
        ([DOWN, FAR], 0, False),
        ([DOWN, {"service": "A", "reason": "needs_cognition_flag"}], 0, False),
        ([FAR, {"service": "B", "reason": "no_way_down", "floor": 5}], 0, True),
        ([DOWN, {"reason": "consent_missing"}], 0, False),
        ([{"service": "A", "weekdays": 1, "reason": "full"}], 500, False),
        ([], 500, False),
    ],
)
def test_a_lift_opens_a_service_only_where_the_stairs_are_all_that_stands_against_it(
    options: list[dict[str, Any]], saved: int, *, opens: bool
) -> None:
    assert opens_by_lift(options, saved) is opens


def add_upstairs(session: WriteSession, town: Town, *, has_lift: bool, stairs: Stairs) -> Need:
    building = areas.make_building(session, town.compound, has_lift=has_lift)
    household = people.make_household(session, town.compound, building=building, floor=5)
    return needs.make_need(session, people.make_elder(session, household, stairs=stairs))


def test_lift_cases_name_the_walk_up_buildings_of_the_readers_areas(
    session: WriteSession, town: Town
) -> None:
    plan = plans.make_plan(session, PlanState.published)
    for has_lift, stairs, options in [
        (False, Stairs.no, [DOWN]),
        (False, Stairs.stick, [FAR, {"service": "B", "weekdays": 1, "reason": "full"}]),
        (True, Stairs.stick, [FAR]),
    ]:
        need = add_upstairs(session, town, has_lift=has_lift, stairs=stairs)
        add_proposal(session, plan, need, ProposalOutcome.unplaced, Reason.no_way_down, options=options)
    rows = list_lift_cases(session, ALL, plan, today())
    assert [(row.freed, row.wider, row.homebound) for row in rows] == [(1, 0, 1), (0, 1, 0)]
    elsewhere = Actor(1, "m", StaffRole.manager, frozenset({make_town(session).compound.area_id}))
    assert list_lift_cases(session, elsewhere, plan, today()) == []


@pytest.mark.parametrize(
    ("days", "level"),
    [(14, "committee"), (15, "block"), (30, "block"), (31, "subdistrict")],
)
def test_levels_begin_one_day_after_the_limit(days: int, level: str) -> None:
    assert Limits(14, 30).name_level(days) is EscalationLevel(level)


def test_lists_hold_each_unmet_need_once_by_block_with_its_owner(session: WriteSession, town: Town) -> None:
    other = make_town(session)
    ages = (14, 15, 30, 31, 90)
    made = [add_need(session, town, f"等{days}天", entered_on=days_ago(days)) for days in ages]
    add_need(session, other, entered_on=days_ago(31))
    served = add_need(session, town, entered_on=days_ago(90))
    placements.make_placement(session, served, town.care_class, town.cells[:1], state=PlacementState.offered)
    add_need(session, town, entered_on=days_ago(90), ends_on=today())  # ends today: still unmet today
    session.add(
        Escalation(need_id=made[-1].id, level=EscalationLevel.subdistrict, raised_on=today(), due_on=today())
    )
    session.flush()
    counts = {row.code: (row.block, row.subdistrict) for row in count_lists(session, ALL, today())}
    assert counts == {town.block: (2, 3), other.block: (0, 1)}
    rows = list_unmet(session, ALL, today(), None, Asked(EscalationLevel.block, town.block))
    assert [row.person_name for row in rows] == ["等30天", "等15天"]
    top = list_unmet(session, ALL, today(), None, Asked(EscalationLevel.subdistrict, town.block))
    assert [(row.days, row.due_on) for row in top] == [(90, today()), (90, None), (31, None)]
    paged = list_unmet(session, ALL, today(), None, Asked(EscalationLevel.subdistrict, first=3, limit=1))
    assert [row.days for row in paged] == [31]
    mine = Actor(1, "m", StaffRole.manager, frozenset({other.compound.area_id}))
    assert [row.code for row in count_lists(session, mine, today())] == [other.block]


def test_what_waits_for_a_decision_and_what_a_roll_back_would_do(session: WriteSession, town: Town) -> None:
    assert find_waiting_draft(session, today()) is None
    older = make_plan(session, town)
    draft = make_plan(session, town, later=60)
    found = find_waiting_draft(session, today())
    assert found is not None
    assert (found.id, older.id < draft.id) == (draft.id, True)
    assert find_waiting_draft(session, draft.effective_on) is draft
    assert (
        find_waiting_draft(session, draft.effective_on + timedelta(days=1)) is None
    )  # nobody can publish it
    published = make_plan(session, town, PlanState.published, placed=3, later=120)
    assert find_waiting_draft(session, today()) is None
    figures = count_roll_back(session, published.id)
    assert (figures.withdrawn, figures.kept) == (3, 0)
    assert is_rolled_back(session) is False
    published.state = PlanState.rolled_back
    session.flush()
    assert is_rolled_back(session) is True


def test_faults_are_told_in_names_and_a_class_once(session: WriteSession, town: Town) -> None:
    need = add_need(session, town)
    person = session.get_one(Person, need.person_id)
    cells = [f"template:{cell.code}/places" for cell in town.cells[:3]]
    subjects = [f"need:{need.code}", f"person:{person.code}", *cells, "placement:gone"]
    told = name_subjects(session, subjects, "zh", shows_people=True)
    assert told[subjects[0]] == f"{person.name} · 日托"
    assert told[subjects[1]] == person.name
    assert {told[cell] for cell in cells} == {f"{town.care_class.name_zh} · 周一至周三 上午 · 名额"}
    assert told["placement:gone"] == "gone"
    hidden = name_subjects(session, subjects, "en", shows_people=False)
    assert (hidden[subjects[0]], hidden[subjects[1]]) == (need.code, person.code)
