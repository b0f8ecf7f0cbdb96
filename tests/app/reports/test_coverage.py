"""Reach by hand: a service 300 m away with a limit of 500 m, a compound at 300 m, one at 900 m, a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clock import today
from app.models.enums import RuleKind, ServiceKind
from app.reports.coverage import Coverage, CoveredCompound, measure_coverage
from tests.app.web.manager_town import DEGREES_PER_METRE, Town, add_need, make_town
from tests.factories import areas, providers

if TYPE_CHECKING:
    from app.db import Database, WriteSession


def measure(database: Database) -> Coverage:
    with database.reading() as session:
        return measure_coverage(session, today())


def pick(coverage: Coverage, area_id: int) -> CoveredCompound:
    return next(one for one in coverage.compounds if one.area_id == area_id)


def add_far_compound(session: WriteSession, town: Town) -> int:
    # The straight line of 1,200 m to the site is longer on foot: beyond 500 m in any case, within 3,000 m.
    latitude = town.compound.latitude - 900 * DEGREES_PER_METRE
    return areas.make_compound(session, latitude=latitude).area_id


def test_a_compound_beyond_the_services_limit_is_out_of_reach_with_the_nearest_site_named(
    database: Database,
) -> None:
    def work(session: WriteSession) -> tuple[int, int, str]:
        town = make_town(session)
        return town.compound.area_id, add_far_compound(session, town), town.site.name_zh

    near_id, far_id, site = database.write(work)
    coverage = measure(database)
    near, far = (pick(coverage, one).nearest[ServiceKind.day_care] for one in (near_id, far_id))
    assert (near.is_reached, near.band) == (True, "near")
    assert near.metres is not None
    assert 300 <= near.metres <= 500
    assert (far.is_reached, far.band, far.site_zh) == (False, "beyond", site)
    assert far.metres is not None
    assert 1_200 <= far.metres <= 2_000
    (kind,) = (row for row in coverage.kinds if row.kind is ServiceKind.day_care)
    assert [one.area_id for one in kind.out_of_reach] == [far_id]
    assert (kind.concerned_out, kind.concerned, kind.share_reached) == (38, 76, 0.5)
    assert coverage.is_graph is False


def test_childrens_services_concern_children(database: Database) -> None:
    def work(session: WriteSession) -> None:
        town = make_town(session)
        providers.make_service(session, ServiceKind.nursery, town.site, limit_metres=50)

    database.write(work)
    (kind,) = (row for row in measure(database).kinds if row.kind is ServiceKind.nursery)
    assert (kind.concerned_out, kind.concerned) == (9, 9)


def test_of_several_sites_one_whose_limit_allows_the_way_goes_before_a_nearer_one(database: Database) -> None:
    def work(session: WriteSession) -> tuple[int, str]:
        town = make_town(session)
        site = providers.make_site(session, latitude=town.compound.latitude + 100 * DEGREES_PER_METRE)
        providers.make_service(session, ServiceKind.day_care, site, limit_metres=20)
        return town.compound.area_id, town.site.name_zh

    area_id, name = database.write(work)
    nearest = pick(measure(database), area_id).nearest[ServiceKind.day_care]
    assert (nearest.is_reached, nearest.site_zh) == (True, name)


def test_after_school_is_measured_from_the_gates_and_not_from_compounds(database: Database) -> None:
    def work(session: WriteSession) -> str:
        town = make_town(session)
        gate = providers.make_site(session, latitude=town.compound.latitude, is_school_gate=True)
        add_need(session, town, gate_site_id=gate.id)
        providers.make_service(session, ServiceKind.after_school, town.site, limit_metres=800)
        return gate.name_zh

    name = database.write(work)
    coverage = measure(database)
    assert ServiceKind.after_school not in {row.kind for row in coverage.kinds}
    (gate,) = coverage.gates
    assert (gate.name_zh, gate.nearest.is_reached) == (name, True)


def test_a_town_without_sites_has_no_kinds_and_does_not_fail(database: Database) -> None:
    database.write(areas.make_compound)
    assert measure(database).kinds == []


def test_a_site_only_for_people_with_a_cognition_finding_reaches_nobody_else(database: Database) -> None:
    with database.writing() as session:
        town = make_town(session)
        far = areas.make_compound(session, latitude=town.compound.latitude + 900 * DEGREES_PER_METRE)
        site = providers.make_site(session, latitude=far.latitude)
        few = providers.make_service(session, ServiceKind.day_care, site, limit_metres=500)
        providers.make_rule(session, few, RuleKind.needs_cognition)
        far_id, site_zh = far.area_id, site.name_zh
    nearest = pick(measure(database), far_id).nearest[ServiceKind.day_care]
    assert not nearest.is_reached
    assert nearest.site_zh != site_zh
