"""Run sheets: who is on them, in which order, kept from week to week, refused where it does not fit; escort groups."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.actor import Actor, system_actor
from app.calendars.reference import load_reference
from app.clock import today
from app.db import WriteSession
from app.ledger.commands import occupy
from app.models import Compound, PlacementUse, ReadLogRow, Site, Slot, SlotTemplate
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    ExceptionKind,
    Part,
    PlacementState,
    ServiceKind,
    StaffRole,
    WishPart,
)
from app.placements.absences import excuse
from app.slots.commands import extend_horizon
from app.visits.commands import move, reorder
from app.visits.errors import NotAHalfDay, OrderDoesNotFit, SheetChanged
from app.visits.escorts import list_groups
from app.visits.queries import HalfDay, list_half_days
from tests.app.planning.town import publish_years
from tests.factories import areas, needs, people, placements, providers

if TYPE_CHECKING:
    from app.models import CareClass, Service
    from tests.support.service import Service as Served

TODAY = date(2026, 11, 2)
ON = date(2026, 11, 9)
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
DEGREES_PER_METRE = 1 / 111_195
HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


@dataclass
class Team:
    """A carer on every morning; one compound at the base, one 1,400 m away (straight line x detour: its zone)."""

    session: WriteSession
    site: Site
    service: Service
    carer: CareClass
    cells: list[SlotTemplate]
    near: Compound
    far: Compound

    def visit(self, compound: Compound, minutes: int = 45, **columns: object) -> int:
        """Make somebody who is visited every morning; return the need's id."""
        household = people.make_household(self.session, compound)
        elder = people.make_elder(self.session, household, **columns)
        household.address, elder.phone = "测试路7号", "13800001111"
        need = needs.make_need(
            self.session,
            elder,
            ServiceKind.home_visit,
            [(range(7), WishPart.morning)],
            visit_minutes=minutes,
        )
        uses = [
            PlacementUse(template_id=row.id, kind=CapacityKind.visit_minutes, amount=minutes + 10)
            for row in self.cells
        ]
        row = placements.make_placement(
            self.session,
            need,
            self.carer,
            self.cells,
            state=PlacementState.active,
            starts_on=TODAY,
            uses=uses,
        )
        occupy(self.session, [row.id], may_overfill=True)
        return need.id

    def slot_id(self, on: date = ON) -> int:
        return self.session.scalars(
            select(Slot.id).where(Slot.class_id == self.carer.id, Slot.occurs_on == on)
        ).one()

    def sheet(self, on: date = ON) -> HalfDay:
        (found,) = list_half_days(self.session, system_actor(), on)
        return found

    def order(self, on: date = ON) -> list[int]:
        return [stop.need_id for stop in self.sheet(on).stops]


def make_team(session: WriteSession, first: date = TODAY) -> Team:
    near = areas.make_compound(session)
    far = areas.make_compound(session, latitude=near.latitude + 1100 * DEGREES_PER_METRE)
    site = providers.make_site(session, latitude=near.latitude)
    service = providers.make_service(
        session, ServiceKind.home_visit, site, calendar_class=CalendarClass.every_day, held_back_places=0
    )
    carer = providers.make_class(session, service)
    cells = providers.make_week(session, carer, range(7), [Part.morning], {CapacityKind.visit_minutes: 240})
    extend_horizon(session, first)
    return Team(session, site, service, carer, cells, near, far)


@pytest.fixture
def team(session: WriteSession) -> Team:
    load_reference(session)
    return make_team(session)


def find_version(text: str) -> str:
    """Return the version that the buttons of the one half-day on a page send."""
    (version,) = set(re.findall(r'"version": (\d+)', text))
    return version


def test_sheet_lists_who_is_visited_with_times_that_add_up(team: Team) -> None:
    team.visit(team.near, 60)
    team.visit(team.far, 45)
    found = team.sheet()
    assert found.proof.fits
    assert [stop.visit.minutes for stop in found.stops] == [60, 45]
    first, second = found.proof.legs
    assert first.arrives_at - found.starts_at == timedelta(minutes=first.travel_minutes)
    assert second.arrives_at - first.leaves_at == timedelta(minutes=second.travel_minutes)
    assert second.travel_minutes > first.travel_minutes


