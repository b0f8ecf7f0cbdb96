"""The coordinator's day as a browser without scripts sees it: board, roll, flags, absences, moves, alarms."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.attendance.alarm_rules import Due
from app.attendance.alarms import raise_alarm
from app.attendance.children import FLAG_FIELDS
from app.clock import now, today
from app.language.days import say_date
from app.models import (
    Alarm,
    CalendarYear,
    Household,
    Person,
    PlacementException,
    ReadLogRow,
    SlotCapacity,
    Staffing,
    WaitlistEntry,
)
from app.models.enums import (
    AlarmKind,
    AlarmState,
    CapacityKind,
    ConsentPurpose,
    ExceptionKind,
    Part,
    ServiceKind,
    StaffRole,
    YearState,
)
from app.slots.queries import find_versions
from tests.app.attendance.day_town import DayTown, make_day_town
from tests.app.web.coordinator_town import open_move, sign_in
from tests.factories import areas, needs, people
from tests.support.consents import withdraw_consents

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service


def tick(browser: TestClient, town: DayTown, person_id: int, mark: str, number: int, to: int | None = None):
    at = now()
    one = {
        "tick_id": f"tick-web-{number}",
        "slot_id": town.slot_id,
        "person_id": person_id,
        "mark": mark,
        "marked_at": at.isoformat(),
    }
    if to is not None:
        one["handed_to_id"] = to
    return browser.post("/api/roll/ticks", json={"ticks": [one]}).json()["ticks"][0]


def test_a_tablets_wrong_clock_is_set_right_as_its_ticks_come_in(
    coordinator: TestClient, town: DayTown
) -> None:
    tick(coordinator, town, town.cora_id, "present", 1)
    slow = now() - timedelta(minutes=10)
    one = {
        "tick_id": "tick-of-a-slow-tablet",
        "slot_id": town.slot_id,
        "person_id": town.cora_id,
        "mark": "handed_over",
        "marked_at": slow.isoformat(),
        "handed_to_id": town.pickup_id,
    }
    (told,) = coordinator.post("/api/roll/ticks", json={"ticks": [one]}).json()["ticks"]
    assert (told["mark"], told["code"]) == ("present", "hand_over_overtaken")
    assert "请当面核对孩子在哪里" in told["detail"]
    again = {"sent_at": slow.isoformat(), "ticks": [one | {"tick_id": "tick-of-the-same-tablet"}]}
    (told,) = coordinator.post("/api/roll/ticks", json=again).json()["ticks"]
    assert (told["mark"], told["code"]) == ("handed_over", None)


def find_row(text: str, slot_id: int, person_id: int) -> str:
    """Return the part of a roll that is about one child."""
    found = re.search(rf'<li class="child[^>]*id="c-{slot_id}-{person_id}".*?</li>', text, re.DOTALL)
    assert found is not None
    return found[0]


def test_the_board_counts_each_site_and_wave(coordinator: TestClient, town: DayTown) -> None:
    text = coordinator.get("/coordinator").text
    assert "上学日" in text
    assert f'href="/coordinator/sites/{town.site_id}"' in text
    assert re.search(r"16:30 离校</b> 1 人离开", text)
    assert "人手够" in text
    assert "人手尚未登记" in text
    assert "校门口接送小组" in text


def test_ticks_show_at_once_and_only_the_change_is_sent_again(coordinator: TestClient, town: DayTown) -> None:
    page = f"/coordinator/sites/{town.site_id}"
    stamp = re.search(r"stamp=([0-9a-f]+)", coordinator.get(page).text)
    assert stamp is not None
    assert coordinator.get(f"{page}/live", params={"stamp": stamp[1]}).status_code == 204
    assert tick(coordinator, town, town.anna_id, "present", 1)["mark"] == "present"
    changed = coordinator.get(f"{page}/live", params={"stamp": stamp[1]})
    assert changed.status_code == 200
    assert "is-present" in find_row(changed.text, town.slot_id, town.anna_id)
    board = coordinator.get("/coordinator").text
    assert re.search(r'<b>3</b></td><td role="cell" class="number" data-name="已到">1</td>', board)


def test_siblings_go_with_one_tap_where_they_stand_alike(coordinator: TestClient, town: DayTown) -> None:
    text = coordinator.get(f"/coordinator/sites/{town.site_id}").text
    row = find_row(text, town.slot_id, town.anna_id)
    assert "同来：本本" in row
    shown = re.search(r'family" data-mark="present" data-ticks="([^"]+)"', row)
    assert shown is not None
    ticks = json.loads(shown[1].replace("&#34;", '"'))
    assert {person for _, person, _ in ticks} == {town.anna_id, town.ben_id}
    tick(coordinator, town, town.ben_id, "present", 2)
    text = coordinator.get(f"/coordinator/sites/{town.site_id}").text
    assert 'family" data-mark="present"' not in find_row(text, town.slot_id, town.anna_id)


def test_flags_and_only_authorised_adults_are_shown_and_the_look_is_noted_once(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    tick(coordinator, town, town.cora_id, "present", 3)
    for _ in range(2):
        text = coordinator.get(f"/coordinator/sites/{town.site_id}").text
    row = find_row(text, town.slot_id, town.cora_id)
    assert "过敏: 花生" in row
    assert "柯妈妈" in row
    assert row.count('data-mark="handed_over"') == 1
    with service.database.reading() as session:
        noted = session.scalars(select(ReadLogRow).where(ReadLogRow.fields == FLAG_FIELDS)).all()
    assert [each.person_id for each in noted] == [town.cora_id]


@pytest.mark.parametrize("purpose", [ConsentPurpose.sharing_with_site, ConsentPurpose.health_data])
def test_what_may_not_be_told_is_on_no_roll_and_no_paper_and_nobody_takes_it_for_nothing(
    coordinator: TestClient, service: Service, town: DayTown, purpose: ConsentPurpose
) -> None:
    withdraw_consents(service.database, town.cora_id, purpose)
    text = coordinator.get(f"/coordinator/sites/{town.site_id}").text
    row = find_row(text, town.slot_id, town.cora_id)
    assert "花生" not in row
    assert "未获同意告知：请问本人或家长" in row
    for name in ("roll", "sign-out"):
        paper = f"/coordinator/sites/{town.site_id}/papers/{name}"
        book = load_workbook(BytesIO(coordinator.get(f"{paper}.xlsx").content))
        cells = "".join(str(cell) for line in book.active.iter_rows(values_only=True) for cell in line)
        assert "花生" not in cells
        assert "未获同意告知" in cells
    with service.database.reading() as session:
        noted = session.scalars(select(ReadLogRow).where(ReadLogRow.fields == FLAG_FIELDS)).all()
    assert noted == []


def test_an_absence_over_days_frees_each_date_and_says_so(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    placement_id = town.placement_ids["安安"]
    day = today() + timedelta(days=7)
    form = {"first": day.isoformat(), "last": (day + timedelta(days=3)).isoformat(), "kind": "hospital"}
    told = coordinator.post(f"/coordinator/placements/{placement_id}/away", data=form)
    assert told.status_code == 200
    assert f"已登记到 {say_date(day + timedelta(days=3), 'zh')}：1 次服务的名额" in told.text
    again = coordinator.post(f"/coordinator/placements/{placement_id}/away", data=form)
    assert "没有需要登记的" in again.text
    with service.database.reading() as session:
        kept = session.scalars(select(PlacementException)).one()
    assert (kept.on_date, kept.kind) == (day, ExceptionKind.hospital)


def test_what_of_a_long_absence_is_kept_for_later_is_said_beside_what_is_noted(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    def close(session: WriteSession) -> None:
        session.execute(
            update(CalendarYear).where(CalendarYear.year > today().year).values(state=YearState.not_published)
        )

    service.database.write(close)
    address = f"/coordinator/placements/{town.placement_ids['安安']}/away"
    new_year = date(today().year + 1, 1, 1)
    form = {
        "first": today().isoformat(),
        "last": (new_year + timedelta(days=30)).isoformat(),
        "kind": "hospital",
    }
    told = coordinator.post(address, data=form)
    assert f"已登记到 {say_date(new_year - timedelta(days=1), 'zh')}：" in told.text
    assert f"{new_year.year} 年的放假安排尚未公布" in told.text
    again = coordinator.post(address, data=form | {"first": new_year.isoformat()})
    assert "没有需要登记的" in again.text
    backwards = coordinator.post(address, data=form | {"last": (today() - timedelta(days=1)).isoformat()})
    assert backwards.status_code == 422
    assert "早于第一天" in backwards.text


def test_the_drawer_names_the_next_child_and_why(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    def wait(session: WriteSession) -> None:
        elsewhere = areas.make_compound(session, areas.make_committee(session, own_block=True))
        here = session.get_one(Person, town.cora_id).household_id
        for days, home in ((70, people.make_household(session, elsewhere)), (10, None)):
            child = people.make_child(session, home or session.get_one(Household, here), name="等等")
            entered_on = today() - timedelta(days=days)
            need = needs.make_need(session, child, ServiceKind.after_school, entered_on=entered_on)
            session.add(WaitlistEntry(need_id=need.id, service_id=town.service_id, entered_at=now()))

    service.database.write(wait)
    text = coordinator.get(f"/coordinator/sites/{town.site_id}/waitlist").text
    assert "按公布的次序排在最前" in text
    assert text.count("其他片区的孩子") == 1, "the order is public, the name of a child from elsewhere is not"
    assert "已等 2 个月" in text
    assert "优先级相同，前一位等候更久" in text


def test_staff_and_places_are_edited_and_never_below_what_is_taken(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    page = f"/coordinator/sites/{town.site_id}"
    form = {
        "service_id": town.service_id, "part": "wave_1700", "staff": 1, "volunteers": 1, "version": "0.0",
    }  # fmt: skip
    assert "已保存" in coordinator.post(f"{page}/staff", data=form).text
    with service.database.reading() as session:
        row = session.scalars(select(Staffing).where(Staffing.part == Part.wave_1700)).one()
    assert (row.staff, row.volunteers, row.on_date) == (1, 1, today())
    with service.database.reading() as session:
        version = find_versions(session, [town.slot_id])[town.slot_id]
    assert f'name="version" value="{version}"' in coordinator.get(f"{page}/staff").text
    places = {
        "slot_id": town.slot_id, "kind": "places", "capacity": 2, "reason": "测试", "version": version,
    }  # fmt: skip
    below = coordinator.post(f"{page}/places", data=places)
    assert below.status_code == 409
    assert "已占用 3，不能再往下减" in below.text
    assert coordinator.post(f"{page}/places", data=places | {"capacity": 9}).status_code == 200
    for every_week in ("false", "true"):
        late = {"capacity": 8, "every_week": every_week}
        late_reply = coordinator.post(f"{page}/places", data=places | late)
        assert late_reply.status_code == 412
        assert "其他人刚刚改了这里的名额" in late_reply.text
        assert 'value="9"' in late_reply.text, "the answer shows what stands now"
    with service.database.reading() as session:
        kept = session.get_one(SlotCapacity, (town.slot_id, CapacityKind.places))
    assert kept.capacity == 9


@pytest.mark.parametrize("as_rule", ["false", "true"])
def test_whoever_saves_adults_over_a_colleagues_figures_is_shown_those_first(
    coordinator: TestClient, service: Service, town: DayTown, as_rule: str
) -> None:
    page = f"/coordinator/sites/{town.site_id}/staff"
    form = {"service_id": town.service_id, "part": "wave_1630", "staff": 3, "volunteers": 0}
    shown = coordinator.get(page).text
    version = next(one for one in ("1.0", "0.1") if f'name="version" value="{one}"' in shown)
    assert coordinator.post(page, data=form | {"version": version}).status_code == 200
    late = coordinator.post(page, data=form | {"staff": 1, "version": version, "as_rule": as_rule})
    assert late.status_code == 412
    assert "其他人刚刚改了这里的人数" in late.text
    assert 'name="staff" min="0" max="60" value="3"' in late.text, "the answer shows what stands now"
    with service.database.reading() as session:
        kept = session.scalars(select(Staffing.staff).where(Staffing.part == Part.wave_1630)).all()
    assert sorted(kept) == [2, 3]


def make_alarm(service: Service, town: DayTown) -> int:
    def work(session: WriteSession) -> int:
        row = raise_alarm(session, Due(town.slot_id, town.cora_id, town.site_id, AlarmKind.missing), now())
        assert row is not None
        return row.id

    return service.database.write(work)


def test_an_alarm_goes_step_by_step_to_an_outcome(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    alarm = f"/coordinator/alarms/{make_alarm(service, town)}"
    assert "未办结的警报：1" in coordinator.get("/coordinator").text
    contacts = coordinator.post(f"{alarm}/contacts").text
    assert "13811112222" in contacts
    with service.database.reading() as session:
        noted = session.scalars(select(ReadLogRow).where(ReadLogRow.person_id == town.cora_id)).all()
    assert any("phone" in each.fields for each in noted)
    on_roll = {"hx-target": "roll"}
    stepped = coordinator.post(f"{alarm}/step", data={"note": "无人接听"}, headers=on_roll).text
    assert 'class="now" aria-current="step">联系其他联系人' in stepped
    closed = coordinator.post(f"{alarm}/close", data={"outcome": "no_show"}).text
    assert "警报已办结" in closed
    assert "未办结的警报" not in closed
    again = coordinator.post(f"{alarm}/step")
    assert again.status_code == 409
    with service.database.reading() as session:
        assert session.scalars(select(Alarm.state)).one() is AlarmState.closed


def test_a_coordinator_of_one_site_sees_that_site_only(service: Service, town: DayTown) -> None:
    browser = sign_in(service, "one-site", sites=[town.other_site])
    board = browser.get("/coordinator").text
    assert f"/coordinator/sites/{town.site_id}" not in board
    assert browser.get(f"/coordinator/sites/{town.site_id}").status_code == 403
    assert browser.get(f"/coordinator/sites/{town.other_site_id}").status_code == 200
    assert tick(browser, town, town.anna_id, "present", 9)["code"] == "not_allowed"


def test_whoever_has_no_site_is_told_what_to_do(service: Service, town: DayTown) -> None:
    browser = sign_in(service, "nowhere", [town.elsewhere])
    assert "还没有负责的点名服务点" in browser.get("/coordinator").text


def test_a_site_may_tick_but_not_move(service: Service, town: DayTown) -> None:
    browser = sign_in(service, "door", sites=[town.site], role=StaffRole.site)
    text = browser.get(f"/coordinator/sites/{town.site_id}").text
    assert 'data-mark="present"' in text
    assert "调整到……" not in text
    assert "data-drop" not in text
    assert open_move(browser, town).status_code == 403


@pytest.mark.parametrize(
    ("day", "sentence"),
    [(date(2026, 2, 14), "不开班"), (date(2031, 3, 3), "尚未公布"), (date(2026, 11, 22), "周末")],
)
def test_a_day_without_class_says_why(service: Service, day: date, sentence: str) -> None:
    plain = service.database.write(make_day_town)
    browser = sign_in(service, "plain", [plain.committee])
    text = browser.get("/coordinator", params={"on": day.isoformat()}).text
    assert sentence in text
    assert "这一天没有人要来" in text


def test_a_swapped_workday_names_whose_timetable_runs(service: Service) -> None:
    plain = service.database.write(make_day_town)
    browser = sign_in(service, "swapped", [plain.committee])
    text = browser.get("/coordinator", params={"on": "2026-10-10"}).text
    assert "调休上班日" in text or "请向学校确认" in text


def test_english_readers_get_english(service: Service, town: DayTown) -> None:
    browser = sign_in(service, "smith", [town.committee])
    browser.headers["accept-language"] = "en"
    text = browser.get(f"/coordinator/sites/{town.site_id}").text
    assert "Move to ..." in text
    assert "School day." in text
