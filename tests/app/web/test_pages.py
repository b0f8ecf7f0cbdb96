"""The pages as a browser without scripts sees them: signing in, the plan in force, the map, errors, two languages."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from app.clock import now
from app.language.levels import level_title
from app.models import InheritedFault, Plan, PlanRun, Proposal
from app.models.enums import PlanState, ProposalOutcome, Reason, RunState, ServiceKind, StaffRole
from app.planning.problem import LEVEL_NAMES
from app.reports.proofs import Proof, find_open_level
from tests.factories.areas import make_compound
from tests.factories.needs import make_need
from tests.factories.people import make_person
from tests.support.service import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service

HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


@pytest.fixture
def manager(service: Service) -> TestClient:
    """A manager's browser that has signed in and asks for Chinese pages."""
    service.add_user(StaffRole.manager, name="zhang")
    browser = service.sign_in("zhang")
    browser.headers.update(HTML)
    return browser


def publish(
    session: WriteSession,
    *,
    revoked: int = 0,
    gap: float | None = 0.0001,
    levels: Sequence[float | None] = (),
) -> Plan:
    """Make a published plan; `levels`: the gaps that its night reports of its last levels, those before are exact."""
    gaps = [*[0.0] * (len(LEVEL_NAMES) - len(levels)), *levels]
    proven = [{"name": name, "gap": each} for name, each in zip(LEVEL_NAMES, gaps, strict=True)]
    run = PlanRun(
        effective_on=date(2026, 12, 1),
        state=RunState.published,
        holder="test",
        token=1,
        heartbeat_at=now(),
        started_at=now(),
        report={"problems": [{"levels": proven}]} if levels else {},
    )
    session.add(run)
    session.flush()
    gates = {"revoked": revoked, "split": 0, "over_capacity": 0, "ineligible": 0, "double_booked": 0}
    plan = Plan(
        run_id=run.id,
        effective_on=run.effective_on,
        version=1,
        state=PlanState.published,
        made_at=now(),
        published_at=now(),
        needs_decided=3,
        placed=1,
        unplaced=2,
        gap=gap,
        gates=gates,
    )
    session.add(plan)
    session.flush()
    outcomes = [
        (ProposalOutcome.placed, Reason.placed),
        (ProposalOutcome.unplaced, Reason.full),
        (ProposalOutcome.unplaced, Reason.too_far),
    ]
    for outcome, reason in outcomes:
        need = make_need(session, make_person(session), kind=ServiceKind.day_care)
        session.add(Proposal(plan_id=plan.id, need_id=need.id, outcome=outcome, reason=reason))
    session.add(InheritedFault(plan_id=plan.id, code="ineligible", subject="placement:P1"))
    session.flush()
    return plan


def test_an_unknown_visitor_is_led_to_the_sign_in_page_and_back(service: Service) -> None:
    service.add_user(StaffRole.manager, name="zhang")
    browser = service.client(HTML)
    sent = browser.get("/map", follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/map")
    form = browser.get("/login?next=/map")
    assert 'name="next" value="/map"' in form.text
    data = {"name": "zhang", "password": PASSWORD, "next": "/map"}
    done = browser.post("/login", data=data, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/map")
    assert browser.get("/map").status_code == 200


def test_what_was_asked_for_survives_signing_in_and_the_switch_of_language(service: Service) -> None:
    service.add_user(StaffRole.coordinator, name="lin")
    browser = service.client(HTML)
    wanted = "/coordinator?on=2026-12-02&x=%E7%94%B2"
    sent = browser.get(wanted, follow_redirects=False).headers["location"]
    form = browser.get(sent).text
    (kept,) = re.findall(r'name="next" value="([^"]+)"', form)
    assert html.unescape(kept) == wanted
    data = {"name": "lin", "password": "wrong-password", "next": html.unescape(kept)}
    again = browser.post("/login", data=data).text
    assert re.findall(r'name="next" value="([^"]+)"', again) == [kept]
    (switch,) = re.findall(r'name="back" value="([^"]+)"', again)
    turned = browser.post("/language/en", data={"back": html.unescape(switch)}, follow_redirects=True).text
    assert re.findall(r'name="next" value="([^"]+)"', turned) == [kept]
    done = browser.post("/login", data=data | {"password": PASSWORD}, follow_redirects=False)
    assert done.headers["location"] == wanted
    (back,) = re.findall(r'name="back" value="([^"]+)"', browser.get(wanted).text)
    assert html.unescape(back) == wanted
    assert (
        browser.post("/language/zh", data={"back": wanted}, follow_redirects=False).headers["location"]
        == wanted
    )


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/desk/people/99999999999999999999", 422, "网址中有不符合要求的内容"),
        ("/coordinator?on=2026-02-30", 422, "没有这个日期"),
        ("/plan/proposals?outcome=" + "x" * 21, 422, "网址中有不符合要求的内容"),
    ],
)
def test_an_address_that_cannot_be_is_told_on_a_page(
    service: Service, address: str, status: int, said: str
) -> None:
    role = StaffRole.adviser if address.startswith("/desk") else StaffRole.manager
    service.add_user(role, name="zhang")
    browser = service.sign_in("zhang")
    browser.headers.update(HTML)
    answer = browser.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert said in answer.text
    part = browser.get(address, headers={"hx-request": "true"})
    assert part.headers["content-type"] == "application/problem+json"


