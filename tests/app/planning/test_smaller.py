"""Smaller accepted patterns end to end: the night gives what fits, the person says yes, the rest goes on waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.actor import system_actor
from app.clock import now, today
from app.ledger.commands import occupy
from app.models import Need, Placement, Proposal
from app.models.enums import Channel, NeedState, Part, PlacementState, WishPart
from app.placements import offers
from app.placements.rest import SUFFIX
from tests.app.planning.town import add_elder, add_need, list_live, make_town, night
from tests.factories.needs import make_need
from tests.factories.placements import make_placement

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database

MON_WED_FRI, TUE_THU = 0b10101, 0b01010


def test_night_gives_the_smaller_pattern_and_the_next_one_what_is_left(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=1)
        holder = add_need(session, town, days=(0,), state=NeedState.placed)
        monday = [cell for cell in town.week if cell.weekday == 0]
        held = make_placement(
            session, holder, town.care_class, monday, state=PlacementState.active, starts_on=today()
        )
        occupy(session, [held.id])
        need = make_need(
            session,
            add_elder(session, town),
            patterns=[((0, 2, 4), WishPart.full_day), ((1, 3), WishPart.full_day)],
            starts_on=today(),
            entered_on=today().replace(year=today().year - 1, day=1),
        )
        need_id, code, entered_on = need.id, need.code, need.entered_on
    assert night(database, tmp_path).exit_code == 0
    with database.writing() as session:
        row = session.scalars(select(Placement).where(Placement.need_id == need_id)).one()
        assert (row.weekdays, row.state) == (TUE_THU, PlacementState.proposed)
        waited = _read_months(session, need_id)
        offers.offer(session, system_actor(), row.id, now())
        offers.accept(session, system_actor(), row.id, now(), by="self", channel=Channel.phone)
    with database.reading() as session:
        rest = session.scalars(select(Need).where(Need.code == f"{code}{SUFFIX}")).one()
        rest_id = rest.id
        assert (rest.state, rest.entered_on) == (NeedState.open, entered_on)
        assert session.get_one(Need, need_id).state is NeedState.placed
    assert night(database, tmp_path).exit_code == 0
    with database.reading() as session:
        made = session.scalars(select(Placement).where(Placement.need_id == rest_id)).one()
        # Monday is somebody else's; Wednesday is the first of the days that are left.
        assert made.weekdays == 0b00100
        assert _read_months(session, rest_id) == waited
    live = {row[0]: row[1] for row in list_live(database)}
    assert live[need_id] == "confirmed"
    assert {cell.part for cell in town.week} == {Part.morning, Part.afternoon}


def _read_months(session: object, need_id: int) -> int:
    found = session.scalars(  # type: ignore[attr-defined]
        select(Proposal.data).where(Proposal.need_id == need_id).order_by(Proposal.id.desc())
    ).first()
    return int(found["months_waited"])
