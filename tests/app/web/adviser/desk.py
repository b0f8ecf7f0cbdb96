"""An adviser who signs in, and what a test reads off the desk's pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.models.enums import StaffRole

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.support.service import Service

HTML = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}


def sign_in(service: Service, name: str, area: str, role: StaffRole = StaffRole.adviser) -> TestClient:
    service.add_user(role, [area], name=name)
    browser = service.sign_in(name)
    browser.headers.update(HTML)
    return browser


def find_keys(text: str) -> list[str]:
    """Return the keys of the options that can be taken, in the order shown."""
    return re.findall(r'"key": "([^"]+)"', text)


def find_stamp(text: str) -> str:
    found = re.search(r"live\?stamp=([0-9a-f]+)", text)
    assert found is not None
    return found[1]


def hold(browser: TestClient, need_id: int, key: str):
    return browser.post(f"/desk/needs/{need_id}/hold", data={"key": key})
