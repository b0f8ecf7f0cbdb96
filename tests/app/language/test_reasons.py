"""Each reason is one true sentence with the figures of its case, and never claims what the figures do not say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.clock import today
from app.language.days import say_date, say_pattern, say_price, say_weekdays
from app.language.reasons import explain, explain_all
from app.language.sentences import SENTENCES
from app.models.enums import Reason, WishPart


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_a_sentence_without_figures(reason: Reason, language: str) -> None:
    told = explain(reason, language)
    assert told
    assert "{" not in told
    assert "?" not in told


def test_the_last_variant_of_each_reason_needs_no_figures_or_the_title_stands_in() -> None:
    assert set(SENTENCES) == set(Reason)


@pytest.mark.parametrize(
    ("reason", "data", "told"),
    [
        (
            Reason.too_far,
            {"cost_metres": 920, "limit_metres": 800, "over_metres": 120},
            "路程 920 米，超过上限 800 米（多 120 米）。",
        ),
        (
            Reason.too_far,
            {"metres": 700, "cost_metres": 1020, "limit_metres": 1000, "over_metres": 20},
            "步行 700 米，计入爬楼和步速后相当于 1,020 米，超过上限 1,000 米（多 20 米）。",
        ),
        (
            Reason.too_far,
            {"metres": 920, "cost_metres": 920, "limit_metres": 800, "over_metres": 120},
            "路程 920 米，超过上限 800 米（多 120 米）。",
        ),
        (Reason.too_far, {"limit_metres": 800}, "超出 800 米的上限，或没有步行路可到。"),
        (Reason.no_way_down, {"floor": 6}, "住 6 楼、没有电梯，下不了楼；加装电梯后可以改变。"),
        (Reason.too_young, {"months": 5, "from_months": 6}, "现在 5 个月，满 6 个月才收。"),
        (
            Reason.care_grade_expired,
            {"expired_on": "2026-11-22"},
            "照护等级评估已于 11月22日 到期，须先续评。",
        ),
        (Reason.not_on_these_days, {"missing": ["6/lunch"]}, "这里没有开：周六午餐。"),
        (Reason.calendar_not_published, {"year": 2027}, "2027 年放假安排尚未公布，暂不能答应。"),
        (
            Reason.quota_used_up,
            {"hours": 3, "wanted_minutes": 120, "left_minutes": 60},
            "长护险每周 3 小时，只剩 60 分钟，需要 120 分钟。",
        ),
    ],
)
def test_the_sentence_has_the_figures_of_the_case(reason: Reason, data: dict[str, Any], told: str) -> None:
    assert explain(reason, "zh", data) == told


def test_several_reasons_are_told_one_after_another_and_each_once() -> None:
    rows = [{"code": "too_young"}, {"reason": "closed", "on": "2026-12-01"}, {"code": "too_young"}]
    assert (
        explain_all([*rows, {"code": "before_notice"}], "en")
        == "Younger than the service takes. Closed on 1 Dec."
    )


@pytest.mark.parametrize(
    ("bits", "zh", "en"),
    [
        (0b0010101, "周一、三、五", "Mon, Wed, Fri"),
        (0b0011111, "周一至周五", "Mon to Fri"),
        (0b0000011, "周一、二", "Mon, Tue"),
        (0b1111111, "每天", "every day"),
    ],
)
def test_weekdays_are_said_as_people_say_them(bits: int, zh: str, en: str) -> None:
    assert (say_weekdays(bits, "zh"), say_weekdays(bits, "en")) == (zh, en)


def test_patterns_and_prices() -> None:
    assert say_pattern(0b100, WishPart.full_day, None, "zh") == "周三 全天"
    assert (say_price(1420, "zh"), say_price(5, "en")) == ("14.20 元", "¥0.05")


def test_full_with_something_left_says_how_much_is_needed() -> None:
    told = {
        "on": "2026-12-21",
        "capacity": 240,
        "taken": 170,
        "kind": "visit_minutes",
        "until_on": "2026-12-30",
    }
    assert explain(Reason.full, "zh", told).startswith("12月21日已满：上门分钟共 240，已用 170")
    told |= {"left": 70, "wanted": 90}
    said = "12月21日不够：上门分钟共 240，只剩 70，需要 90；到 12月30日 都不够。"
    assert explain(Reason.full, "zh", told) == said


@pytest.mark.parametrize(
    ("years", "zh", "en"),
    [
        (-6, "{year}年3月2日", "2 Mar {year}"),
        (-1, "{year}年3月2日", "2 Mar {year}"),
        (0, "3月2日", "2 Mar"),
        (1, "3月2日", "2 Mar"),
        (2, "{year}年3月2日", "2 Mar {year}"),
    ],
)
def test_a_date_of_another_year_than_this_and_the_next_is_said_with_it(years: int, zh: str, en: str) -> None:
    on = date(today().year + years, 3, 2)
    assert say_date(on, "zh", with_weekday=False) == zh.format(year=on.year)
    assert say_date(on, "en", with_weekday=False) == en.format(year=on.year)
    assert say_date(on, "zh").startswith(zh.format(year=on.year) + " ")
    assert say_date(on, "en").endswith(en.format(year=on.year))
    assert en.format(year=on.year) in explain(Reason.closed, "en", {"on": on.isoformat()})
