"""A site's pack: roll with pickup, dangers and phones, meals, visits; made at its hour, made again after a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.actor import system_actor
from app.clock import SHANGHAI, now, today
from app.ledger.commands import occupy
from app.models import AuditRow, Person, Placement, PlacementUse, Site
from app.models.enums import (
    CalendarClass,
    CapacityKind,
    ConsentPurpose,
    EvidenceKind,
    ExceptionKind,
    Part,
    PlacementState,
    ServiceKind,
    WishPart,
)
from app.packs.commands import Made, make_packs
from app.packs.folder import PackFolder
from app.packs.keeper import PackKeeper
from app.placements.absences import excuse
from app.slots.commands import extend_horizon
from tests.app.planning.town import publish_years
from tests.factories import areas, needs, people, placements, providers
from tests.support.consents import withdraw_consents

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database, WriteSession
    from app.models import Need

K = CapacityKind
HALF_PAST_SIX = datetime.combine(today(), datetime.min.time(), SHANGHAI) + timedelta(hours=6, minutes=30)


@dataclass
class Town:
    site: str
    quiet: str
    placement_id: int
    """Of the child at the after-school class."""


def make_town(session: WriteSession) -> Town:
    """Make a site with an after-school class, a kitchen and a carer, a person each; and a site without anybody."""
    publish_years(session)
    site = providers.make_site(session)
    quiet = providers.make_site(session)
    providers.make_week(session, providers.make_class(session, providers.make_service(session, site=quiet)))
    compound = areas.make_compound(session)
    household = people.make_household(session, compound)
    household.address = "测试路7号"
    elder, guardian = people.make_elder(session, household), people.make_person(session, household)
    elder.phone, guardian.phone = "13800001111", "13800002222"
    child = people.make_child(session, household, guardian=guardian, name="小明")
    people.make_pickup(session, child, guardian)
    people.make_evidence(session, child, EvidenceKind.allergy, "花生")
    people.make_evidence(session, elder, EvidenceKind.diet, "软食")

    def give(person: Person, kind: ServiceKind, part: Part, uses: dict[CapacityKind, int]) -> int:
        service = providers.make_service(
            session, kind, site, calendar_class=CalendarClass.every_day, held_back_places=0
        )
        care_class = providers.make_class(session, service)
        capacities = dict.fromkeys(uses, 240)
        cells = providers.make_week(session, care_class, range(7), [part], capacities)
        need: Need = needs.make_need(session, person, kind, [(range(7), WishPart(part.value))])
        extend_horizon(session, today())
        row = placements.make_placement(
            session,
            need,
            care_class,
            cells,
            state=PlacementState.active,
            starts_on=today() - timedelta(days=7),
            uses=[
                PlacementUse(template_id=cell.id, kind=each, amount=amount)
                for cell in cells
                for each, amount in uses.items()
            ],
        )
        occupy(session, [row.id])
        return row.id

    placement_id = give(child, ServiceKind.after_school, Part.wave_1630, {K.places: 1})
    give(elder, ServiceKind.canteen, Part.lunch, {K.meals: 1, K.drops: 1})
    give(elder, ServiceKind.home_visit, Part.morning, {K.visit_minutes: 70})
    return Town(site.code, quiet.code, placement_id)


@pytest.fixture
def packs(tmp_path: Path) -> PackFolder:
    return PackFolder(tmp_path / "packs")


def read(path: Path) -> str:
    pages = PdfReader(BytesIO(path.read_bytes())).pages
    return "".join(page.extract_text() for page in pages).replace("\0", "").replace("\n", "")


def test_pack_holds_what_the_day_needs_and_a_quiet_site_has_none(
    database: Database, packs: PackFolder
) -> None:
    town = database.write(make_town)
    done = make_packs(database, packs, today(), HALF_PAST_SIX)
    assert [path.stem for path in done.written] == [town.site]
    text = read(done.written[0])
    for wanted in (
        "小明",
        "花生",
        "13800002222",
        "软食",
        "测试路7号",
        "13800001111",
        "15:30–16:30",
        "母亲",
        "外祖母",
    ):
        assert wanted in text, wanted
    with database.reading() as session:
        (noted,) = session.scalars(select(AuditRow).where(AuditRow.act == "packs.make"))
        assert noted.data == {"on": today().isoformat(), "sites": [town.site]}
        english = session.scalars(select(Site.name_zh).where(Site.code == town.site)).one()
    made = make_packs(database, packs, today(), HALF_PAST_SIX, language="en", is_forced=True)
    assert "May fetch" in read(made.written[0])
    assert english in read(made.written[0])


def test_pack_tells_nothing_of_health_without_consent_and_says_so(
    database: Database, packs: PackFolder
) -> None:
    database.write(make_town)
    with database.reading() as session:
        everybody = list(session.scalars(select(Person.id)))
    for person_id in everybody:
        withdraw_consents(database, person_id, ConsentPurpose.sharing_with_site)
    (path,) = make_packs(database, packs, today(), HALF_PAST_SIX).written
    text = read(path)
    for hidden in ("花生", "软食"):
        assert hidden not in text
    for wanted in ("未获同意告知：请问本人或家长", "未获同意告知：请询问本人", "外祖母", "13800002222"):
        assert wanted in text, wanted


def test_unchanged_pack_is_left_and_a_changed_roll_makes_it_again(
    database: Database, packs: PackFolder
) -> None:
    town = database.write(make_town)
    keeper = PackKeeper(database, packs)
    assert keeper.keep(HALF_PAST_SIX - timedelta(minutes=1)) == Made()
    assert not packs.root.exists()
    (path,) = keeper.keep(HALF_PAST_SIX, seconds=60).written
    assert keeper.is_done
    assert "1 人，请假 0 人" in read(path)
    before = path.stat().st_mtime_ns
    at = HALF_PAST_SIX + timedelta(minutes=1)
    # Its own note in the audit is a change that changes nothing.
    assert keeper.keep(at, seconds=60) == Made(unchanged=1)
    assert keeper.keep(at + timedelta(minutes=1), seconds=60) == Made()
    assert path.stat().st_mtime_ns == before
    database.write(
        lambda session: excuse(
            session, system_actor(), town.placement_id, today(), ExceptionKind.absent, now()
        )
    )
    assert keeper.keep(at + timedelta(minutes=1, seconds=30)) == Made()  # not every second
    assert keeper.keep(at + timedelta(minutes=2), seconds=60).written == [path]
    assert "0 人，请假 1 人" in read(path)


def test_papers_are_made_a_few_at_a_time_and_none_is_forgotten(database: Database, packs: PackFolder) -> None:
    towns = [database.write(make_town) for _ in range(3)]
    keeper, written, turns = PackKeeper(database, packs), [], 0
    while turns == 0 or not keeper.is_done:
        written += keeper.keep(HALF_PAST_SIX, seconds=0).written
        turns += 1
    assert turns == 6  # the three sites without anybody take a turn, too
    assert sorted(path.stem for path in written) == sorted(town.site for town in towns)
    stopped = PackKeeper(database, packs)
    assert stopped.keep(HALF_PAST_SIX, lambda: True) == Made()
    assert not stopped.is_done


def test_site_at_which_nothing_happens_any_more_has_no_pack(database: Database, packs: PackFolder) -> None:
    town = database.write(make_town)
    (path,) = make_packs(database, packs, today(), HALF_PAST_SIX).written

    def end(session: WriteSession) -> None:
        from app.models import Service

        for row in session.scalars(select(Placement)):
            row.state = PlacementState.withdrawn
        for service in session.scalars(select(Service).where(Service.kind == ServiceKind.canteen)):
            service.is_active = False

    database.write(end)
    assert make_packs(database, packs, today(), HALF_PAST_SIX).written == []
    assert not path.exists()
    assert town.site == path.stem


def test_next_morning_yesterdays_packs_are_gone(database: Database, packs: PackFolder) -> None:
    database.write(make_town)
    keeper = PackKeeper(database, packs)
    keeper.keep(HALF_PAST_SIX, seconds=60)
    keeper.keep(HALF_PAST_SIX + timedelta(hours=18))  # past midnight, before its hour
    assert list(packs.root.iterdir()) == []
    keeper.keep(HALF_PAST_SIX + timedelta(days=1), seconds=60)
    assert [path.name for path in packs.root.iterdir()] == [(today() + timedelta(days=1)).isoformat()]
