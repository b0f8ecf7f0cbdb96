"""Sheets of the people: households, persons, residences, evidence, consents, guardians, pickups. Declarations only."""

from __future__ import annotations

from app.models import Consent, Evidence, Guardianship, Household, Person, PickupAuthorisation, Residence
from app.models.enums import Channel, ConsentPurpose, EvidenceKind, Mobility, Role, Sex, Stairs
from app.workbook.sheet import Column, Kind, Sheet, choice, code, day, refer, valid_from_to, yes_no

HOUSEHOLDS = Sheet(
    "households", "家庭", "Households", Household,
    (
        code(),
        refer("compound", "居住小区", "Lives in compound", "compounds", required=True),
        refer("building", "楼栋", "Building", "buildings"),
        Column("floor", "楼层", "Floor", Kind.integer, default=1, low=-3, high=120),
        Column("address", "门牌", "Address", sealed=True),
        refer("registered_compound", "户籍小区", "Registered in compound", "compounds"),
    ),
    note_zh="住在一起的人是一个家庭。",
    note_en="People who live together are one household.",
)  # fmt: skip

PEOPLE = Sheet(
    "people", "人员", "People", Person,
    (
        code(),
        refer("household", "家庭", "Household", "households", required=True),
        Column("name", "姓名", "Name", Kind.name, required=True, length=80),
        choice("sex", "性别", "Sex", Sex, required=True),
        day("born_on", "出生日期", "Born on", required=True),
        Column("id_number", "身份证号", "ID number", Kind.id_number, sealed=True, length=18),
        Column("phone", "电话", "Phone", Kind.phone, sealed=True, length=40),
        Column("roles", "身份", "Roles", Kind.choices, choice=Role, attr=None,
               note_zh="老人、儿童；家长可留空。", note_en="Elder, child; empty for a parent."),
        choice("stairs", "上下楼", "Stairs", Stairs, default=Stairs.alone),
        choice("mobility", "行走", "Mobility", Mobility, default=Mobility.walks),
        Column("health_note", "健康备注", "Health note", sealed=True, length=2000),
        yes_no("is_synthetic", "合成样例", "Synthetic", default=False),
    ),
    note_zh="每人一行；有身份证号的以身份证号认人，没有的以姓名、出生日期和电话认人。",
    note_en="One row a person; known by ID number, or by name, birth date and phone.",
)  # fmt: skip

RESIDENCES = Sheet(
    "residences", "轮住", "Other residences", Residence,
    (
        refer("person", "人员", "Person", "people", required=True),
        Column("weekday", "星期", "Weekday", Kind.weekday, required=True),
        refer("compound", "小区", "Compound", "compounds", required=True),
        refer("building", "楼栋", "Building", "buildings"),
        Column("floor", "楼层", "Floor", Kind.integer, default=1, low=-3, high=120),
    ),
    identity=("person", "weekday"),
)  # fmt: skip

EVIDENCE = Sheet(
    "evidence", "证明材料", "Evidence", Evidence,
    (
        code(48),
        refer("person", "人员", "Person", "people", required=True),
        choice("kind", "类型", "Kind", EvidenceKind, required=True),
        Column("value", "内容", "Value", sealed=True, length=400,
               note_zh="照护等级写 0 到 6。", note_en="For a care grade: 0 to 6."),
        Column("source", "来源", "Source", length=120),
        *valid_from_to(),
    ),
)  # fmt: skip

CONSENTS = Sheet(
    "consents", "同意书", "Consents", Consent,
    (
        code(48),
        refer("person", "人员", "Person", "people", required=True),
        choice("purpose", "用途", "Purpose", ConsentPurpose, required=True),
        refer("given_by", "同意人", "Given by", "people", required=True),
        day("given_on", "同意日期", "Given on", required=True),
        day("valid_to", "失效日期", "Last valid day"),
        day("withdrawn_on", "撤回日期", "Withdrawn on"),
        choice("channel", "渠道", "Channel", Channel, default=Channel.desk),
    ),
)  # fmt: skip

GUARDIANSHIPS = Sheet(
    "guardianships", "监护", "Guardians", Guardianship,
    (
        refer("child", "儿童", "Child", "people", required=True),
        refer("guardian", "监护人", "Guardian", "people", required=True),
        Column("relation", "关系", "Relation", required=True, length=20),
        *valid_from_to(),
    ),
    identity=("child", "guardian"),
)  # fmt: skip

PICKUPS = Sheet(
    "pickups", "接送人", "Pickups", PickupAuthorisation,
    (
        code(48),
        refer("child", "儿童", "Child", "people", required=True),
        refer("adult", "接送人", "Adult", "people", note_zh="已登记的人填编码。", note_en="The code of a registered person."),
        Column("adult_name", "接送人姓名", "Adult's name", Kind.name, required=True, length=80),
        Column("relation", "关系", "Relation", required=True, length=20),
        Column("phone", "接送人电话", "Adult's phone", Kind.phone, sealed=True, length=40),
        day("verified_on", "核验日期", "Verified on"),
        *valid_from_to(),
    ),
)  # fmt: skip

SHEETS = (HOUSEHOLDS, PEOPLE, RESIDENCES, EVIDENCE, CONSENTS, GUARDIANSHIPS, PICKUPS)
