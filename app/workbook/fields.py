"""What a column of any list may mean: target fields with the headers that offices use for them. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.models.enums import EvidenceKind, ServiceKind


@dataclass(frozen=True)
class Field:
    """A meaning: the column of a sheet it fills, or the evidence or need that a yes makes."""

    key: str
    zh: str
    headers: tuple[str, ...]
    sheet: str
    column: str = ""
    evidence: EvidenceKind | None = None
    need: ServiceKind | None = None


def _evidence(kind: EvidenceKind, zh: str, *headers: str) -> Field:
    return Field(kind.value, zh, (zh, *headers), "evidence", "value", evidence=kind)


def _need(kind: ServiceKind, zh: str, *headers: str) -> Field:
    wanted = tuple(
        f"{verb}{word}" for word in (zh, *headers) for verb in ("希望", "需要", "申请", "是否需要")
    )
    return Field(f"wants_{kind.value}", f"希望{zh}", wanted, "needs", "kind", need=kind)


FIELDS: Final = (
    Field("name", "姓名", ("姓名", "名字", "老人姓名", "儿童姓名", "幼儿姓名", "学生姓名", "本人姓名", "name"), "people", "name"),
    Field("id_number", "身份证号", ("身份证号", "身份证号码", "身份证", "证件号", "证件号码", "公民身份号码", "id"), "people", "id_number"),
    Field("born_on", "出生日期", ("出生日期", "出生年月", "出生年月日", "生日", "birthday", "dateofbirth"), "people", "born_on"),
    Field("sex", "性别", ("性别", "sex", "gender"), "people", "sex"),
    Field("phone", "电话", ("电话", "联系电话", "手机", "手机号", "手机号码", "联系方式", "家长电话", "phone"), "people", "phone"),
    Field("health_note", "健康备注", ("健康备注", "健康状况", "病史", "疾病"), "people", "health_note"),
    Field("stairs", "上下楼", ("上下楼", "上下楼能力", "爬楼"), "people", "stairs"),
    Field("mobility", "行走", ("行走", "行动能力", "行走能力"), "people", "mobility"),
    Field("compound", "居住小区", ("小区", "居住小区", "小区名称", "所住小区", "居住地小区", "compound"), "households", "compound"),
    Field("building", "楼栋", ("楼栋", "楼号", "楼幢", "building"), "households", "building"),
    Field("floor", "楼层", ("楼层", "层", "floor"), "households", "floor"),
    Field("address", "门牌", ("门牌", "室号", "地址", "居住地址", "家庭住址", "详细地址", "现住址", "address"), "households", "address"),
    Field("care_grade", "照护等级", ("照护等级", "评估等级", "统一需求评估等级", "长护险等级", "等级"), "evidence", "value", evidence=EvidenceKind.care_grade),
    Field("grade_from", "评估日期", ("评估日期", "评估时间", "等级生效日期"), "evidence", "valid_from"),
    Field("grade_to", "评估有效期至", ("评估有效期至", "有效期至", "评估到期日", "等级失效日期"), "evidence", "valid_to"),
    _evidence(EvidenceKind.low_income, "低收入", "低收入家庭"),
    _evidence(EvidenceKind.minimum_living, "低保", "低保户", "是否低保"),
    _evidence(EvidenceKind.extreme_poverty, "特困", "特困人员", "是否特困"),
    _evidence(EvidenceKind.lives_alone, "独居", "独居老人", "是否独居"),
    _evidence(EvidenceKind.only_with_seniors, "纯老家庭", "纯老", "是否纯老家庭"),
    _evidence(EvidenceKind.lost_only_child, "失独", "失独家庭", "是否失独"),
    _evidence(EvidenceKind.special_care, "优抚对象", "优抚"),
    _evidence(EvidenceKind.severe_disability, "重度残疾", "重残", "是否重残"),
    _evidence(EvidenceKind.single_parent, "单亲家庭", "单亲", "是否单亲"),
    _evidence(EvidenceKind.both_parents_working, "双职工家庭", "双职工", "是否双职工"),
    _evidence(EvidenceKind.three_or_more_children, "三孩及以上家庭", "多孩家庭", "三孩"),
    Field("need_kind", "服务需求", ("服务需求", "需求", "需求类型", "需要的服务", "申请服务", "申请项目"), "needs", "kind"),
    Field("patterns", "希望时间", ("希望时间", "服务时间", "希望星期", "安排", "可接受的安排"), "needs", "patterns"),
    Field("entered_on", "登记日期", ("登记日期", "申请日期", "登记时间", "申请时间", "报名日期"), "needs", "entered_on"),
    Field("starts_on", "希望开始日期", ("希望开始日期", "开始日期", "起始日期"), "needs", "starts_on"),
    Field("note", "备注", ("需求备注", "服务备注"), "needs", "note"),
    _need(ServiceKind.day_care, "日托", "日间照料", "日间照护"),
    _need(ServiceKind.canteen, "助餐", "用餐", "送餐"),
    _need(ServiceKind.home_visit, "上门照护", "居家照护", "上门服务"),
    _need(ServiceKind.nursery, "托育", "托班"),
    _need(ServiceKind.after_school, "晚托", "晚托班"),
    _need(ServiceKind.holiday_class, "寒暑托班", "暑托班", "寒托班"),
)  # fmt: skip
"""In a header's competition the earlier field wins."""

BY_KEY: Final = {field.key: field for field in FIELDS}

NEED_WORDS: Final = {
    "日托": ServiceKind.day_care, "日间照料": ServiceKind.day_care, "日间照护": ServiceKind.day_care,
    "助餐": ServiceKind.canteen, "用餐": ServiceKind.canteen, "食堂": ServiceKind.canteen, "送餐": ServiceKind.canteen,
    "上门": ServiceKind.home_visit, "居家照护": ServiceKind.home_visit,
    "托育": ServiceKind.nursery, "晚托": ServiceKind.after_school,
    "暑托": ServiceKind.holiday_class, "寒托": ServiceKind.holiday_class, "寒暑托": ServiceKind.holiday_class,
}  # fmt: skip
"""What words in a column of wishes mean; a word may stand inside a longer one."""

PATTERNS: Final = {
    ServiceKind.day_care: "一二三四五 全天",
    ServiceKind.canteen: "一二三四五 午餐",
    ServiceKind.home_visit: "一三五 上午",
    ServiceKind.nursery: "一二三四五 全天",
    ServiceKind.after_school: "一二三四五 17:00 离校",
    ServiceKind.holiday_class: "一二三四五 全天",
}
"""Proposed for a list that names no days; the office sees and changes it in the mapping."""
