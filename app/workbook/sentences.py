"""The sentence of each fault code, Chinese and English: what is wrong and what to do. Data only."""

from __future__ import annotations

from typing import Final

CELLS: Final = {
    "required": ("必填，不能空白。", "this may not be empty."),
    "too_long": (
        "太长（{length} 字），最多 {limit} 字。",
        "too long ({length} characters); at most {limit}.",
    ),
    "malformed": ("“{text}”格式不对；{hint}", "“{text}” has the wrong form; {hint_en}"),
    "not_a_code": (
        "编码“{text}”只能用字母、数字和 _ . : / @ # + -，以字母或数字开头。",
        "code “{text}” may hold letters, digits and _ . : / @ # + - only, and begins with a letter or digit.",
    ),
    "not_a_name": (
        "这不像一个姓名；请检查列是否放错。",
        "this does not look like a name; check the columns.",
    ),
    "not_a_whole_number": ("“{text}”不是整数。", "“{text}” is not a whole number."),
    "not_a_number": ("“{text}”不是数字。", "“{text}” is not a number."),
    "out_of_range": (
        "{value} 超出范围，应在 {low} 到 {high} 之间。",
        "{value} is out of range; {low} to {high} is accepted.",
    ),
    "not_a_date": (
        "“{text}”不是日期；请写成 2026-03-01 这样的形式。",
        "“{text}” is not a date; write it as 2026-03-01.",
    ),
    "date_out_of_bounds": (
        "{text} 不在 {first} 年至 {last} 年之间；长期有效的请留空。",
        "{text} does not lie between {first} and {last}; leave it empty where there is no end.",
    ),
    "not_a_time": (
        "“{text}”不是时间；请写成 08:30 这样的形式。",
        "“{text}” is not a time; write it as 08:30.",
    ),
    "not_an_instant": (
        "“{text}”不是日期加时间；请写成 2026-03-01 08:30。",
        "“{text}” is not a date with a time; write it as 2026-03-01 08:30.",
    ),
    "not_yes_no": ("“{text}”应为“是”或“否”。", "“{text}” should be 是 (yes) or 否 (no)."),
    "unknown_word": ("“{text}”不在可选项中：{words}。", "“{text}” is not one of: {words_en}."),
    "not_a_weekday": (
        "“{text}”不是星期；请写“周一”到“周日”。",
        "“{text}” is not a weekday; write 周一 to 周日 or 1 to 7.",
    ),
    "not_weekdays": (
        "“{text}”读不出星期；请写成“一三五”。",
        "“{text}” names no weekdays; write 135 or 一三五.",
    ),
    "not_a_pattern": (
        "“{text}”读不出安排；请写成“一三五 全天”或“2026-12-03 午餐”。",
        "“{text}” is no pattern; write “135 full_day” or “2026-12-03 lunch”.",
    ),
    "not_amounts": ("“{text}”读不出占用；请写成“名额=1”。", "“{text}” names no amounts; write “places=1”."),
    "not_json": (
        "不是有效的 JSON（第 {position} 个字符处）。",
        "this is not valid JSON (at character {position}).",
    ),
    "id_number_length": (
        "身份证号应为 18 位或 15 位，这里是 {length} 位。",
        "an ID number has 18 or 15 characters; this one has {length}.",
    ),
    "id_number_characters": (
        "身份证号含有不允许的字符。",
        "the ID number holds characters that cannot be in one.",
    ),
    "id_number_birth_date": (
        "身份证号里的出生日期不存在。",
        "the birth date inside the ID number does not exist.",
    ),
    "id_number_checksum": (
        "身份证号校验位不对，请核对原件。",
        "the ID number's check character is wrong; compare with the card.",
    ),
    "id_number_as_number": (
        "身份证号被 Excel 当作数字，后几位已丢失；请把单元格设为文本后重新填写。",
        "Excel keeps this ID number as a number and has lost its last digits; make the cell text and type it again.",
    ),
    "not_a_phone": (
        "电话号码格式不对；请写手机号或带区号的固定电话。",
        "this is not a phone number; write a mobile or a landline with area code.",
    ),
}

