"""The documented default of every policy, with its source; a dated row of the record overrules it. No I/O here.

K marks our own default (domain-rules.md): configurable, to be confirmed by the subdistrict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Default:
    """A value with where it comes from."""

    value: Any
    source: str


DEFAULTS: Final[Mapping[str, Default]] = {
    "publish": Default("automatic", "lifecycle.md: automatic | approve"),
    "offer_working_days": Default(2, "lifecycle.md, K"),
    "hold_minutes": Default(10, "lifecycle.md: a hold while an adviser asks, K"),
    "plan_weeks": Default(13, "lifecycle.md: the night plans 13 weeks ahead"),
    "most_skipped_dates": Default(2, "lifecycle.md: at most two dates, which the offer names"),
    "standby_length": Default(5, "lifecycle.md: the next 5 needs"),
    "unmet_days": Default(
        {"block": 14, "subdistrict": 30}, "lifecycle.md: older than so many days a need is on that list, K"
    ),
    "escalation_due_working_days": Default(
        {"block": 5, "subdistrict": 10}, "lifecycle.md: owner, due date and required outcome, K"
    ),
    "quiet_hours": Default({"from": "21:00", "to": "08:00"}, "nobody is woken for an offer, Shanghai, K"),
    "urgent_notices": Default(
        ["alarm_raised", "booking_cancelled"], "what is told at night, too: it cannot wait until eight, K"
    ),
    "notice_most_tries": Default(8, "then a notice is given up and listed for the manager, K"),
    "offer_reminder_hours": Default(24, "an unanswered offer is recalled so long before it runs out, K"),
    "notice_files_kept_days": Default(30, "files of notices handed over are deleted after so many days, K"),
    "round_minimum_orders": Default(
        2, "deliveries: a compound with fewer orders is marked for the round, never dropped, K"
    ),
    "meal_forecast_weeks": Default(4, "lifecycle.md: forecast from the last 4 same weekdays"),
    "day_pack_at": Default("06:30", "issue: a pack per site at half past six"),
    "day_pack_kept_days": Default(1, "packs of earlier days are taken away after so many days, K"),
    "rolling_seed": Default("wuliqiao-rolling-2026", "published seed of the rolling draw, K"),
    "parallel_classes": Default(2, "classes of one service for the same ages that a need is offered, K"),
    "nearest_sites": Default(
        {"other": 8, "canteen": 4, "home_visit": 2},
        "sites per need beside those wished for; meals are brought and teams come, so a few near ones do, K",
    ),
    "carers_per_team": Default(3, "carers of one team that a need is offered, K"),
    "planning_metres_per_minute": Default(60, "GB 50180-2018: 300 m in 5 minutes, V"),
    "senior_metres_per_minute": Default(48, "0.8 m/s, K"),
    "child_metres_per_minute": Default(60, "planning speed, K"),
    "floor_seconds": Default({"alone": 20, "stick": 40, "with_help": 40}, "per floor without a lift, K"),
    "level_factor_percent": Default(
        {"walks": 100, "walking_aid": 130, "wheelchair": 125}, "longer ways on the level, K"
    ),
    "overrun_band_metres": Default(100, "solver.md: 100 m bands beyond the own limit"),
    "own_limit_metres": Default(
        {
            "day_care": 500,
            "canteen": 500,
            "nursery": 500,
            "after_school": 800,
            "holiday_class": 800,
            "children_centre": 800,
            "family_centre": 800,
        },
        "where a need states none: 10 and 15 minutes, K",
    ),
    "weekly_care_hours": Default({"2": 3, "3": 3, "4": 5, "5": 7, "6": 7}, "long-term-care insurance, V"),
    "weekly_hours_include_day_care": Default(value=False, source="a switch, K"),
    "carer_minutes_by_grade": Default(
        {"0": 20, "1": 20, "2": 30, "3": 40, "4": 60, "5": 80, "6": 90}, "per half day in day care, K"
    ),
    "travel_zones": Default(
        [[500, 10], [1000, 15], [1500, 20], [2500, 30]],
        "home visits: metres from the team's base up to, minutes of travel allowed per visit, K",
    ),
    "list_price_fen": Default(
        {
            "canteen": {"lunch": 1800, "dinner": 1600},
            "day_care": {"full_day": 9000, "morning": 5000, "afternoon": 5000},
            "home_visit": {"hour": 6500},
            "nursery": {"full_day": 12000, "morning": 7000, "afternoon": 7000},
            "holiday_class": {"full_day": 4000, "morning": 2000, "afternoon": 2000},
            "after_school": {"any": 0},
            "children_centre": {"any": 0},
            "family_centre": {"any": 0},
        },
        "what one meal, day or hour costs before any rule, in fen, K",
    ),
    "guardian_consent_under_years": Default(14, "PIPL art. 31, V"),
    "elder_from_years": Default(60, "care-needs assessment, V"),
    "nursery_year_ends": Default("08-31", "kindergartens admit once a year, K"),
    "adult_cell_capacity": Default(8, "lifecycle.md: own care uses 8, each child handed over 1"),
    "solver_seconds": Default(
        90,
        "deadline of the solver child for up to 7,000 needs, proven sooner as a rule; larger nights get more, K",
    ),
    "solver_memory_mib": Default(2048, "memory limit of the solver child, K"),
    "volunteer_gives": Default(
        {"carer_minutes": 180, "escorts": 10, "drops": 10},
        "what one volunteer counts as in a half day of an offer: company in day care, people to go along, meals to bring, K",
    ),
    "hard_grade_from": Default(4, "a high grade, K"),
    "alarm_minutes": Default(
        {"missing": 30, "gate": 5, "unclaimed": 15, "roll": 30},
        "lifecycle.md: missing after 30 minutes, at the gate after 5; not fetched and roll not begun: ours, K",
    ),
    "alarm_step_minutes": Default(
        {"call": 10, "contact": 15, "committee": 30, "manager": 30}, "time for each step of an alarm, K"
    ),
    "no_shows_for_a_task": Default(3, "lifecycle.md: three no-shows make a task for the adviser"),
    "staff_ratio": Default(
        {
            "after_school": {"children": 15, "adults": 2},
            "holiday_class": {"children": 15, "adults": 6},
        },
        "domain-rules: after school 1:15 and at least 2 (K); holiday classes 3 volunteers, 2 security, 1 teacher (V)",
    ),
    "high_age_from": Default(80, "80 and over, K"),
    "elder_classes": Default(
        [
            {
                "class": 4,
                "any": [
                    {"all": [["extreme_poverty", "minimum_living", "low_income"], ["grade_high"]]},
                    {"all": [["lost_only_child"]]},
                    {"all": [["severe_disability"]]},
                ],
            },
            {
                "class": 3,
                "any": [
                    {"all": [["extreme_poverty", "minimum_living", "low_income", "grade_high"]]},
                    {"all": [["lives_alone"], ["age_high"]]},
                ],
            },
            {
                "class": 2,
                "any": [
                    {
                        "all": [
                            ["grade_middle", "age_high", "lives_alone", "only_with_seniors", "special_care"]
                        ]
                    }
                ],
            },
        ],
        "domain-rules: priority, K; the rest is class 1",
    ),
    "child_classes": Default(
        [
            {
                "class": 4,
                "any": [
                    {"all": [["extreme_poverty", "minimum_living", "low_income"], ["single_parent"]]},
                    {"all": [["severe_disability"]]},
                ],
            },
            {
                "class": 3,
                "any": [
                    {"all": [["extreme_poverty", "minimum_living", "low_income", "single_parent"]]},
                ],
            },
            {
                "class": 2,
                "any": [{"all": [["both_parents_working", "three_or_more_children"]]}],
            },
        ],
        "domain-rules: priority, K; the rest is class 1",
    ),
}
"""Every key that the program knows; `elder_classes`: each class lists ways in, each way a list of alternatives,
one of each of which must hold (see app/priority/rules.py)."""


@dataclass(frozen=True)
class Policies:
    """The policies in force on one day."""

    values: Mapping[str, Any]

    def get(self, key: str) -> Any:
        """Return the value in force; an unknown key is a programming error (KeyError)."""
        return self.values[key] if key in self.values else DEFAULTS[key].value


DEFAULT_POLICIES: Final = Policies({})
