"""Which events put a notice, for whom, and what it says; a proposal tells nobody anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.attendance.alarm_rules import Due
from app.attendance.alarms import note_unreached, raise_alarm
from app.bookings.closed import Closing
from app.bookings.closures import close
from app.clock import now
from app.models import Alarm, Notice, Offer, Round, Site, StaffSite, StaffUser
from app.models.enums import AlarmKind, PlacementState, StaffRole
from app.notices.commands import claim
from app.notices.facts import load_facts
from app.notices.queries import load_terms
from app.notices.texts import write_texts
from app.placements import offers
from app.placements.sending import remind
from app.rounds.publishing import _tell_people
from tests.app.bookings.conftest import NOW as AT_DESK
from tests.app.bookings.conftest import SOON, Desk, desk
from tests.app.placements.conftest import NOW, Place, place
from tests.app.planning.town import add_need, make_town, night
from tests.factories import needs, people

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database, WriteSession

__all__ = ["desk", "place"]


def list_put(session: WriteSession) -> list[tuple[str, int | None]]:
    session.expire_all()
    return [(row.key, row.person_id) for row in session.scalars(select(Notice).order_by(Notice.id))]


def list_texts(session: WriteSession, at) -> list[dict[str, str]]:
    terms = load_terms(session, at.date())
    claimed = claim(session, terms, at, 50)
    facts = load_facts(session, claimed)
    return [write_texts(one.template, facts[one.id]) for one in claimed]


def test_offer_tells_the_person_where_when_and_until_when(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    assert list_put(session) == []
    offers.offer(session, place.actor, row.id, NOW)
    assert list_put(session) == [(f"offer:{row.code}", row.person_id)]
    (said,) = list_texts(session, NOW)
    assert "日间照护" in said["zh"] or "日托" in said["zh"]
    assert "周一、三、五" in said["zh"]
    assert "11月4日" in said["zh"]  # the second working day is its last
    assert "4 Nov" in said["en"]
    assert row.code in said["en"]


def test_offer_is_recalled_once_before_it_runs_out_and_told_when_it_did(
    session: WriteSession, place: Place
) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    expires_at = session.scalars(select(Offer.expires_at)).one()
    remind(session, expires_at - timedelta(hours=25))
    assert len(list_put(session)) == 1
    for _ in range(2):
        remind(session, expires_at - timedelta(hours=23))
    assert [key for key, _ in list_put(session)] == [f"offer:{row.code}", f"offer_reminder:{row.code}"]
    for _ in range(2):
        offers.expire_offers(session, expires_at)
    assert list_put(session)[2:] == [(f"offer_expired:{row.code}", row.person_id)]


def test_answered_offer_is_not_recalled(session: WriteSession, place: Place) -> None:
    row = place.make_placed(PlacementState.proposed)
    offers.offer(session, place.actor, row.id, NOW)
    expires_at = session.scalars(select(Offer.expires_at)).one()
    offers.accept(session, place.actor, row.id, NOW, by="self", channel="desk")
    remind(session, expires_at - timedelta(hours=2))
    assert [key for key, _ in list_put(session)] == [f"offer:{row.code}"]


def test_booking_tells_date_hours_and_site(desk: Desk) -> None:
    row = desk.book(desk.make_need())
    assert list_put(desk.session) == [(f"booking_confirmed:{row.code}:1", row.person_id)]
    (said,) = list_texts(desk.session, AT_DESK)
    assert "11月4日" in said["zh"]
    assert "08:30–12:00" in said["zh"]
    assert desk.service.name_zh not in said["zh"]  # a service may be called after a diagnosis


def test_closure_tells_who_is_cancelled_and_who_skips(desk: Desk, session: WriteSession) -> None:
    from tests.factories import placements

    booked = desk.book(desk.make_need())
    weekly = needs.make_need(session, desk.make_person())
    template = desk.slot().template_id
    from app.models import SlotTemplate

    rows = [session.get_one(SlotTemplate, template)]
    kept = placements.make_placement(session, weekly, desk.care_class, rows)
    told_nobody = placements.make_placement(
        session,
        needs.make_need(session, desk.make_person()),
        desk.care_class,
        rows,
        state=PlacementState.proposed,
    )
    from app.ledger.commands import occupy

    occupy(session, [kept.id], may_overfill=True)
    occupy(session, [told_nobody.id], may_overfill=True)
    site_id = desk.service.site_id
    close(session, desk.actor, Closing(site_id, None, SOON, SOON, "水管"), AT_DESK)
    on = SOON.isoformat()
    assert [key for key, _ in list_put(session)][1:] == [
        f"placement_skips:{kept.code}:{on}:{on}:{AT_DESK:%y%m%d%H%M%S}",
        f"booking_cancelled:{booked.code}:2",
    ]


def test_alarm_tells_its_owner_at_once_and_the_manager_when_it_reaches_the_manager(desk: Desk) -> None:
    session = desk.session
    site = session.get_one(Site, desk.service.site_id)
    owners = [
        StaffUser(
            name=role.value,
            display_name=role.value,
            role=role,
            password_hash="-",
            created_at=AT_DESK,
            sites=[StaffSite(site_id=site.id)],
        )
        for role in (StaffRole.coordinator, StaffRole.manager)
    ]
    session.add_all(owners)
    session.flush()
    due = Due(desk.slot().id, desk.make_person().id, site.id, AlarmKind.missing)
    for _ in range(2):
        raise_alarm(session, due, AT_DESK)
    alarm = session.scalars(select(Alarm)).one()
    for _ in range(4):
        note_unreached(session, desk.actor, alarm.id, "", AT_DESK)
    told = session.execute(select(Notice.user_id, Notice.template).order_by(Notice.id)).all()
    assert [tuple(row) for row in told] == [(owner.id, "alarm_raised") for owner in owners]


def test_everybody_who_took_part_hears_that_the_list_is_out(session: WriteSession) -> None:
    taking_part = [needs.make_need(session, people.make_elder(session)) for _ in range(2)]
    needs.make_need(session, people.make_elder(session))
    row = Round(code="R1", name_zh="春季班", version=6)
    for _ in range(2):
        _tell_people(session, row, [need.code for need in taking_part])
    assert list_put(session) == [(f"round_published:{need.code}:6", need.person_id) for need in taking_part]
    said = list_texts(session, now())
    assert all("春季班" in one["zh"] for one in said)


def test_managers_hear_of_a_plan_and_who_is_proposed_a_place_hears_nothing(
    database: Database, tmp_path: Path
) -> None:
    def work(session: WriteSession) -> tuple[int, int]:
        town = make_town(session, sends_offers=False)
        add_need(session, town)
        users = [
            StaffUser(name=role.value, display_name="-", role=role, password_hash="-", created_at=now())
            for role in (StaffRole.manager, StaffRole.adviser)
        ]
        session.add_all(users)
        session.flush()
        return users[0].id, users[1].id

    manager_id, _ = database.write(work)
    assert night(database, tmp_path).code == "published"
    with database.reading() as session:
        (notice,) = session.scalars(select(Notice))
    assert (notice.template, notice.user_id, notice.person_id) == ("plan_published", manager_id, None)
    assert (notice.data["proposed"], notice.data["offered"]) == (1, 0)
