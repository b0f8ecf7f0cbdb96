"""Single dates among weekly wishes: they use a week's place at first, then the room that is left on the date itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import today
from app.ledger.commands import recount
from app.models import Placement
from app.models.enums import WishPart
from tests.app.planning.town import add_elder, add_need, make_town, night
from tests.factories.needs import make_dated_need

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from app.db import Database


def _find_monday(weeks: int) -> date:
    first = today() + timedelta(days=(7 - today().weekday()) % 7)
    return first + timedelta(weeks=weeks)


def test_date_finds_the_room_that_a_weekly_place_leaves_before_it_begins(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=1)
        weekly = [
            add_need(session, town, days=(0,), part=WishPart.morning, starts_on=_find_monday(6)).id
            for _ in range(4)
        ]
        early, clash = (
            make_dated_need(session, add_elder(session, town), _find_monday(weeks)).id for weeks in (3, 7)
        )
    result = night(database, tmp_path)
    assert result.exit_code == 0
    assert [problem["name"] for problem in result.report["problems"]] == ["welfare", "dates"]
    with database.reading() as session:
        placed = {row.need_id: row for row in session.scalars(select(Placement))}
        assert recount(session) == []
    assert placed[early].starts_on == placed[early].ends_on == _find_monday(3)
    assert clash not in placed
    assert len(placed.keys() & set(weekly)) == 1
    assert result.report["gates"]["over_capacity"] == 0