REFERENCES: Final = {
    "unknown_code": (
        "“{text}”在「{target}」中不存在。",
        "“{text}” is not in the sheet {target_en}, nor in the record.",
    ),
    "ambiguous_name": (
        "“{text}”对应多个小区，请改填编码。",
        "“{text}” is the name of several areas; write the code instead.",
    ),
    "duplicate_row": ("与第 {first} 行重复（{key}）。", "the same as row {first} ({key})."),
    "duplicate_id_number": ("身份证号与第 {first} 行相同。", "the same ID number as row {first}."),
    "duplicate_person": (
        "姓名、出生日期和电话都与第 {first} 行相同。",
        "name, birth date and phone are those of row {first}.",
    ),
    "alias_taken": ("别名“{text}”已属于 {owner}。", "alias “{text}” already belongs to {owner}."),
    "name_taken": ("名称“{text}”已被 {owner} 使用。", "the name “{text}” is already used by {owner}."),
    "two_live_placements": (
        "需求 {need} 已有在用的安排（{owner}）。",
        "need {need} already has a live placement ({owner}).",
    ),
    "two_open_offers": (
        "安排 {placement} 已有未答复的通知。",
        "placement {placement} already has an open offer.",
    ),
    "two_live_bookings": (
        "此人当天同一时段已有预约（{owner}）。",
        "the person already has a booking in this slot ({owner}).",
    ),
    "id_number_taken": (
        "身份证号已登记在 {owner} 名下，而编码 {code} 是另一人。",
        "the ID number belongs to {owner}, while code {code} is somebody else.",
    ),
    "person_erased": (
        "此人的资料已按要求删除，不能再导入。",
        "this person's data were erased on demand and are not taken in again.",
    ),
    "depends_on_skipped": (
        "引用的“{text}”（{target}）有误未导入，本行一并跳过。",
        "“{text}” ({target_en}) was skipped because of a fault, so this row is skipped too.",
    ),
}

