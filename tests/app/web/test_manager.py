"""The manager's morning: deciding on a draft, rolling back, and who may not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.models import AuditRow, Placement, Plan
from app.models.enums import PlacementState, PlanState, ProposalOutcome, Reason, StaffRole, Stairs, WishPart
from tests.app.web.manager_town import add_need, add_proposal, days_ago, make_plan, make_town
from tests.factories import areas, needs, people

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service

HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


def browse(service: Service, role: StaffRole, areas: list[str]) -> TestClient:
    browser = service.sign_in(service.add_user(role, areas).name)
    browser.headers.update(HTML)
    return browser


def set_up(service: Service, *states: PlanState) -> tuple[str, str, list[int]]:
    """Make the town with plans in these states; return the root's and the block's code, and the plans' ids."""

    def work(session: WriteSession) -> tuple[str, str, list[int]]:
        town = make_town(session)
        made = [make_plan(session, town, state, later=i).id for i, state in enumerate(states)]
        return town.root, town.block, made

    return service.database.write(work)


def states(service: Service, plan_id: int) -> set[PlacementState]:
    with service.database.reading() as session:
        return set(session.scalars(select(Placement.state).where(Placement.plan_id == plan_id)))


def test_a_waiting_draft_stands_first_and_one_click_publishes_it(service: Service) -> None:
    root, _, (plan_id,) = set_up(service, PlanState.draft)
    manager = browse(service, StaffRole.manager, [root])
    text = manager.get("/").text
    assert text.index("有一份方案等您决定") < text.index("还没有方案")
    assert "批准不会收回任何名额" in text
    answer = manager.post(f"/plan/{plan_id}/approve")
    assert answer.status_code == 200
    assert "已发布：预留 2 个名额，其中 0 个已发出通知" in answer.text
    assert "方案已生效，没有收回任何已承诺的名额" in answer.text
    assert "有一份方案等您决定" not in answer.text
    assert states(service, plan_id) == {PlacementState.proposed}


def test_deciding_twice_is_told_in_a_sentence_and_changes_nothing(service: Service) -> None:
    root, _, (plan_id,) = set_up(service, PlanState.draft)
    manager = browse(service, StaffRole.manager, [root])
    manager.post(f"/plan/{plan_id}/approve")
    answer = manager.post(f"/plan/{plan_id}/approve")
    assert answer.status_code == 409
    assert "这份方案现已是“已公布”" in answer.text
    assert 'role="alert"' in answer.text
    late = manager.post(f"/plan/{plan_id}/reject", data={"reason": "名额有误"})
    assert (late.status_code, "这份方案现已是“已公布”" in late.text) == (409, True)
    assert states(service, plan_id) == {PlacementState.proposed}


def test_rejecting_needs_a_reason_and_keeps_it(service: Service) -> None:
    root, _, (plan_id,) = set_up(service, PlanState.draft)
    manager = browse(service, StaffRole.manager, [root])
    refused = manager.post(f"/plan/{plan_id}/reject", data={"reason": " "})
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert states(service, plan_id) == {PlacementState.draft}
    answer = manager.post(f"/plan/{plan_id}/reject", data={"reason": "日托名额有误"})
    assert "已退回。草案没有预留任何名额" in answer.text
    with service.database.reading() as session:
        assert session.get_one(Plan, plan_id).state is PlanState.rejected
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "plan.reject")).one()
        assert noted.reason == "日托名额有误"
        assert "日托" not in json.dumps(noted.data, ensure_ascii=False)  # the chain holds its digest only


