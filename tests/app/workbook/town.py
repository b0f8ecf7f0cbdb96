"""A small synthetic town as rows by sheet: something in every sheet, everything valid."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from app.models import enums
from app.models.enums import CapacityKind
from app.people.identity import find_check_character
from app.workbook.compound_cells import Amount, Pattern
from app.workbook.writing import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 23)
"""A Monday; the calendar of its year is published."""


def id_number(first_17: str) -> str:
    """Return an ID number with its check character."""
    return first_17 + find_check_character(first_17)


GRANDMOTHER = id_number("99010119480305002")
GRANDFATHER = id_number("99010119460101001")
MOTHER = id_number("99010119880808004")


def area(code: str, kind: enums.AreaKind, parent: str | None, name: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "parent": parent, "name_zh": name, **more}


def point(longitude: float, latitude: float, datum: enums.Datum = enums.Datum.wgs84) -> dict[str, Any]:
    return {"longitude": longitude, "latitude": latitude, "datum": datum}


def template(
    code: str, care_class: str, weekday: int, part: str, start: int, **capacities: int
) -> dict[str, Any]:
    return {
        "code": code, "care_class": care_class, "weekday": weekday, "part": enums.Part(part),
        "starts_at_local": time(start), "ends_at_local": time(start + 3), "valid_from": date(2026, 1, 1),
        **{f"capacity_{kind}": amount for kind, amount in capacities.items()},
    }  # fmt: skip


def person(
    code: str, household: str, name: str, born_on: date, sex: enums.Sex, **more: Any
) -> dict[str, Any]:
    return {
        "code": code, "household": household, "name": f"{name}·样例", "born_on": born_on, "sex": sex,
        "stairs": enums.Stairs.alone, "mobility": enums.Mobility.walks, "is_synthetic": True, **more,
    }  # fmt: skip


def need(
    code: str, person_code: str, kind: str, patterns: tuple[Pattern, ...], **more: Any
) -> dict[str, Any]:
    return {
        "code": code, "person": person_code, "kind": enums.ServiceKind(kind), "rhythm": enums.NeedRhythm.weekly,
        "state": enums.NeedState.open, "entered_on": date(2026, 9, 1), "starts_on": date(2026, 12, 1),
        "patterns": patterns, "needs_escort": False, "wants_transfer": False, **more,
    }  # fmt: skip


FULL, MORNING = enums.WishPart.full_day, enums.WishPart.morning
WAVE = enums.WishPart.wave_1630
LUNCH = enums.WishPart.lunch
SINCE = {"valid_from": date(2026, 1, 1)}

TOWN: dict[str, list[dict[str, Any]]] = {
    "areas": [
        area("WLQ", enums.AreaKind.subdistrict, None, "样例街道", name_en="Sample subdistrict"),
        area("B1", enums.AreaKind.block, "WLQ", "一街区"),
        area("C1", enums.AreaKind.committee, "B1", "一居民区", aliases=("一居",)),
    ],
    "compounds": [
        {"code": "K1", "parent": "C1", "name_zh": "桥一小区", "aliases": ("桥一", "桥1"), **point(121.478, 31.203),
         "residents": 900, "residents_60_plus": 350, "residents_under_12": 80},
        {"code": "K2", "parent": "C1", "name_zh": "桥二小区", **point(121.47812345678901, 31.2042),
         "residents": 500, "residents_60_plus": 200, "residents_under_12": 40},
        {"code": "K3", "parent": "C1", "name_zh": "桥三小区", **point(121.4824, 31.2012, enums.Datum.gcj02),
         "residents": 10, "residents_60_plus": 0, "residents_under_12": 0},
    ],
    "buildings": [
        {"code": "K1-1", "compound": "K1", "name": "1号楼", "floors": 6, "has_lift": False, "lift_retrofitted": False},
        {"code": "K1-2", "compound": "K1", "name": "2号楼", "floors": 6, "has_lift": True, "lift_retrofitted": True},
    ],
    "providers": [{"code": "PV1", "name_zh": "样例养老服务中心"}],
    "sites": [
        {"code": "S1", "provider": "PV1", "area": "C1", "name_zh": "样例日托所", "taxonomy_code": "2010",
         **point(121.4785, 31.2035), "address": "样例路1号", "phone": "021-00000000", "is_step_free": True, "is_school_gate": False},
        {"code": "G1", "provider": "PV1", "area": "K2", "name_zh": "样例小学校门", **point(121.479, 31.204),
         "is_step_free": True, "is_school_gate": True},
    ],
    "services": [
        {"code": "S1-DC", "site": "S1", "kind": enums.ServiceKind.day_care, "name_zh": "样例日托", "mode": enums.Mode.welfare,
         "calendar_class": enums.CalendarClass.workdays, "limit_metres": 1000, "end_rule": enums.EndRule.none,
         "notice_days": 3, "sends_offers": True, "site_confirms": False, "held_back_places": 1, "cut_off": "-1 15:00", "is_active": True},
        {"code": "S1-AS", "site": "S1", "kind": enums.ServiceKind.after_school, "name_zh": "样例晚托", "mode": enums.Mode.stable,
         "calendar_class": enums.CalendarClass.school_days, "end_rule": enums.EndRule.none, "notice_days": 3,
         "sends_offers": True, "site_confirms": True, "held_back_places": 0, "cut_off": "0 12:00", "is_active": True},
        {"code": "S1-CT", "site": "S1", "kind": enums.ServiceKind.canteen, "name_zh": "样例食堂", "mode": enums.Mode.welfare,
         "calendar_class": enums.CalendarClass.every_day, "end_rule": enums.EndRule.none, "notice_days": 1,
         "sends_offers": False, "site_confirms": False, "held_back_places": 0, "cut_off": "-1 15:00", "is_active": True},
    ],
    "service_rules": [
        {"service": "S1-DC", "kind": enums.RuleKind.min_age_years, "value": 60, "data": "{}", "source": "样例", **SINCE},
        {"service": "S1-DC", "kind": enums.RuleKind.lives_in_area, "value": 0, "data": '{"areas": ["C1"]}', "source": "样例", **SINCE},
    ],
    "classes": [
        {"code": "S1-DC-A", "service": "S1-DC", "name_zh": "日托A班", "unit_use": 0, "skills": ()},
        {"code": "S1-AS-A", "service": "S1-AS", "name_zh": "晚托A班", "age_from_months": 72, "age_to_months": 160, "unit_use": 0, "skills": ("音乐",)},
        {"code": "S1-CT-A", "service": "S1-CT", "name_zh": "午餐", "unit_use": 0, "skills": ()},
    ],
    "years": [{"year": 2026, "state": enums.YearState.published, "source": "样例"},
              {"year": 2027, "state": enums.YearState.not_published, "source": "样例"}],
    "days": [{"on_date": date(2026, 10, 1), "kind": enums.DayKind.holiday, "name_zh": "国庆节"},
             {"on_date": date(2026, 10, 10), "kind": enums.DayKind.swapped_workday, "runs_as_weekday": 2, "name_zh": "调休上班"}],
    "terms": [{"code": "T1", "name_zh": "第一学期", "kind": enums.SchoolPeriod.term, "starts_on": date(2026, 9, 1), "ends_on": date(2027, 1, 22)}],
    "templates": [
        *(template(f"S1-DC-A/{d}/{part}", "S1-DC-A", d, part, 9 if part == "morning" else 13, places=2, carer_minutes=120)
          for d in range(5) for part in ("morning", "afternoon")),
        *(template(f"S1-AS-A/{d}", "S1-AS-A", d, "wave_1630", 15, places=10) for d in range(5)),
        *(template(f"S1-CT-A/{d}", "S1-CT-A", d, "lunch", 11, meals=50, seats=20) for d in range(7)),
    ],
    "closures": [{"code": "X1", "site": "S1", "service": "S1-DC", "starts_on": date(2026, 12, 24), "ends_on": date(2026, 12, 25), "reason": "检修"}],
    "policies": [{"key": "offer_working_days", "value": "3", "source": "样例", **SINCE}],
    "price_rules": [{"code": "PR1", "service": "S1-CT", "kind": enums.ServiceKind.canteen, "conditions": '{"age_from": 80}',
                     "percent_off": 15, "amount_off_fen": 0, "stacking_order": 1, "source": "样例", **SINCE}],
    "rounds": [{"code": "R1", "kind": enums.ServiceKind.after_school, "name_zh": "春季晚托", "opens_on": date(2026, 11, 1),
                "closes_on": date(2026, 12, 1), "publishes_on": date(2026, 12, 10), "starts_on": date(2027, 2, 22),
                "mode": enums.Mode.stable, "policy_version": "1", "secret_hash": "0" * 64, "policy_hash": "1" * 64}],
    "households": [
        {"code": "H1", "compound": "K1", "building": "K1-1", "floor": 5, "address": "样例路1弄1号501", "registered_compound": "K2"},
        {"code": "H2", "compound": "K2", "floor": 1},
    ],
    "people": [
        person("P1", "H1", "王秀英", date(1948, 3, 5), enums.Sex.female, id_number=GRANDMOTHER, phone="00012345678",
               roles=(enums.Role.elder,), health_note="高血压", stairs=enums.Stairs.stick),
        person("P2", "H1", "王小明", date(2018, 6, 1), enums.Sex.male, roles=(enums.Role.child,)),
        person("P3", "H1", "李文静", date(1988, 8, 8), enums.Sex.female, id_number=MOTHER, phone="00012345679"),
        person("P4", "H2", "张建国", date(1946, 1, 1), enums.Sex.male, id_number=GRANDFATHER, roles=(enums.Role.elder,)),
        person("P5", "H2", "赵玉兰", date(1950, 2, 2), enums.Sex.female, phone="00012345680", roles=(enums.Role.elder,)),
    ],
    "residences": [{"person": "P2", "weekday": 4, "compound": "K2", "floor": 1}],
    "evidence": [
        {"code": "E1", "person": "P1", "kind": enums.EvidenceKind.care_grade, "value": "3", "source": "评估", **SINCE, "valid_to": date(2027, 12, 31)},
        {"code": "E2", "person": "P4", "kind": enums.EvidenceKind.lives_alone, "source": "居委", **SINCE},
    ],
    "consents": [
        {"code": "N1", "person": "P2", "purpose": enums.ConsentPurpose.matching, "given_by": "P3", "given_on": date(2026, 9, 1), "channel": enums.Channel.desk},
    ],
    "guardianships": [{"child": "P2", "guardian": "P3", "relation": "母亲", "valid_from": date(2018, 6, 1)}],
    "pickups": [{"code": "U1", "child": "P2", "adult": "P1", "adult_name": "王秀英·样例", "relation": "祖母",
                 "phone": "00012345678", "verified_on": date(2026, 9, 1), **SINCE}],
    "groups": [{"code": "GR1", "kind": enums.GroupKind.couple, "same_site": True, "all_or_none": True}],
    "needs": [
        need("W1", "P1", "day_care", (Pattern(0b10101, FULL), Pattern(0b01010, MORNING)), preferences=("S1-DC",),
             limit_metres=500, draw_number=123456789, note="靠窗", group="GR1"),
        need("W2", "P2", "after_school", (Pattern(0b11111, WAVE),), gate_site="G1", round="R1"),
        need("W3", "P4", "day_care", (Pattern(0b00001, FULL),), state=enums.NeedState.placed),
        need("W4", "P5", "canteen", (Pattern(0, LUNCH, date(2026, 12, 3)),), rhythm=enums.NeedRhythm.dated),
        need("W5", "P5", "day_care", (Pattern(0b00001, MORNING),), state=enums.NeedState.placed),
    ],
    "placements": [
        {"code": "A1", "need": "W3", "care_class": "S1-DC-A", "weekdays": 0b00001, "part": FULL, "starts_on": date(2026, 10, 1),
         "state": enums.PlacementState.active, "origin": enums.Origin.imported, "is_pinned": True, "pin_reason": "家属要求",
         "confirmed_at": datetime(2026, 9, 28, 2, 30, 15, tzinfo=UTC), "confirmed_by": "张某", "confirmed_channel": enums.Channel.phone,
         "uses": (Amount("", CapacityKind.carer_minutes, 40), Amount("", CapacityKind.places, 1))},
        {"code": "A2", "need": "W5", "care_class": "S1-DC-A", "weekdays": 0b00001, "part": MORNING, "starts_on": date(2026, 12, 1),
         "state": enums.PlacementState.offered, "origin": enums.Origin.desk, "is_pinned": False,
         "uses": (Amount("S1-DC-A/0/morning", CapacityKind.places, 1),)},
    ],
    "exceptions": [{"placement": "A1", "on_date": date(2026, 12, 7), "kind": enums.ExceptionKind.hospital, "frees_place": True}],
    "offers": [{"placement": "A2", "sent_at": datetime(2026, 11, 22, 1, tzinfo=UTC), "expires_at": datetime(2026, 11, 25, 9, tzinfo=UTC)}],
    "slot_days": [
        {"template": "S1-CT-A/3", "occurs_on": date(2026, 12, 3), "state": enums.SlotState.open, "capacity_meals": 60, "capacity_seats": 20},
        {"template": "S1-CT-A/4", "occurs_on": date(2026, 12, 4), "state": enums.SlotState.closed, "capacity_meals": 50, "capacity_seats": 20},
    ],
    "bookings": [
        {"code": "BK1", "need": "W4", "template": "S1-CT-A/3", "occurs_on": date(2026, 12, 3), "state": enums.BookingState.booked,
         "origin": enums.Origin.desk, "booked_at": datetime(2026, 11, 20, 2, tzinfo=UTC), "uses": (Amount("", CapacityKind.meals, 1),)},
        {"code": "BK2", "need": "W4", "template": "S1-CT-A/3", "occurs_on": date(2026, 11, 19), "state": enums.BookingState.attended,
         "origin": enums.Origin.desk, "booked_at": datetime(2026, 11, 18, 2, tzinfo=UTC), "uses": (Amount("", CapacityKind.meals, 1),)},
    ],
}  # fmt: skip


def make_town() -> dict[str, list[dict[str, Any]]]:
    """Return a copy of the town that a test may spoil."""
    return deepcopy(TOWN)


def write_town(path: Path, town: dict[str, list[dict[str, Any]]]) -> Path:
    """Write the town's rows into a workbook."""
    write_workbook(path, lambda sheet: town.get(sheet.key, ()))
    return path
