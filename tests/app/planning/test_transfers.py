"""A wish to change places, the whole way: proposed, offered, confirmed; the old place is lost by nothing but the yes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.actor import system_actor
from app.clock import now, today
from app.ledger.commands import occupy, recount
from app.models import (
    CareClass,
    Household,
    Need,
    Offer,
    Person,
    Placement,
    PlacementException,
    Proposal,
    Service,
)
from app.models.enums import (
    CapacityKind,
    Channel,
    ExceptionKind,
    GroupKind,
    NeedState,
    PlacementState,
    ProposalOutcome,
    WishPart,
)
from app.placements import offers
from app.placements.absences import excuse
from app.placements.commands import end, follow_dates
from app.placements.errors import AlreadyPlaced
from app.placements.moving import Move, move
from app.planning.commands import roll_back
from tests.app.planning.town import add_elder, add_need, make_town, night
from tests.factories.needs import make_group, make_need, make_preferences
from tests.factories.people import make_elder
from tests.factories.placements import make_placement
from tests.factories.providers import make_class, make_service, make_week

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from app.db import Database, WriteSession
    from app.models import SlotTemplate

ME = system_actor()
S = PlacementState
DAYS = (0, 2, 4)


@dataclass
class Wish:
    """Ids: somebody at the old class who would rather be at the new one; another who waits for the old one."""

    need_id: int
    old_id: int
    old_class_id: int
    new_class_id: int
    waiting_id: int


def make_wish(session: WriteSession, *, sends_offers: bool = True, free: int = 1) -> Wish:
    """Make the wish; both classes have one place, the old one taken, the new one so many free."""
    town = make_town(session, places=1, sends_offers=sends_offers)
    service = make_service(session, held_back_places=0, sends_offers=sends_offers, notice_days=3)
    better = make_class(session, service)
    make_week(session, better, DAYS, capacities={CapacityKind.places: free})
    need = add_need(session, town, days=DAYS, wants_transfer=True, state=NeedState.placed)
    make_preferences(session, need, [service, town.service])
    old = _place(session, need, town.care_class, town.week)
    # Only the old class runs on Tuesdays: who waits can have no other place.
    waiting = add_need(session, town, add_elder(session, town), days=(0, 1, 2))
    make_preferences(session, waiting, [town.service])
    return Wish(need.id, old.id, town.care_class.id, better.id, waiting.id)


def _place(session: WriteSession, need: Need, care_class: CareClass, week: list[SlotTemplate]) -> Placement:
    cells = [cell for cell in week if cell.weekday in DAYS]
    row = make_placement(
        session, need, care_class, cells, state=S.active, starts_on=today() - timedelta(days=60)
    )
    occupy(session, [row.id])
    return row


def live(database: Database, need_id: int) -> list[tuple[int, str, bool]]:
    """Return (class, state, is_transfer) of a need's live placements, by start; the ledger adds up."""
    with database.reading() as session:
        assert recount(session) == []
        rows = session.scalars(
            select(Placement)
            .where(
                Placement.need_id == need_id,
                Placement.state.in_((S.proposed, S.offered, S.confirmed, S.active)),
            )
            .order_by(Placement.starts_on, Placement.id)
        )
        return [(row.class_id, row.state.value, row.is_transfer) for row in rows]


def add_rival(session: WriteSession, wish: Wish) -> int:
    """Add somebody who waits for the new class."""
    waiting = session.get_one(Need, wish.waiting_id)
    neighbour = session.get_one(Person, waiting.person_id)
    need = make_need(
        session,
        make_elder(session, session.get_one(Household, neighbour.household_id)),
        patterns=[(DAYS, WishPart.full_day)],
        starts_on=today(),
    )
    service_id = session.get_one(CareClass, wish.new_class_id).service_id
    make_preferences(session, need, [session.get_one(Service, service_id)])
    return need.id


def find_new(database: Database, need_id: int) -> Placement:
    with database.reading() as session:
        return session.scalars(
            select(Placement).where(Placement.need_id == need_id, Placement.is_transfer)
        ).one()


def accept(database: Database, placement_id: int, at: datetime | None = None) -> None:
    database.write(
        lambda session: offers.accept(
            session, ME, placement_id, at or now(), by="self", channel=Channel.phone
        )
    )


def test_yes_sets_the_old_places_last_day_and_it_goes_to_the_next(database: Database, tmp_path: Path) -> None:
    wish = database.write(make_wish)
    result = night(database, tmp_path)
    assert (result.exit_code, set(result.report["gates"].values())) == (0, {0})
    # Offered and not lost: the old place is still his, and promised to nobody else.
    assert live(database, wish.need_id) == [
        (wish.old_class_id, "active", False),
        (wish.new_class_id, "offered", True),
    ]
    assert live(database, wish.waiting_id) == []
    new = find_new(database, wish.need_id)
    accept(database, new.id)
    with database.reading() as session:
        old = session.get_one(Placement, wish.old_id)
        assert (old.state, old.ends_on) == (S.active, new.starts_on - timedelta(days=1))
        assert session.get_one(Need, wish.need_id).state is NeedState.placed
    # What came free went to the first in the standby order, in the same act.
    assert [row[:2] for row in live(database, wish.waiting_id)] == [(wish.old_class_id, "offered")]
    database.write(lambda session: follow_dates(session, new.starts_on))
    assert live(database, wish.need_id) == [(wish.new_class_id, "active", False)]
    with database.reading() as session:
        assert session.get_one(Placement, wish.old_id).state is S.ended
        assert session.get_one(Need, wish.need_id).state is NeedState.placed