def test_rolling_back_says_first_what_it_does_and_takes_no_promise(service: Service) -> None:
    root, _, (plan_id,) = set_up(service, PlanState.draft)
    manager = browse(service, StaffRole.manager, [root])
    manager.post(f"/plan/{plan_id}/approve")

    def promise(session: WriteSession) -> None:
        row = session.scalars(select(Placement).where(Placement.plan_id == plan_id)).first()
        assert row is not None
        row.state = PlacementState.offered

    service.database.write(promise)
    asked = manager.get(f"/plan/{plan_id}/roll-back").text
    assert "撤回 1 个尚未通知任何人的安排" in asked
    assert "已通知或已确认的 1 个名额保持不变" in asked
    assert states(service, plan_id) == {PlacementState.proposed, PlacementState.offered}
    answer = manager.post(f"/plan/{plan_id}/roll-back", data={"reason": "容量有误"})
    assert "方案已回退：1 个安排取消" in answer.text
    assert "当前没有生效的方案" in answer.text
    assert states(service, plan_id) == {PlacementState.withdrawn, PlacementState.offered}


@pytest.mark.parametrize("role", [role for role in StaffRole if role is not StaffRole.manager])
def test_others_read_the_page_and_have_no_buttons(service: Service, role: StaffRole) -> None:
    root, _, (plan_id,) = set_up(service, PlanState.draft)
    other = browse(service, role, [root])
    text = other.get("/").text
    assert "等待负责人决定" in text
    assert f"/plan/{plan_id}/approve" not in text
    assert other.post(f"/plan/{plan_id}/approve").status_code == 403
    assert other.get(f"/plan/{plan_id}/roll-back").status_code == 403
    assert states(service, plan_id) == {PlacementState.draft}


def test_a_manager_of_one_block_does_not_decide_for_the_subdistrict(service: Service) -> None:
    _, block, (plan_id,) = set_up(service, PlanState.draft)
    manager = browse(service, StaffRole.manager, [block])
    assert f"/plan/{plan_id}/approve" not in manager.get("/").text
    for act in ("approve", "reject", "roll-back"):
        assert manager.post(f"/plan/{plan_id}/{act}", data={"reason": "试试"}).status_code == 403
    assert states(service, plan_id) == {PlacementState.draft}


def test_the_list_says_of_each_person_what_was_decided_and_why(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, str]:
        town = make_town(session)
        plan = make_plan(session, town, PlanState.published)
        options = [
            {"service": town.service.code, "reason": "care_grade_too_low", "grade": 1, "from_grade": 2},
            {
                "service": town.service.code,
                "reason": "too_far",
                "metres": 785,
                "cost_metres": 1020,
                "limit_metres": 1000,
                "over_metres": 20,
            },
        ]
        far = add_need(session, town, "赵远")
        add_proposal(session, plan, far, ProposalOutcome.unplaced, Reason.too_far, options=options)
        gone = add_need(session, town, "钱晚")
        row = add_proposal(session, plan, gone, ProposalOutcome.displaced, Reason.full)
        row.class_id, row.part, row.weekdays = town.care_class.id, WishPart.morning, 1
        return town.root, town.service.name_zh

    root, name = service.database.write(work)
    manager = browse(service, StaffRole.manager, [root])
    text = manager.get("/plan/proposals").text
    assert "李大爷" in text
    assert "王桂英" not in text
    far = text[text.index("赵远") :]
    assert f"{name}：步行 785 米，计入爬楼和步速后相当于 1,020 米" in far
    assert far.index("步行 785 米") < far.index("查看全部选项（2）") < far.index("评估为 1 级")
    narrowed = manager.get("/plan/proposals?outcome=unplaced&reason=too_far&kind=day_care&service=").text
    assert "赵远" in narrowed
    assert "李大爷" not in narrowed
    displaced = manager.get("/plan/proposals?outcome=displaced").text
    assert f"原定{name}，周一 上午；期间名额已被预约" in displaced
    placed = manager.get("/plan/proposals?outcome=placed").text
    assert placed.count(f"已安排：{name}，周一 上午") == 2


