"""Moves on the coordinator's pages: a preview first, then all or nothing; a conflict comes with the next best."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.clock import today
from app.models import (
    Placement,
    Slot,
    SlotCapacity,
)
from app.models.enums import (
    ServiceKind,
    WishPart,
)
from tests.app.attendance.day_town import DayTown
from tests.factories import needs, people

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.db import WriteSession
    from tests.support.service import Service


from tests.app.web.coordinator_town import open_move


def commit_move(browser: TestClient, town: DayTown, to: str, **form):
    given = {
        "to": to,
        "from": today().isoformat(),
        "reason": "父母加班",
        "by": "guardian",
        "channel": "phone",
    }
    return browser.post(f"/coordinator/placements/{town.placement_ids['安安']}/move", data=given | form)


def test_a_drop_shows_ratio_distance_siblings_and_places_before_anything_is_done(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    shown = open_move(coordinator, town, drop=f"{town.other_site_id}.")
    assert shown.status_code == 200
    assert "余 3，需要 2" in shown.text
    assert "与本本在一起" in shown.text
    assert "调整前后的人手" in shown.text
    assert "米（步行）" in shown.text
    alone = open_move(coordinator, town, to=f"{town.other_class_id}.wave_1630", chosen="true")
    assert "与本本分开" in alone.text
    with service.database.reading() as session:
        assert session.get_one(Placement, town.placement_ids["安安"]).class_id == town.class_id


def test_a_drop_on_another_wave_of_the_same_site_asks_about_that_wave(
    coordinator: TestClient, town: DayTown
) -> None:
    shown = open_move(coordinator, town, drop=f"{town.site_id}.wave_1800")
    assert f'value="{town.class_id}.wave_1800" selected' in shown.text
    assert "18:00 离校，从" in shown.text
    nowhere = open_move(coordinator, town, drop="999999.wave_1800")
    assert nowhere.status_code == 200
    assert "调整后的变化" not in nowhere.text


def test_a_move_is_made_for_both_and_the_roll_is_told(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    moved = commit_move(
        coordinator, town, f"{town.other_class_id}.wave_1630", along=[town.placement_ids["本本"]]
    )
    assert moved.status_code == 200
    assert moved.headers["hx-trigger"] == "care:ticked"
    with service.database.reading() as session:
        there = select(func.count(Placement.id)).where(Placement.class_id == town.other_class_id)
        assert session.scalar(there) == 2
    text = coordinator.get(f"/coordinator/sites/{town.other_site_id}").text
    assert "安安" in text
    assert "本本" in text


def test_a_full_target_is_answered_with_the_next_best_in_the_same_click(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    def fill(session: WriteSession) -> None:
        slots = select(Slot.id).where(Slot.class_id == town.other_class_id)
        for row in session.scalars(select(SlotCapacity).where(SlotCapacity.slot_id.in_(slots))):
            row.taken = row.capacity

    service.database.write(fill)
    late = commit_move(coordinator, town, f"{town.other_class_id}.wave_1800")
    assert late.status_code == 409
    assert "最后一个名额刚刚被占" in late.text
    assert f'value="{town.class_id}.wave_1800" selected' in late.text
    assert "父母加班" in late.text


def test_a_place_that_others_wait_for_asks_for_an_override(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    def add_rival(session: WriteSession) -> None:
        child = people.make_child(session, people.make_household(session))
        needs.make_need(
            session,
            child,
            ServiceKind.after_school,
            [((today().weekday(),), WishPart.wave_1800)],
            starts_on=today(),
            entered_on=today() - timedelta(days=90),
        )
        slots = select(Slot.id).where(Slot.class_id == town.other_class_id)
        for row in session.scalars(select(SlotCapacity).where(SlotCapacity.slot_id.in_(slots))):
            row.capacity = 1

    service.database.write(add_rival)
    target = f"{town.other_class_id}.wave_1630"
    contested = commit_move(coordinator, town, target)
    assert contested.status_code == 409
    assert 'name="overrides"' in contested.text
    assert commit_move(coordinator, town, target, overrides="true").status_code == 200