RULES: Final = {
    "ends_before_start": ("{end} 早于 {start}。", "{end} is before {start}."),
    "closed_too_long": (
        "一次停开最长两年（到 {last} 为止）；不知何时重开的，先写两年内的一天，届时再续。",
        "a closure lasts two years at most (until {last}); where the end is not known, name a day within two years and go on from there then.",
    ),
    "in_the_future": ("{date} 还没有到。", "{date} is still to come."),
    "birth_date_differs": (
        "出生日期与身份证号（{inside}）不一致。",
        "the birth date differs from the ID number's ({inside}).",
    ),
    "sex_differs": ("性别与身份证号不一致。", "the sex differs from the ID number's."),
    "point_swapped": ("经度和纬度写反了。", "longitude and latitude are swapped."),
    "point_outside_district": (
        "坐标（{latitude}，{longitude}）不在本区范围内；请检查坐标系是否选对。",
        "the point ({latitude}, {longitude}) is outside the district; check the datum.",
    ),
    "parts_exceed_whole": (
        "60 岁及以上与 12 岁以下之和（{parts}）超过居住人数（{whole}）。",
        "those aged 60+ and those under 12 ({parts}) are more than all residents ({whole}).",
    ),
    "retrofit_without_lift": ("写了加装电梯，却没有电梯。", "a retrofitted lift without a lift."),
    "floor_above_building": (
        "{floor} 层高于楼栋的 {floors} 层。",
        "floor {floor} is above the building's {floors}.",
    ),
    "building_elsewhere": (
        "楼栋 {building} 不在小区 {compound}。",
        "building {building} is not in compound {compound}.",
    ),
    "parent_level": ("上级应是{wanted}。", "the area above has to be a {wanted_en}."),
    "root_has_parent": ("街道没有上级。", "a subdistrict has nothing above it."),
    "ages_out_of_order": ("最小月龄 {low} 应小于月龄上限 {high}。", "from age {low} has to be below {high}."),
    "times_out_of_order": (
        "结束时间 {end} 应晚于开始时间 {start}。",
        "end {end} has to be after start {start}.",
    ),
    "dates_out_of_order": (
        "日期顺序应为开放、截止、公布、开始。",
        "the dates have to come in order: opens, closes, publishes, starts.",
    ),
    "care_grade_unknown": ("照护等级应为 0 到 6，这里是“{text}”。", "a care grade is 0 to 6, not “{text}”."),
    "guards_themselves": ("监护人不能是儿童本人。", "nobody guards themselves."),
    "consent_not_theirs": (
        "同意人 {giver} 不是本人，{date} 当天也不是在任的监护人，这样的同意不算数；请改为本人或监护人，或先在“监护”表登记监护关系。",
        "{giver} is not the person, nor a guardian in office on {date}: such a consent does not count. Name the person or a guardian, or add the guardianship on its sheet.",
    ),
    "not_a_guardian": (
        "未满 {years} 周岁须由监护人同意，{giver} 在 {date} 当天不是在任的监护人；请改为监护人，或先在“监护”表登记监护关系。",
        "under {years} a guardian has to consent, and {giver} is none in office on {date}. Name a guardian, or add the guardianship on its sheet.",
    ),
    "service_elsewhere": ("服务 {service} 不在服务点 {site}。", "service {service} is not at site {site}."),
    "capacity_missing": ("至少要填一项容量。", "at least one capacity is needed."),
    "capacity_below_taken": (
        "{kind}减为 {capacity}，低于 {date} 已占用的 {taken}（{bookings}）；请先移动或结束这些安排。",
        "{kind} cut to {capacity} is below the {taken} taken on {date} ({bookings}); move or end these first.",
    ),
    "cell_fixed": (
        "已有周时段的班组、星期和时段不能改；请给它写失效日期，另加一行新的。",
        "class, weekday and part of an existing weekly slot cannot change; end it and add a new row.",
    ),
    "ends_before_taken": (
        "{date} 还有人占用（{taken}），周时段不能在此之前失效。",
        "{taken} are still taken on {date}; the weekly slot cannot end before it.",
    ),
    "weekday_missing": (
        "调休上班日要写按周几。",
        "a swapped workday needs the weekday whose timetable it runs.",
    ),
    "pattern_not_weekly": ("每周固定的需求要写星期。", "a weekly need has to name weekdays."),
    "pattern_not_dated": ("单次需求要写日期。", "a dated need has to name dates."),
    "pattern_twice": ("同一安排写了两次。", "the same pattern is named twice."),
    "part_not_of_kind": ("{kind}没有“{part}”这个时段。", "{kind} has no part “{part}”."),
    "kind_differs": (
        "班组属于{is_kind}，需求要的是{wanted}。",
        "the class is for {is_kind}, the need asks for {wanted}.",
    ),
    "no_cells": ("班组在这些星期没有这个时段。", "the class has no such cell on these weekdays."),
    "day_not_of_template": (
        "{date} 不是这个周时段的星期或不在有效期内。",
        "{date} is not a day of this weekly slot.",
    ),
    "pin_without_reason": ("固定的安排要写原因。", "a pin needs its reason."),
    "urgent_without_reason": ("紧急预约要写原因。", "an urgent booking needs its reason."),
    "answer_without_instant": ("答复和答复时间要么都写，要么都空。", "answer and its time: both or neither."),
    "group_of_one_service": ("同组的需求应是同一类服务。", "the needs of a group have to be of one kind."),
}

SHEETS: Final = {
    "header_missing": (
        "缺少必需的列「{column}」（{column_en}）。",
        "the required column {column} ({column_en}) is missing.",
    ),
    "header_twice": ("列「{column}」出现了两次。", "column {column} appears twice."),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = CELLS | REFERENCES | RULES | SHEETS
