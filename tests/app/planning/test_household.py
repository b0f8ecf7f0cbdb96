"""One household, one plan: grandmother's day care and the grandson's handover share her afternoon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import today
from app.models import Need, Placement, Proposal
from app.models.enums import CalendarClass, CapacityKind, Part, ServiceKind, WishPart
from tests.app.planning.town import add_need, make_town, night
from tests.factories.needs import make_need, to_bits
from tests.factories.people import make_child, make_elder, make_household, make_person, make_pickup
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database

WAVES = (Part.wave_1630, Part.wave_1700, Part.wave_1800)


@pytest.mark.parametrize("has_other_adult", [False, True])
def test_handover_and_day_care_of_the_only_adult_do_not_meet(
    database: Database, tmp_path: Path, has_other_adult: bool
) -> None:
    with database.writing() as session:
        town = make_town(session, places=5)
        after = make_service(
            session,
            ServiceKind.after_school,
            calendar_class=CalendarClass.workdays,
            held_back_places=0,
            sends_offers=False,
        )
        make_week(session, make_class(session, after), parts=WAVES, capacities={CapacityKind.places: 9})
        household = make_household(session, town.compound)
        grandmother = make_elder(session, household)
        child = make_child(session, household)
        make_pickup(session, child, grandmother)
        if has_other_adult:
            make_pickup(session, child, make_person(session, household))
        hers = add_need(session, town, grandmother, days=(1,), part=WishPart.full_day).id
        his = make_need(
            session,
            child,
            ServiceKind.after_school,
            [((1,), WishPart.wave_1630), ((1,), WishPart.wave_1700)],
            starts_on=today(),
        ).id
    result = night(database, tmp_path)
    assert result.exit_code == 0
    with database.reading() as session:
        found = {row.need_id: row for row in session.scalars(select(Placement))}
        proposal = session.scalars(select(Proposal).where(Proposal.need_id == his)).one()
        code = session.scalar(select(Need.code).where(Need.id == hers))
    assert code is not None
    assert found[hers].weekdays == to_bits([1])
    if has_other_adult:
        assert found[his].part is WishPart.wave_1630
    else:
        # Her day care ends at 17:00: she is there for the later wave, and the plan says that it is she.
        assert found[his].part is WishPart.wave_1700
        assert proposal.data["handed_to"].startswith("F-person")


def test_two_wishes_of_one_person_for_one_half_day_give_one_place(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=5)
        person = make_elder(session, make_household(session, town.compound))
        for _ in range(2):
            add_need(session, town, person, days=(1,), part=WishPart.morning)
    result = night(database, tmp_path)
    assert (result.report["placed"], result.report["unplaced_by_reason"]) == (1, {"double_booked": 1})
    assert result.report["gates"]["double_booked"] == 0