def test_order_that_nobody_put_walks_to_the_nearest_first(team: Team) -> None:
    # Far first would run over: 60 + 60 + 50 minutes and two long ways.
    c, a, b = team.visit(team.far, 50), team.visit(team.near, 60), team.visit(team.near, 60)
    team.far.area.name_zh = "一远小区"  # first by name
    assert team.order() == [a, b, c]
    assert team.sheet().proof.fits


def test_order_that_staff_put_is_kept_for_later_weeks_and_newcomers_come_last(team: Team) -> None:
    a, b, c = (team.visit(team.near, 30) for _ in range(3))
    reorder(team.session, system_actor(), team.slot_id(), [c, a, b])
    assert team.order() == [c, a, b]
    assert team.order(ON + timedelta(weeks=1)) == [c, a, b]
    d = team.visit(team.near, 30)
    assert team.order(ON + timedelta(weeks=2)) == [c, a, b, d]
    assert team.order(ON - timedelta(weeks=1)) != [c, a, b]  # what was printed before stays


def test_one_step_at_a_time_and_not_beyond_the_ends(team: Team) -> None:
    a, b, c = (team.visit(team.near, 30) for _ in range(3))
    move(team.session, system_actor(), team.slot_id(), a, 1)
    assert team.order() == [b, a, c]
    move(team.session, system_actor(), team.slot_id(), b, -1)
    assert team.order() == [b, a, c]


def test_order_that_does_not_fit_is_refused_and_the_old_one_stays(team: Team) -> None:
    # 08:30 to 12:00: near, near, far just fits; far in between costs two long ways.
    a, b, c = team.visit(team.near, 60), team.visit(team.near, 60), team.visit(team.far, 50)
    reorder(team.session, system_actor(), team.slot_id(), [a, b, c])
    assert team.sheet().proof.fits
    with pytest.raises(OrderDoesNotFit) as refused:
        reorder(team.session, system_actor(), team.slot_id(), [a, c, b])
    assert refused.value.data["over_minutes"] > 0
    assert team.order() == [a, b, c]


def test_overfull_half_day_is_shown_as_such_and_may_be_ordered_without_growing(team: Team) -> None:
    a, b = team.visit(team.near, 120), team.visit(team.near, 120)
    assert not team.sheet().proof.fits
    reorder(team.session, system_actor(), team.slot_id(), [b, a])
    assert team.order() == [b, a]


def test_sheet_that_changed_meanwhile_is_ordered_again(team: Team) -> None:
    a, b = team.visit(team.near, 30), team.visit(team.near, 30)
    for wrong in ([a], [a, b, 999_999], [a, a]):
        with pytest.raises(SheetChanged):
            reorder(team.session, system_actor(), team.slot_id(), wrong)


def test_who_is_excused_is_not_visited(team: Team) -> None:
    from app.models import Placement

    a, b = team.visit(team.near, 30), team.visit(team.near, 30)
    placement_id = team.session.scalars(select(Placement.id).where(Placement.need_id == a)).one()
    excuse(team.session, system_actor(), placement_id, ON, ExceptionKind.hospital, NOW)
    assert team.order() == [b]


def test_only_a_carers_half_day_has_a_run_sheet(session: WriteSession, team: Team) -> None:
    slot = providers.make_slot(session, providers.make_template(session, providers.make_class(session)), ON)
    with pytest.raises(NotAHalfDay):
        reorder(session, system_actor(), slot.id, [1])


