"""A manager weighs a partner's offer on the page: the answer names whom it serves; what cannot be is a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import Area, Person
from app.models.enums import AreaKind, StaffRole
from tests.app.planning.town import add_elder, add_need, make_town
from tests.app.web.test_manager import browse

if TYPE_CHECKING:
    from app.db import WriteSession
    from tests.support.service import Service


def test_an_offer_is_answered_with_the_names_of_those_it_serves(service: Service) -> None:
    def work(session: WriteSession) -> tuple[str, str, str]:
        town = make_town(session, places=0)
        person = session.get_one(
            Person, add_need(session, town, add_elder(session, town), days=(2,)).person_id
        )
        root = session.scalars(select(Area.code).where(Area.kind == AreaKind.subdistrict)).one()
        return root, town.care_class.code, person.name

    root, code, name = service.database.write(work)
    manager = browse(service, StaffRole.manager, [root])
    assert f'<option value="{code}">' in manager.get("/shopping").text
    asked = {"class_code": code, "weekdays": "2", "room": "1", "volunteers": "0"}
    answer = manager.post("/shopping/offer", data=asked)
    assert answer.status_code == 200
    assert "可多解决 1 项需求（目前未解决 1 项）" in answer.text
    assert "周三 · 折合每天 名额 +1" in answer.text
    assert name in answer.text
    nothing = manager.post("/shopping/offer", data=asked | {"room": "0"})
    assert (nothing.status_code, "请至少选一个星期几" in nothing.text) == (422, True)
    closed = manager.post("/shopping/offer", data=asked | {"weekdays": "6"})
    assert (closed.status_code, "不开班" in closed.text) == (409, True)
