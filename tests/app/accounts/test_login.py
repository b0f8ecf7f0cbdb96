"""Signing in: cookie and CSRF token, what ends a login, how guesses are slowed down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.accounts.commands import create_token, disable_user
from app.auth import LOOK_HEADER
from app.clock import now
from app.models import Login, LoginAttempt
from app.models.enums import StaffRole
from tests.support.service import PASSWORD

if TYPE_CHECKING:
    from tests.support.service import Service


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_login_opens_the_door_and_me_says_who(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser = service.sign_in("wang")
    answer = browser.get("/api/me")
    assert answer.status_code == 200
    assert answer.json()["role"] == "adviser"
    assert answer.headers["Cache-Control"] == "no-store"


def test_wrong_password_and_unknown_name_answer_the_same(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    wrong = service.client().post("/api/login", json={"name": "wang", "password": "wrong-password"})
    unknown = service.client().post("/api/login", json={"name": "nobody", "password": "wrong-password"})
    assert code(wrong) == code(unknown) == (401, "wrong_password")
    assert wrong.json() == unknown.json()
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_text_with_a_nul_character_is_named_and_not_a_fault_of_ours(service: Service) -> None:
    refused = service.client().post("/api/login", json={"name": "wa\0ng", "password": "wrong-password"})
    assert code(refused) == (422, "malformed")
    (fault,) = refused.json()["faults"]
    assert fault["path"] == ["body", "name"]
    assert fault["detail"] == "文字中有空字符（NUL），请删去。"


def test_anonymous_is_asked_to_sign_in(service: Service) -> None:
    assert code(service.client().get("/api/me")) == (401, "not_signed_in")


def test_token_is_stored_as_a_hash_only(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser = service.sign_in("wang")
    with service.database.reading() as session:
        stored = session.scalars(select(Login.token_hash)).one()
    assert browser.cookies["carematch"] != stored
    assert len(stored) == 64


def test_unsafe_browser_request_without_csrf_token_is_refused(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser = service.sign_in("wang")
    del browser.headers["X-CSRF-Token"]
    assert code(browser.post("/api/logout")) == (403, "csrf_refused")
    assert browser.get("/api/me").status_code == 200


def test_login_sent_by_another_sites_page_is_refused(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    body = {"name": "wang", "password": PASSWORD}
    answer = service.client({"Origin": "https://elsewhere.example"}).post("/api/login", json=body)
    assert code(answer) == (403, "csrf_refused")


def test_bearer_token_needs_no_csrf_token(service: Service) -> None:
    program = service.as_program(StaffRole.adviser)
    assert program.post("/api/logout").status_code == 204
    assert program.get("/api/me").status_code == 401


def test_bad_bearer_token_does_not_fall_back_to_the_cookie(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser = service.sign_in("wang")
    browser.headers["Authorization"] = "Bearer rubbish"
    assert browser.get("/api/me").status_code == 401


def test_cookie_does_not_serve_as_bearer_token(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    cookie = service.sign_in("wang").cookies["carematch"]
    assert service.client({"Authorization": f"Bearer {cookie}"}).get("/api/me").status_code == 401


def test_login_is_new_each_time_and_dead_after_logout(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    first, second = service.sign_in("wang"), service.sign_in("wang")
    cookie = first.cookies["carematch"]
    assert cookie != second.cookies["carematch"]
    assert first.post("/api/logout").status_code == 204
    kept = service.client({"Cookie": f"carematch={cookie}"})
    assert code(kept.get("/api/me")) == (401, "not_signed_in")
    assert second.get("/api/me").status_code == 200


@pytest.mark.parametrize("page", [False, True], ids=["over the API", "on the page"])
def test_who_signs_in_in_a_browser_ends_the_login_that_it_held(service: Service, page: bool) -> None:
    for name in ("wang", "li"):
        service.add_user(StaffRole.adviser, name=name)
    browser, other = service.sign_in("wang"), service.sign_in("wang")
    cookie = browser.cookies["carematch"]
    held = service.client({"Cookie": f"carematch={cookie}"})
    given = {"name": "li", "password": "wrong"}
    browser.post("/api/login", json=given)
    assert held.get("/api/me").status_code == 200, "a wrong password ends nobody's login"
    given["password"] = PASSWORD
    if page:
        browser.post("/login", data=given, follow_redirects=False)
    else:
        browser.post("/api/login", json=given)
    assert browser.get("/api/me").json()["name"] == "li"
    assert code(held.get("/api/me")) == (401, "not_signed_in")
    assert other.get("/api/me").status_code == 200, "another browser's login goes on"


def test_disabled_user_is_out_at_once(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser, program = service.sign_in("wang"), service.with_token("wang")
    service.database.write(lambda session: disable_user(session, "wang"))
    assert browser.get("/api/me").status_code == 401
    assert program.get("/api/me").status_code == 401
    again = service.client().post("/api/login", json={"name": "wang", "password": PASSWORD})
    assert code(again) == (401, "wrong_password")


@pytest.mark.parametrize(
    ("kind", "aged", "status"),
    [
        ("browser", {"last_seen_at": timedelta(minutes=29)}, 200),
        ("browser", {"last_seen_at": timedelta(minutes=31)}, 401),
        ("browser", {"expires_at": timedelta(hours=12, minutes=1)}, 401),
        ("token", {"last_seen_at": timedelta(minutes=31)}, 200),
        ("token", {"expires_at": timedelta(hours=12)}, 401),
    ],
)
def test_login_ends_when_idle_or_old(
    service: Service, kind: str, aged: dict[str, timedelta], status: int
) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    client = service.sign_in("wang") if kind == "browser" else service.with_token("wang")
    with service.database.reading() as session:
        login = session.scalars(select(Login)).one()
    values = {name: getattr(login, name) - by for name, by in aged.items()}
    service.database.write(lambda session: session.execute(update(Login).values(values)))
    assert client.get("/api/me").status_code == status


def test_use_keeps_a_login_awake(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser = service.sign_in("wang")
    earlier = now() - timedelta(minutes=20)
    service.database.write(lambda session: session.execute(update(Login).values(last_seen_at=earlier)))
    assert browser.get("/api/me").status_code == 200
    with service.database.reading() as session:
        assert session.scalars(select(Login.last_seen_at)).one() > now() - timedelta(minutes=1)


@pytest.mark.parametrize(("looks", "status"), [(True, 401), (False, 200)])
def test_a_page_that_only_looks_by_itself_keeps_no_login_awake(
    service: Service, monkeypatch: pytest.MonkeyPatch, *, looks: bool, status: int
) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    browser = service.sign_in("wang")
    headers = {LOOK_HEADER: "1"} if looks else {}
    began = clock._shift
    for minutes in (10, 20, 29):
        monkeypatch.setattr("app.clock._shift", began + timedelta(minutes=minutes))
        assert browser.get("/api/me", headers=headers).status_code == 200
    monkeypatch.setattr("app.clock._shift", began + timedelta(minutes=31))
    assert browser.get("/api/me", headers=headers).status_code == status


def test_guesses_are_slowed_down_and_a_known_browser_still_gets_in(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    known = service.sign_in("wang")
    body = {"name": "wang", "password": "a wrong guess"}
    answers = [service.client().post("/api/login", json=body) for _ in range(15)]
    assert [a.status_code for a in answers] == [401] * 10 + [429] * 5
    assert int(answers[-1].headers["Retry-After"]) > 200
    right = {"name": "wang", "password": PASSWORD}
    assert service.client().post("/api/login", json=right).status_code == 429
    assert known.post("/api/login", json=right).status_code == 200
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 30


def test_right_password_is_not_counted_as_a_failure(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    for _ in range(12):
        service.sign_in("wang")
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 0


def test_expired_token_is_refused(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    token, _ = service.database.write(lambda s: create_token(s, "wang", timedelta(seconds=-1)))
    assert service.client({"Authorization": f"Bearer {token}"}).get("/api/me").status_code == 401


def test_secure_installation_sets_the_host_prefix(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    settings = service.context.settings
    settings.secure_cookies = True
    try:
        answer = service.client().post("/api/login", json={"name": "wang", "password": PASSWORD})
    finally:
        settings.secure_cookies = False
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-carematch="))
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
    assert "Domain" not in cookie