def test_children_are_grouped_by_the_gate_they_come_from(session: WriteSession) -> None:
    load_reference(session)
    gates = [providers.make_site(session, is_school_gate=True, name_zh=f"学校{name}") for name in "甲乙"]
    service = providers.make_service(
        session, ServiceKind.after_school, calendar_class=CalendarClass.workdays, held_back_places=0
    )
    care_class = providers.make_class(session, service)
    kinds = {CapacityKind.places: 9, CapacityKind.escorts: 9}
    cells = providers.make_week(session, care_class, (0,), [Part.wave_1630], kinds)
    extend_horizon(session, TODAY)
    made = []
    for gate in (gates[0], gates[1], gates[0]):
        child = people.make_child(session)
        need = needs.make_need(
            session,
            child,
            ServiceKind.after_school,
            [((0,), WishPart.wave_1630)],
            needs_escort=True,
            gate_site_id=gate.id,
        )
        uses = [PlacementUse(template_id=cells[0].id, kind=kind, amount=1) for kind in kinds]
        made.append(
            placements.make_placement(
                session, need, care_class, cells, state=PlacementState.active, starts_on=TODAY, uses=uses
            )
        )
    occupy(session, [row.id for row in made])
    excuse(session, system_actor(), made[2].id, ON, ExceptionKind.absent, NOW)
    groups = list_groups(session, system_actor(), ON)
    found = [(group.is_gate, group.place, len(group.people), group.expected) for group in groups]
    assert found == [(True, "学校乙", 1, 1), (True, "学校甲", 2, 1)]
    elsewhere = Actor(None, "x", StaffRole.site, site_ids=frozenset({providers.make_site(session).id}))
    assert list_groups(session, elsewhere, ON) == []


def test_page_moves_a_visit_and_says_why_not_and_paper_has_the_address(service: Served) -> None:
    def work(session: WriteSession) -> tuple[str, str, int, list[int]]:
        publish_years(session)
        team = make_team(session, today())
        team.cells[0].valid_from = date(2025, 1, 1)
        rows = [team.visit(team.near, 60), team.visit(team.near, 60), team.visit(team.far, 50)]
        slot_id = team.slot_id(today())
        return team.site.code, providers.make_site(session).code, slot_id, rows

    site, elsewhere, slot_id, rows = service.database.write(work)
    user = service.add_user(StaffRole.site, sites=[site])
    page = service.sign_in(user.name)
    page.headers.update(HTML)
    shown = page.get("/visits").text
    assert "排得下" in shown
    path = f"/visits/slots/{slot_id}/move"
    moved = page.post(path, data={"need_id": rows[0], "by": 1, "version": find_version(shown)})
    assert moved.status_code == 200
    late = page.post(path, data={"need_id": rows[0], "by": 1, "version": find_version(shown)})
    assert "其他人刚刚改了这半天的上门安排" in late.text
    refused = page.post(path, data={"need_id": rows[2], "by": -1, "version": find_version(late.text)})
    assert "会超出半天" in refused.text
    api = service.as_program(StaffRole.site, sites=[site])
    (sheet,) = api.get("/api/run-sheets").json()
    assert [stop["need_id"] for stop in sheet["stops"]] == [rows[1], rows[0], rows[2]]
    body, seen = {"need_ids": rows}, {"If-Match": f'"{sheet["version"]}"'}
    put = api.put(f"/api/slots/{slot_id}/run-sheet", json=body, headers=seen)
    assert put.json()["fits"] is True
    assert put.headers["ETag"] == f'"{put.json()["version"]}"'
    late = api.put(f"/api/slots/{slot_id}/run-sheet", json=body, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert api.put(f"/api/slots/{slot_id}/run-sheet", json=body).status_code == 428
    other = service.as_program(StaffRole.site, sites=[elsewhere])
    assert other.get("/api/run-sheets").json() == []
    assert other.put(f"/api/slots/{slot_id}/run-sheet", json=body, headers=seen).status_code == 403
    printed = page.get("/visits/visits.pdf")
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(printed.content)).pages)
    assert "测试路7号" in text.replace("\0", "").replace("\n", "")
    with service.database.reading() as session:
        noted = session.scalars(select(ReadLogRow.fields).where(ReadLogRow.user_id == user.id)).all()
    assert noted == ["visits.pdf"] * 3