@pytest.mark.parametrize("how", ["decline", "expire", "roll back"])
def test_nothing_but_the_yes_loses_the_old_place(database: Database, tmp_path: Path, how: str) -> None:
    wish = database.write(lambda session: make_wish(session, sends_offers=how != "roll back"))
    plan_id = night(database, tmp_path).report["plan_id"]
    new = find_new(database, wish.need_id)
    if how == "decline":
        database.write(
            lambda session: offers.decline(session, ME, new.id, now(), by="self", channel=Channel.phone)
        )
    elif how == "expire":
        database.write(lambda session: offers.expire_offers(session, now() + timedelta(days=9)))
    else:
        database.write(lambda session: roll_back(session, ME, plan_id, "test"))
    assert live(database, wish.need_id) == [(wish.old_class_id, "active", False)]
    with database.reading() as session:
        need = session.get_one(Need, wish.need_id)
        # Who said no, or nothing, is not asked again the next night; the roll-back was not the person's answer.
        assert (need.state, need.wants_transfer) == (NeedState.placed, how == "roll back")
        assert session.get_one(Placement, wish.old_id).ends_on is None


def test_both_places_count_in_the_nights_until_the_answer(database: Database, tmp_path: Path) -> None:
    wish = database.write(lambda session: make_wish(session, sends_offers=False))
    night(database, tmp_path)
    assert live(database, wish.need_id)[1][1:] == ("proposed", True)

    rival = database.write(lambda session: add_rival(session, wish))
    result = night(database, tmp_path)
    assert (result.exit_code, set(result.report["gates"].values())) == (0, {0})
    assert [row[:2] for row in live(database, wish.need_id)] == [
        (wish.old_class_id, "active"),
        (wish.new_class_id, "proposed"),
    ]
    assert live(database, wish.waiting_id) == live(database, rival) == []
    with database.reading() as session:
        moved = session.scalars(
            select(Proposal.outcome).where(Proposal.need_id == wish.need_id).order_by(Proposal.id)
        ).all()
    assert moved == [ProposalOutcome.moved]  # under way: the second night decides nothing about it


def test_full_place_keeps_the_old_one_and_the_wish(database: Database, tmp_path: Path) -> None:
    wish = database.write(lambda session: make_wish(session, free=0))
    assert night(database, tmp_path).exit_code == 0
    assert live(database, wish.need_id) == [(wish.old_class_id, "active", False)]
    with database.reading() as session:
        kept = session.scalars(select(Proposal).where(Proposal.need_id == wish.need_id)).one()
        assert (kept.outcome, kept.placement_id) == (ProposalOutcome.kept, wish.old_id)


def test_twins_change_together_and_answer_as_one(database: Database, tmp_path: Path) -> None:
    def make(session: WriteSession) -> tuple[int, int]:
        town = make_town(session, places=2, sends_offers=True)
        service = make_service(session, held_back_places=0, sends_offers=True, notice_days=3)
        make_week(session, make_class(session, service), capacities={CapacityKind.places: 2})
        both = [
            add_need(session, town, days=DAYS, wants_transfer=True, state=NeedState.placed) for _ in range(2)
        ]
        make_group(session, GroupKind.twins, both)
        for need in both:
            make_preferences(session, need, [service, town.service])
            _place(session, need, town.care_class, town.week)
        return both[0].id, both[1].id

    one, other = database.write(make)
    assert night(database, tmp_path).exit_code == 0
    accept(database, find_new(database, one).id)
    for need_id in (one, other):
        assert [row[1] for row in live(database, need_id)] == ["active", "confirmed"]


def test_late_yes_begins_tomorrow_and_absences_go_along(database: Database, tmp_path: Path) -> None:
    wish = database.write(make_wish)
    night(database, tmp_path)
    new = find_new(database, wish.need_id)
    monday = new.starts_on + timedelta(days=21 - new.starts_on.weekday())

    def prepare(session: WriteSession) -> None:
        excuse(session, ME, wish.old_id, monday, ExceptionKind.hospital, now())
        offer = session.scalars(select(Offer).where(Offer.placement_id == new.id)).one()
        offer.expires_at += timedelta(days=60)  # a service may give people longer than the place waits

    database.write(prepare)
    accept(database, new.id, now() + (new.starts_on - today()) + timedelta(days=1))
    with database.reading() as session:
        old, row = session.get_one(Placement, wish.old_id), session.get_one(Placement, new.id)
        assert row.starts_on == new.starts_on + timedelta(days=2)
        assert old.ends_on == row.starts_on - timedelta(days=1)
        carried = select(PlacementException.on_date).where(PlacementException.placement_id == row.id)
        assert session.scalars(carried).all() == [monday]
        assert recount(session) == []


def test_who_gives_the_new_place_up_waits_once_the_old_one_is_over(
    database: Database, tmp_path: Path
) -> None:
    wish = database.write(make_wish)
    night(database, tmp_path)
    new = find_new(database, wish.need_id)
    accept(database, new.id)
    before = new.starts_on - timedelta(days=1)
    database.write(lambda session: end(session, ME, new.id, before, "changed her mind", now()))
    assert live(database, wish.need_id) == [(wish.old_class_id, "active", False)]
    database.write(lambda session: follow_dates(session, new.starts_on))
    with database.reading() as session:
        assert session.get_one(Need, wish.need_id).state is NeedState.open


def test_nobody_is_moved_by_hand_while_a_transfer_is_under_way(database: Database, tmp_path: Path) -> None:
    wish = database.write(make_wish)
    night(database, tmp_path)
    new = find_new(database, wish.need_id)
    accept(database, new.id)
    for placement_id in (wish.old_id, new.id):
        order = Move([placement_id], wish.new_class_id, new.part, today(), "test", "self")
        with pytest.raises(AlreadyPlaced), database.writing() as session:
            move(session, ME, order, now())
