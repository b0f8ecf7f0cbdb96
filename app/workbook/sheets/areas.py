"""Sheets of where people live: areas, compounds, buildings. Declarations only."""

from __future__ import annotations

from dataclasses import replace

from app.models import Area, Building, Compound
from app.models.enums import AreaKind, Datum
from app.workbook.sheet import Column, Kind, Sheet, choice, code, count, refer, yes_no

POINT = (
    Column("longitude", "经度", "Longitude", Kind.number, required=True, low=-180, high=180),
    Column("latitude", "纬度", "Latitude", Kind.number, required=True, low=-90, high=90),
    choice(
        "datum", "坐标系", "Datum", Datum, required=True, attr=None,
        note_zh="高德、腾讯是 GCJ-02，百度是 BD-09，GPS 是 WGS-84；导入时换算一次。",
        note_en="AMap and Tencent give GCJ-02, Baidu BD-09, GPS WGS-84; converted once, at import.",
    ),
    choice(
        "source_datum", "原坐标系", "Original datum", Datum,
        note_zh="由系统导出：坐标最初的坐标系；手工填写时留空。",
        note_en="Written by the export: the datum the point first came in; leave empty by hand.",
    ),
)  # fmt: skip
"""The four columns of a point."""

ALIASES = Column(
    "aliases", "别名", "Aliases", Kind.texts, attr=None, length=80,
    note_zh="其他叫法，用分号隔开。", note_en="Other names, separated by semicolons.",
)  # fmt: skip

NAMES = (
    Column("name_zh", "名称", "Name", required=True, length=80),
    Column("name_en", "英文名称", "English name", length=120),
)

AREAS = Sheet(
    "areas", "区域", "Areas", Area,
    (
        code(),
        choice("kind", "层级", "Level", AreaKind, required=True, omits=(AreaKind.compound,)),
        refer("parent", "上级编码", "Above it", "areas"),
        *NAMES,
        ALIASES,
    ),
    note_zh="街道、街区、居民区三级；小区在下一张表。",
    note_en="Subdistrict, blocks, residential committees; compounds have a sheet of their own.",
)  # fmt: skip

COMPOUNDS = Sheet(
    "compounds", "小区", "Compounds", Compound,
    (
        replace(code(), attr=None),
        refer("parent", "所属居民区", "Committee", "areas", required=True, attr=None),
        Column("name_zh", "名称", "Name", required=True, length=80, attr=None),
        Column("name_en", "英文名称", "English name", length=120, attr=None),
        ALIASES,
        *POINT,
        count("residents", "居住人数", "Residents", default=0),
        count("residents_60_plus", "60岁及以上", "Residents aged 60+", default=0),
        count("residents_under_12", "12岁以下", "Residents under 12", default=0),
    ),
    note_zh="每个小区一行，坐标取主出入口。",
    note_en="One row for each compound; the point is its main gate.",
)  # fmt: skip

BUILDINGS = Sheet(
    "buildings", "楼栋", "Buildings", Building,
    (
        code(),
        refer("compound", "小区", "Compound", "compounds", required=True),
        Column("name", "楼号", "Building", required=True, length=40),
        count("floors", "层数", "Floors", required=True, low=1, high=120),
        yes_no("has_lift", "有电梯", "Has a lift", default=False),
        yes_no("lift_retrofitted", "加装电梯", "Lift retrofitted", default=False),
    ),
    uniques=(("compound", "name"),),
    note_zh="电梯和楼层决定老人能走到哪里。",
    note_en="Lift and floor decide what an elder can reach.",
)  # fmt: skip

SHEETS = (AREAS, COMPOUNDS, BUILDINGS)
