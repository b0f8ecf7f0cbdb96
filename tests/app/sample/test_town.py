"""The town as built in memory, at full size: the figures that the subdistrict publishes, and marks of what is invented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date

import pytest

from app.calendars import reference
from app.calendars.rules import Calendar, Period, SpecialDay
from app.models import (
    Area,
    Building,
    CareClass,
    Compound,
    Guardianship,
    Need,
    Person,
    PersonRole,
    Service,
    ServiceRule,
    Site,
    SlotTemplateCapacity,
)
from app.models.enums import AreaKind, NeedRhythm, Role, ServiceKind
from app.sample.build import Sample, build_sample
from app.sample.wishes import OPEN, PLACED
from tests.factories.people import TODAY


def make_calendar() -> Calendar:
    return Calendar(
        years={year: state for year, (state, _) in reference.YEARS.items()},
        days={row.on_date: SpecialDay(row.kind, row.runs_as_weekday) for row in reference._list_days()},
        periods=tuple(Period(p.kind, p.starts_on, p.ends_on) for p in reference.SCHOOL_PERIODS),
    )


@pytest.fixture(scope="module")
def full() -> Sample:
    return build_sample(make_calendar(), scale=1.0, seed=1, today=TODAY)


def test_areas_are_the_real_tree(full: Sample) -> None:
    kinds = Counter(row["kind"] for row in full.rows.tables[Area])
    assert kinds == {
        AreaKind.subdistrict: 1,
        AreaKind.block: 3,
        AreaKind.committee: 19,
        AreaKind.compound: 81,
    }
    blocks = {row["name_zh"] for row in full.rows.tables[Area] if row["kind"] is AreaKind.block}
    assert blocks == {"创意家园", "颐乐生活", "人文滨江"}
    committees = [row for row in full.rows.tables[Area] if row["kind"] is AreaKind.committee]
    assert len({row["code"] for row in committees}) == 19
    assert all(row["parent_id"]["kind"] is AreaKind.block for row in committees)
    assert len({row["name_zh"] for row in full.rows.tables[Area]}) == 104


def test_residents_have_the_published_shares(full: Sample) -> None:
    compounds = full.rows.tables[Compound]
    residents = sum(row["residents"] for row in compounds)
    assert residents == 71_000
    assert sum(row["residents_60_plus"] for row in compounds) == round(0.3884 * residents)
    assert sum(row["residents_under_12"] for row in compounds) == round(0.089 * residents)


def test_half_the_compounds_are_walk_ups_with_seven_retrofitted_lifts(full: Sample) -> None:
    buildings = full.rows.tables[Building]
    lifts: dict[str, set[bool]] = {}
    for row in buildings:
        lifts.setdefault(row["compound_id"]["code"], set()).add(
            row["has_lift"] and not row["lift_retrofitted"]
        )
    assert len(lifts) == 81
    assert sum(found == {False} for found in lifts.values()) == 40
    assert sum(row["lift_retrofitted"] for row in buildings) == 7


def test_every_row_of_the_product_has_its_sites(full: Sample) -> None:
    assert 38 <= len(full.rows.tables[Site]) <= 44
    services = Counter(row["kind"] for row in full.rows.tables[Service])
    assert set(services) == set(ServiceKind)
    assert services[ServiceKind.day_care] == 8
    dementia_only = [row for row in full.rows.tables[ServiceRule] if row["kind"].value == "needs_cognition"]
    assert len(dementia_only) == 1
    assert all(row["source"] and row["valid_from"] for row in full.rows.tables[ServiceRule])
    kinds = {row["kind"].value for row in full.rows.tables[SlotTemplateCapacity]}
    assert kinds == {
        "places", "carer_minutes", "carer_units", "visit_minutes", "meals", "seats", "drops", "escorts",
    }  # fmt: skip


def test_nursery_classes_keep_to_the_law(full: Sample) -> None:
    most = {35: 10, 21: 18, 15: 20}
    of_class = {
        id(row["template_id"]["class_id"]): row["capacity"]
        for row in full.rows.tables[SlotTemplateCapacity]
        if row["kind"].value == "places"
    }
    nursery = [row for row in full.rows.tables[CareClass] if row["unit_use"]]
    assert nursery
    assert all(of_class[id(row)] <= most[row["unit_use"]] for row in nursery)


def test_register_has_the_wanted_size(full: Sample) -> None:
    roles = Counter(row["role"] for row in full.rows.tables[PersonRole])
    assert roles == {Role.elder: 12_000, Role.child: 2_500}


def test_every_child_has_a_guardian_and_is_under_twelve(full: Sample) -> None:
    children = {
        id(row["person_id"]): row["person_id"]
        for row in full.rows.tables[PersonRole]
        if row["role"] is Role.child
    }
    guarded = {id(row["child_id"]) for row in full.rows.tables[Guardianship]}
    assert set(children) <= guarded
    assert all(row["born_on"] > date(TODAY.year - 12, TODAY.month, TODAY.day) for row in children.values())


def test_needs_are_as_many_as_wanted_of_every_kind(full: Sample) -> None:
    asked = Counter(row["kind"] for row in full.rows.tables[Need])
    assert asked == {kind: OPEN[kind] + PLACED.get(kind, 0) for kind in ServiceKind}
    assert sum(OPEN.values()) == 6_000
    assert sum(PLACED.values()) == 1_500
    dated = [row for row in full.rows.tables[Need] if row["rhythm"] is NeedRhythm.dated]
    assert 400 < len(dated) < 900
    # Half of them are for the desk: inside the notice period, where the night does not plan.
    assert sum((row["starts_on"] - TODAY).days <= 5 for row in dated) > 200


def test_a_town_of_any_size_is_made_although_chance_leaves_too_few_of_a_kind() -> None:
    scale = 1 / 24
    small = build_sample(make_calendar(), scale=scale, seed=1, today=TODAY)
    asked = Counter(row["kind"] for row in small.rows.tables[Need])
    wanted = {kind: round(OPEN[kind] * scale) + round(PLACED.get(kind, 0) * scale) for kind in ServiceKind}
    assert all(0.8 * count < asked[kind] <= count for kind, count in wanted.items())
    assert asked != wanted, "nobody was too few: another scale shows more"


def test_everything_invented_is_marked(full: Sample) -> None:
    def is_marked(row: Mapping[str, object]) -> bool:
        return str(row["code"]).startswith("SYN-")

    for model in (Person, Need, Site, Service, Building):
        assert all(is_marked(row) for row in full.rows.tables[model])
    assert all(row["is_synthetic"] and row["name"].endswith("·样例") for row in full.rows.tables[Person])
    compounds = [row for row in full.rows.tables[Area] if row["kind"] is AreaKind.compound]
    assert all(row["name_zh"].endswith("·样例") and is_marked(row) for row in compounds)


def test_every_place_and_offer_has_an_english_name(full: Sample) -> None:
    for table in (Area, Site, Service, CareClass):
        for row in full.rows.tables[table]:
            assert re.fullmatch(r"[A-Za-z0-9 ,.'()\-]+", row["name_en"]), row["name_zh"]
    names = {row["name_en"] for row in full.rows.tables[Site]}
    assert {"Qudong Day Care (sample)", "Qiao'er Primary School (sample)"} <= names
    assert len(names) == len(full.rows.tables[Site])