def test_a_form_that_cannot_be_is_told_on_a_page(service: Service) -> None:
    answer = service.client(HTML).post("/login", data={"name": "x" * 61, "password": PASSWORD})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "填写的内容有不符合要求的地方：太长。" in answer.text
    assert "x" * 61 not in answer.text


@pytest.mark.parametrize(
    "fault",
    [RuntimeError("13877776543"), OperationalError("select 13877776543", {}, Exception("13877776543"))],
)
def test_a_fault_of_the_program_is_a_page_with_its_number_in_the_log(
    manager: TestClient, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("app.web.map.pages.render", fail)
    shown = manager.get("/map?x=13877776543")
    assert (shown.status_code, shown.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "系统内部出错" in shown.text
    assert f"日志编号: {shown.headers['X-Request-Mark']}" in shown.text
    assert "select" not in shown.text
    assert "13877776543" not in shown.text.replace("/map?x=13877776543", "")


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_signing_in_never_leads_to_another_site(service: Service, elsewhere: str) -> None:
    service.add_user(StaffRole.manager, name="zhang")
    data = {"name": "zhang", "password": PASSWORD, "next": elsewhere}
    done = service.client(HTML).post("/login", data=data, follow_redirects=False)
    assert done.headers["location"] == "/"


def test_a_wrong_password_is_told_on_the_form_and_the_name_is_kept(service: Service) -> None:
    service.add_user(StaffRole.manager, name="zhang")
    answer = service.client(HTML).post("/login", data={"name": "zhang", "password": "wrong-password"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'value="zhang"' in answer.text


def test_a_nul_character_in_a_form_is_told_on_a_page(service: Service) -> None:
    data = {"name": "zh\0ang", "password": PASSWORD}
    answer = service.client(HTML).post("/login", data=data)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "提交的文字中有空字符（NUL），请删去后重新提交。" in answer.text


def test_a_form_sent_by_another_site_is_refused(service: Service) -> None:
    service.add_user(StaffRole.manager, name="zhang")
    data = {"name": "zhang", "password": PASSWORD}
    answer = service.client(HTML | {"origin": "https://evil.example"}).post("/login", data=data)
    assert answer.status_code == 403


def test_the_first_page_says_that_there_is_no_plan_yet(manager: TestClient) -> None:
    assert "还没有方案" in manager.get("/").text


def test_the_first_page_shows_gates_reasons_and_what_was_wrong_before(
    manager: TestClient, service: Service
) -> None:
    service.database.write(publish)
    text = manager.get("/").text
    assert "方案已生效，没有收回任何已承诺的名额" in text
    assert "名额已满" in text
    assert "步行太远" in text
    assert "<td>P1</td>" in text
    assert "不存在比它好 0.010% 以上的方案" in text


def test_a_touched_gate_is_never_shown_as_clean(manager: TestClient, service: Service) -> None:
    service.database.write(lambda session: publish(session, revoked=1, gap=0.0))
    text = manager.get("/").text
    assert "任何一级都没有更好的方案" in text
    assert "没有收回任何" not in text
    assert "但触及了底线检查" in text


def test_a_wide_gap_is_told_with_its_figure(manager: TestClient, service: Service) -> None:
    service.database.write(lambda session: publish(session, gap=0.18845))
    assert "不存在比它好 18.845% 以上的方案" in manager.get("/").text


def test_levels_that_are_proven_best_are_told_apart_from_the_later_ones(
    manager: TestClient, service: Service
) -> None:
    service.database.write(lambda session: publish(session, gap=0.0406, levels=(0.0406, 0.01)))
    text = manager.get("/").text
    assert "在公布次序的 15 级中，前 13 级都没有更好的方案" in text
    assert "从“步行米数”起，不存在比它好 4.060% 以上的方案" in text
    manager.post("/language/en", data={"back": "/"})
    text = manager.get("/").text
    assert "on the first 13 of 15 levels of the published order no plan is better" in text
    assert "The first open one: metres walked. From there on none is better by more than 4.060%" in text


def test_a_level_without_a_proof_is_named(manager: TestClient, service: Service) -> None:
    service.database.write(lambda session: publish(session, gap=None, levels=(None, None)))
    text = manager.get("/").text
    assert "前 13 级都没有更好的方案" in text
    assert "“步行米数”及其后各级离最优还有多远，没有得到证明" in text


@pytest.mark.parametrize("levels", [(0.0406, *[0.0] * 14), [0.0] * 15])
def test_what_is_open_from_the_first_level_on_is_told_with_its_figure_alone(
    manager: TestClient, service: Service, levels: Sequence[float]
) -> None:
    service.database.write(lambda session: publish(session, gap=0.0406, levels=levels))
    text = manager.get("/").text
    assert "不存在比它好 4.060% 以上的方案" in text
    assert "公布次序" not in text


def test_a_level_is_proven_where_every_problem_of_the_night_proves_it(service: Service) -> None:
    def work(session: WriteSession) -> None:
        plan = publish(session, levels=(0.01, 0.0))
        run = session.get_one(PlanRun, plan.run_id)
        other = {"levels": [{"name": name, "gap": 0.5 * (name == "rank")} for name in LEVEL_NAMES]}
        run.report = {"problems": [*run.report["problems"], other]}
        session.flush()
        assert find_open_level(session, plan) == Proof(exact=12, levels=15, name="rank")

    service.database.write(work)


def test_every_level_of_the_published_order_has_a_name() -> None:
    for language in ("zh", "en"):
        names = [level_title(name, language) for name in LEVEL_NAMES]
        assert len(set(names)) == len(LEVEL_NAMES)
        assert all(bool(re.search(r"[\u4e00-\u9fff]", name)) == (language == "zh") for name in names)


def test_the_switch_turns_every_page_to_english_and_stays(manager: TestClient, service: Service) -> None:
    service.database.write(publish)
    done = manager.post("/language/en", data={"back": "/"}, follow_redirects=False)
    assert done.headers["location"] == "/"
    text = manager.get("/").text
    assert "nothing was taken away" in text
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", text))
    assert chinese == {"中文"}


def test_the_map_and_its_lists_hold_the_same(manager: TestClient, service: Service) -> None:
    service.database.write(make_compound)
    data = manager.get("/map/data.json").json()
    text = manager.get("/map").text
    assert [row["name"] for row in data["compounds"]]
    assert all(row["name"] in text for row in data["compounds"] + data["sites"])


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(manager: TestClient) -> None:
    shown = manager.get("/nowhere")
    assert shown.status_code == 404
    assert "没有成功" in shown.text
    told = manager.get("/api/nowhere", headers={"accept": "application/json"})
    assert told.headers["content-type"] == "application/problem+json"


def test_pages_load_nothing_from_elsewhere_and_say_so(manager: TestClient) -> None:
    answer = manager.get("/map")
    links = re.findall(r'(?:src|href|action|data-source)="([^"]+)"', answer.text)
    assert len(links) > 5
    assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in links)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assets = [link for link in links if link.startswith("/assets/")]
    assert all(manager.get(link).status_code == 200 for link in assets)
    assert manager.get("/assets/000000000000/care.css").status_code == 404


def test_signing_out_kills_the_login(manager: TestClient) -> None:
    assert manager.post("/logout").headers["hx-redirect"] == "/login"
    assert manager.get("/", follow_redirects=False).status_code == 303