def test_the_list_holds_only_people_of_the_readers_areas_and_pages(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, str]:
        town, other = make_town(session), make_town(session)
        plan = make_plan(session, town, PlanState.published)
        for number in range(35):
            need = add_need(session, other, f"丁{number:02}号")
            add_proposal(session, plan, need, ProposalOutcome.unplaced, Reason.full)
        return town.block, other.block

    here, there = service.database.write(work)
    mine = browse(service, StaffRole.adviser, [here]).get("/plan/proposals").text
    assert "李大爷" in mine
    assert "/desk/people/" in mine
    assert "丁0" not in mine
    adviser = browse(service, StaffRole.adviser, [there])
    first = adviser.get("/plan/proposals").text
    assert "李大爷" not in first
    assert ("丁29号" in first, "丁30号" in first) == (True, False)
    following = re.search(r'href="(/plan/proposals\?outcome=unplaced&amp;after=\d+)"', first)
    assert following is not None
    second = adviser.get(following[1].replace("&amp;", "&")).text
    assert ("丁29号" in second, "丁30号" in second, "丁34号" in second) == (False, True, True)


@pytest.mark.parametrize("role", [StaffRole.site, StaffRole.admin])
def test_who_sees_no_people_by_area_gets_no_list(service: Service, role: StaffRole) -> None:
    root, _, _ = set_up(service, PlanState.published)
    assert browse(service, role, [root]).get("/plan/proposals").status_code == 403


def test_coverage_names_gaps_fixes_and_lifts_and_colours_the_map(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, str, str]:
        town = make_town(session)
        plan = make_plan(session, town, PlanState.published)
        options = [{"service": town.service.code, "reason": "no_way_down", "floor": 5}]
        resource = f"{town.cells[0].code}/places@2026-12-01"
        full = [
            {
                "service": town.service.code,
                "weekdays": 1,
                "part": "morning",
                "reason": "full",
                "resource": resource,
                "short_by": 1,
            }
        ]
        for number in range(6):
            need = add_need(session, town, f"周{number}")
            add_proposal(session, plan, need, ProposalOutcome.unplaced, Reason.full, options=full)
        building = areas.make_building(session, town.compound)
        household = people.make_household(session, town.compound, building=building, floor=5)
        homebound = needs.make_need(session, people.make_elder(session, household, stairs=Stairs.no))
        add_proposal(session, plan, homebound, ProposalOutcome.unplaced, Reason.no_way_down, options=options)
        return town.root, town.service.name_zh, building.name

    root, name, building = service.database.write(work)
    manager = browse(service, StaffRole.manager, [root])
    text = manager.get("/coverage").text
    assert f"{name}扩容：最缺周一上午的名额（其中 6 个需求的首个选项）" in text
    assert "补齐" not in text
    assert building in text[text.index("在哪里加装电梯帮助最大") :]
    assert "没有步行路网" in text
    data = manager.get("/map/data.json?kind=day_care").json()
    (compound,) = data["compounds"]
    assert compound["band"] == "near"
    assert compound["reach"].startswith("日托：")
    assert "band" not in manager.get("/map/data.json").json()["compounds"][0]
    assert 'value="day_care" selected' in manager.get("/map?kind=day_care").text


def test_unmet_lists_lead_from_counts_to_people(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, str]:
        town = make_town(session)
        add_need(session, town, "孙久等", entered_on=days_ago(40))
        add_need(session, town, "李新来", entered_on=days_ago(20))
        return town.root, town.block

    root, block = service.database.write(work)
    manager = browse(service, StaffRole.manager, [root])
    top = manager.get("/unmet").text
    assert ("孙久等" in top, "李新来" in top) == (True, False)
    assert f"/unmet?level=block&amp;block={block}" in top
    of_block = manager.get(f"/unmet?level=block&block={block}").text
    assert ("孙久等" in of_block, "李新来" in of_block) == (False, True)
    assert "尚未指定" in of_block


@pytest.mark.parametrize("address", ["/plan/proposals", "/coverage", "/unmet"])
def test_empty_town_has_pages_that_say_so_in_both_languages(service: Service, address: str) -> None:
    auditor = browse(service, StaffRole.auditor, [])
    assert auditor.get(address).status_code == 200
    auditor.post("/language/en", data={"back": "/"}, follow_redirects=False)
    english = auditor.get(address)
    assert english.status_code == 200
    assert set(re.findall(r"[\u4e00-\u9fff]+", english.text)) == {"中文"}
