"""The adviser's day as a browser without scripts sees it: the morning, options, hold, confirm, undo, wait, print."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar
from pypdf import PdfReader
from sqlalchemy import select

from app.clock import now, today
from app.models import Booking, Need, NeedPattern, Person, Placement
from app.models.enums import BookingState, GroupKind, NeedState, Origin, PlacementState, ServiceKind, WishPart
from tests.app.web.adviser.desk import find_keys, find_stamp, hold, sign_in
from tests.app.web.adviser.town import PHONE, Town, make_offer
from tests.factories.needs import make_dated_need, make_group, make_need

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service


def test_the_morning_lists_what_is_due_and_ticks_it_off(
    adviser: TestClient, service: Service, town: Town
) -> None:
    service.database.write(
        lambda session: make_offer(session, town, now() - timedelta(days=1), now() + timedelta(minutes=1))
    )
    noted = adviser.post(
        f"/desk/people/{town.elder_id}/consultations",
        data={"asked": "想了解日托", "told": "", "agreed": "", "follow_up_on": today().isoformat()},
    )
    assert "已记录" in noted.text
    text = adviser.get("/desk").text
    assert "今天到期的待答复安排 (1)" in text.replace("（", " (").replace("）", ")")
    assert "要回访的人 (1)" in text
    assert "30 天内评估到期 (1)" in text
    done = re.search(r"/desk/follow-ups/\d+/done", text)
    assert done is not None
    assert adviser.post(done[0]).status_code == 200
    assert "要回访的人 (0)" in adviser.get("/desk").text


def test_options_are_ranked_and_each_nearer_site_has_its_true_reason(adviser: TestClient, town: Town) -> None:
    text = adviser.get(f"/desk/needs/{town.dated_id}").text
    assert text.index(town.near) < text.index(town.far)
    assert "18.00 元" in text
    assert town.strict in text
    assert "现在 76 岁，满 90 岁才收。" in text
    assert len(find_keys(text)) == 2


def test_hold_confirm_and_undo_take_one_click_each(adviser: TestClient, service: Service, town: Town) -> None:
    key = find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0]
    held = hold(adviser, town.dated_id, key)
    assert held.status_code == 200
    assert "已为该居民保留" in held.text
    booked = adviser.post(f"/desk/needs/{town.dated_id}/confirm")
    assert "已预约" in booked.text
    undo = re.search(rf"/desk/needs/{town.dated_id}/bookings/\d+/cancel", booked.text)
    assert undo is not None
    again = adviser.post(undo[0])
    assert "已撤销，名额放回" in again.text
    assert find_keys(again.text)[0] == key
    with service.database.reading() as session:
        assert session.scalars(select(Booking)).one().state is BookingState.cancelled
        assert session.get_one(Need, town.dated_id).state is NeedState.open


@pytest.mark.parametrize("other", ["confirm", "release"])
@pytest.mark.parametrize("mine", ["confirm", "release"])
def test_what_another_tab_did_with_the_hold_is_said(
    adviser: TestClient, service: Service, town: Town, other: str, mine: str
) -> None:
    key = find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0]
    hold(adviser, town.dated_id, key)
    adviser.post(f"/desk/needs/{town.dated_id}/{other}")
    late = adviser.post(f"/desk/needs/{town.dated_id}/{mine}")
    assert late.status_code == 409
    assert "没有保留着的名额了" in late.text
    assert ("撤销这次预约" in late.text) == (other == "confirm"), "the answer shows what stands now"


def test_a_released_hold_gives_the_place_back(adviser: TestClient, town: Town) -> None:
    key = find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0]
    hold(adviser, town.dated_id, key)
    assert "已取消保留" in adviser.post(f"/desk/needs/{town.dated_id}/release").text
    assert hold(adviser, town.rival_id, key).status_code == 200


def test_the_second_to_want_the_last_place_is_told_the_next_best_in_the_same_click(
    adviser: TestClient, town: Town
) -> None:
    key = find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0]
    assert hold(adviser, town.rival_id, key).status_code == 200
    late = hold(adviser, town.dated_id, key)
    assert late.status_code == 409
    assert f"{town.near}最后一个名额刚刚被约走，接下来最合适的是{town.far}。" in late.text
    assert "已满" in late.text
    assert hold(adviser, town.dated_id, find_keys(late.text)[0]).status_code == 200


def test_a_clash_is_named_by_site_and_hours_not_by_a_code(
    adviser: TestClient, service: Service, town: Town
) -> None:
    def ask_again(session) -> int:
        person = session.get_one(Person, town.elder_id)
        kind, part = ServiceKind.canteen, WishPart.lunch
        return make_dated_need(session, person, town.tomorrow, kind, part, entered_on=today()).id

    second = service.database.write(ask_again)
    key = find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0]
    hold(adviser, town.dated_id, key)
    adviser.post(f"/desk/needs/{town.dated_id}/confirm")
    refused = hold(adviser, second, find_keys(adviser.get(f"/desk/needs/{second}").text)[0])
    assert refused.status_code == 409
    assert re.search(rf"同一时间已有安排（{town.near} \d+月\d+日 周. 11:00-13:00）", refused.text)


def test_a_weekly_clash_is_named_by_site_and_days_not_by_a_code(
    adviser: TestClient, service: Service, town: Town
) -> None:
    def ask_for_the_offered_lunch_again(session) -> int:
        mask = session.scalar(select(NeedPattern.weekdays).where(NeedPattern.need_id == town.offered_id))
        days = tuple(i for i in range(7) if mask >> i & 1)
        patterns = [(days, WishPart.lunch)]
        person = session.get_one(Person, town.elder_id)
        return make_need(
            session, person, ServiceKind.canteen, patterns, starts_on=today(), entered_on=today()
        ).id

    second = service.database.write(ask_for_the_offered_lunch_again)
    withdraw(service, town.rival_weekly_id)
    page = adviser.get(f"/desk/needs/{second}").text
    assert re.search(rf"这个时间本人已有安排： *{town.far} · 周. 午餐", page)  # said before anything is tried
    refused = place(adviser, second, find_keys(page)[0])
    assert refused.status_code == 409
    assert re.search(rf"同一时间已有安排（{town.far} 周. 午餐）", refused.text), refused.text


def test_two_advisers_see_each_others_bookings(adviser: TestClient, service: Service, town: Town) -> None:
    other = sign_in(service, "lin", town.committee)
    seen = adviser.get(f"/desk/needs/{town.dated_id}").text
    live = f"/desk/needs/{town.dated_id}/live?stamp={find_stamp(seen)}"
    assert adviser.get(live).status_code == 204
    hold(other, town.rival_id, find_keys(seen)[0])
    changed = adviser.get(live)
    assert changed.status_code == 200
    assert "已满" in changed.text


def place(browser: TestClient, need_id: int, key: str):
    data = {"key": key, "by": "self", "channel": "desk", "reason": "居民到窗口办理"}
    return browser.post(f"/desk/needs/{need_id}/place", data=data)


def withdraw(service: Service, need_id: int) -> None:
    def work(session) -> None:
        session.get_one(Need, need_id).state = NeedState.withdrawn

    service.database.write(work)


def test_a_weekly_place_is_given_after_asking_who_says_yes_and_can_be_undone(
    adviser: TestClient, service: Service, town: Town
) -> None:
    withdraw(service, town.rival_weekly_id)
    key = find_keys(adviser.get(f"/desk/needs/{town.weekly_id}").text)[0]
    asked = adviser.post(f"/desk/needs/{town.weekly_id}/choose", data={"key": key})
    assert "确认之前不会占用名额" in asked.text
    given = place(adviser, town.weekly_id, key)
    assert given.status_code == 200, given.text
    assert "已安排" in given.text
    assert "周一" in adviser.get(f"/desk/people/{town.elder_id}").text
    undo = re.search(rf"/desk/needs/{town.weekly_id}/placements/\d+/undo", given.text)
    assert undo is not None
    assert "已撤销" in adviser.post(undo[0]).text
    with service.database.reading() as session:
        row = session.scalars(select(Placement).where(Placement.need_id == town.weekly_id)).one()
        assert row.state not in {PlacementState.confirmed, PlacementState.active}


@pytest.mark.parametrize("begun", [False, True])
def test_a_place_that_a_plan_gave_or_that_has_begun_is_not_undone_by_one_click(
    adviser: TestClient, service: Service, town: Town, *, begun: bool
) -> None:
    def confirm(session) -> None:
        row = session.get_one(Placement, town.placement_id)
        row.state, row.confirmed_at, row.confirmed_by = PlacementState.confirmed, now(), "本人"
        if begun:
            row.origin, row.starts_on = Origin.desk, today()

    service.database.write(confirm)
    address = f"/desk/needs/{town.offered_id}/placements/{town.placement_id}/undo"
    assert address not in adviser.get(f"/desk/needs/{town.offered_id}").text
    refused = adviser.post(address)
    assert refused.status_code == 409
    assert "其他名额须写明理由后结束" in refused.text
    with service.database.reading() as session:
        assert session.get_one(Placement, town.placement_id).state is PlacementState.confirmed


def test_a_contested_place_is_left_to_the_night_and_the_waitlist_says_why(
    adviser: TestClient, town: Town
) -> None:
    key = find_keys(adviser.get(f"/desk/needs/{town.rival_weekly_id}").text)[0]
    refused = place(adviser, town.rival_weekly_id, key)
    assert refused.status_code == 409
    assert "今晚统一安排" in refused.text
    assert "加入这里的等候名单" in refused.text
    wait = f"/desk/needs/{town.rival_weekly_id}/wait"
    waits = adviser.post(wait, data={"service_id": town.day_service_id})
    assert "第 1 位，共 1 位" in waits.text
    assert "优先 1 级" in waits.text
    adviser.post(f"/desk/needs/{town.weekly_id}/wait", data={"service_id": town.day_service_id})
    second = adviser.get(f"/desk/needs/{town.rival_weekly_id}").text
    assert "第 2 位，共 2 位" in second
    assert "1 位等级更高" in second
    assert adviser.post(wait, data={"service_id": town.day_service_id}).status_code == 409
    leave = re.search(rf"/desk/needs/{town.rival_weekly_id}/waits/\d+/leave", second)
    assert leave is not None
    assert "已退出等候" in adviser.post(leave[0]).text


@pytest.mark.parametrize(("says", "state"), [("yes", "confirmed"), ("no", "declined")])
def test_an_offer_is_answered_at_the_desk(
    adviser: TestClient, service: Service, town: Town, says: str, state: str
) -> None:
    def send(session) -> None:
        make_offer(session, town, now() - timedelta(days=1), now() + timedelta(hours=2))

    if says == "yes":  # what was told outside the program has no offer row; its yes and no count all the same
        service.database.write(send)
    text = adviser.get(f"/desk/needs/{town.offered_id}").text
    assert "谁答复" in text
    data = {"says": says, "by": "self", "channel": "phone"}
    answered = adviser.post(f"/desk/needs/{town.offered_id}/placements/{town.placement_id}/answer", data=data)
    assert answered.status_code == 200
    with service.database.reading() as session:
        assert session.get_one(Placement, town.placement_id).state == state


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (None, "同意已登记；服务点也同意后，名额才确定。"),
        (GroupKind.siblings, "同意已登记；服务点也同意后，名额才确定。"),
        (GroupKind.twins, "服务点不同意其中一人，其他人的名额也一并取消。"),
    ],
)
def test_page_says_whose_yes_is_missing(
    adviser: TestClient, service: Service, town: Town, kind: GroupKind | None, said: str
) -> None:
    assert said not in adviser.get(f"/desk/needs/{town.offered_id}").text

    def note_yes(session) -> None:
        session.get_one(Placement, town.placement_id).confirmed_at = now()
        if kind is not None:
            make_group(session, kind, [session.get_one(Need, town.offered_id)])

    service.database.write(note_yes)
    assert said in adviser.get(f"/desk/needs/{town.offered_id}").text


def test_nobody_unnamed_answers_an_offer(adviser: TestClient, service: Service, town: Town) -> None:
    address = f"/desk/needs/{town.offered_id}/placements/{town.placement_id}/answer"
    blank = adviser.post(address, data={"says": "yes", "by": "  ", "channel": "phone"})
    assert blank.status_code == 422
    with service.database.reading() as session:
        assert session.get_one(Placement, town.placement_id).state is PlacementState.offered


def test_a_new_need_without_a_day_keeps_the_form_and_with_one_leads_to_its_options(
    adviser: TestClient, town: Town
) -> None:
    assert "需要什么服务" in adviser.get(f"/desk/people/{town.elder_id}/needs/new").text
    data = {"kind": "canteen", "rhythm": "weekly", "part": "lunch", "note": "清淡", "starts_on": ""}
    fault = adviser.post(f"/desk/people/{town.elder_id}/needs", data=data)
    assert fault.status_code == 422
    assert "至少勾选一个" in fault.text
    assert "清淡" in fault.text
    wrong = adviser.post(
        f"/desk/people/{town.elder_id}/needs", data=data | {"weekdays": ["0"], "part": "morning"}
    )
    assert wrong.status_code == 422
    once = {"rhythm": "dated", "occurs_on": "2020-01-01"}
    past = adviser.post(f"/desk/people/{town.elder_id}/needs", data=data | once)
    assert past.status_code == 422
    assert "2020-01-01 已经过去" in past.text
    done = adviser.post(f"/desk/people/{town.elder_id}/needs", data=data | {"weekdays": ["0", "2"]})
    assert done.status_code == 201
    first = done.headers["hx-redirect"]
    assert "周一、三 午餐" in adviser.get(first).text
    again = adviser.post(f"/desk/people/{town.elder_id}/needs", data=data | {"weekdays": ["0", "2"]})
    assert again.status_code == 409
    assert f'<a href="{first}">查看那条需求</a>' in again.text
    meant = data | {"weekdays": ["0", "2"], "is_another": "true"}
    assert adviser.post(f"/desk/people/{town.elder_id}/needs", data=meant).status_code == 201


def test_the_map_and_its_list_hold_the_same_and_say_what_rings_are(adviser: TestClient, town: Town) -> None:
    text = adviser.get(f"/desk/people/{town.elder_id}/map").text
    drawn = adviser.get(f"/desk/people/{town.elder_id}/map.json").json()
    assert "圆圈是直线距离" in text
    assert drawn["is_graph"] is False
    assert all(row["name"] in text for row in drawn["sites"])
    bands = {row["name"]: row["band"] for row in drawn["sites"]}
    assert (bands[town.strict], bands[town.near]) == (300, 300)
    assert bands[town.far] in {500, 1000}


def test_the_notice_the_plan_and_the_calendar_hold_the_booking(adviser: TestClient, town: Town) -> None:
    hold(adviser, town.dated_id, find_keys(adviser.get(f"/desk/needs/{town.dated_id}").text)[0])
    adviser.post(f"/desk/needs/{town.dated_id}/confirm")
    for address in (f"/desk/needs/{town.dated_id}/notice.pdf", f"/desk/people/{town.elder_id}/plan.pdf"):
        paper = adviser.get(address)
        assert paper.headers["content-type"] == "application/pdf"
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
        text = re.sub(r"[\s\x00]", "", text)
        assert town.near in text
        assert PHONE not in text
    calendar = Calendar.from_ical(adviser.get(f"/desk/people/{town.elder_id}/calendar.ics").content)
    starts = [event.decoded("dtstart").date() for event in calendar.walk("VEVENT")]
    assert town.tomorrow in starts


def test_english_pages_hold_no_chinese_but_names(adviser: TestClient, town: Town) -> None:
    adviser.post("/language/en", data={"back": "/desk"}, follow_redirects=False)
    for address in (
        "/desk",
        f"/desk/people/{town.elder_id}",
        f"/desk/needs/{town.dated_id}",
        f"/desk/needs/{town.offered_id}",
        f"/desk/people/{town.elder_id}/needs/new",
        f"/desk/people/{town.elder_id}/map",
    ):
        text = adviser.get(address).text
        chinese = set(re.findall(r"[\u4e00-\u9fff]+", text))
        assert {word for word in chinese if not word.startswith("测试")} <= {"中文", "王桂英", "号"}, address
