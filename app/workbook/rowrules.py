"""What one row must not say: dates out of order, parts above the whole, a pin without its reason. Pure.

A value that could not be read, or is missing, is None here and never a second fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from app.bookings.rules import find_last_closed_day
from app.models.enums import (
    AreaKind,
    BookingState,
    DayKind,
    EvidenceKind,
    NeedRhythm,
    Origin,
    ServiceKind,
    WishPart,
)
from app.workbook.faults import Problem
from app.workbook.sheet import Row
from app.workbook.words import write_word

Rule = Callable[[Row, date], Iterator[Problem]]

PARTS_OF_KIND: Final[dict[ServiceKind, frozenset[WishPart]]] = {
    ServiceKind.canteen: frozenset({WishPart.lunch, WishPart.dinner}),
    ServiceKind.after_school: frozenset({WishPart.wave_1630, WishPart.wave_1700, WishPart.wave_1800}),
    **dict.fromkeys(
        (ServiceKind.day_care, ServiceKind.home_visit, ServiceKind.nursery, ServiceKind.holiday_class),
        frozenset({WishPart.full_day, WishPart.morning, WishPart.afternoon}),
    ),
}
"""Parts of the day that a kind of service has; kinds not named take any."""


def check_row(sheet: str, row: Row, today: date) -> Iterator[Problem]:
    """Give everything that a row of this sheet says wrongly."""
    for start, end in _ORDERED:
        if row.get(start) is not None and row.get(end) is not None and row[end] < row[start]:
            yield Problem("ends_before_start", end, {"start": row[start], "end": row[end]})
    rule = _RULES.get(sheet)
    if rule:
        yield from rule(row, today)


_ORDERED: Final = (("starts_on", "ends_on"), ("valid_from", "valid_to"), ("given_on", "withdrawn_on"))


def _check_area(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    if row.get("kind") is AreaKind.subdistrict and row.get("parent"):
        yield Problem("root_has_parent", "parent")
    elif row.get("kind") not in (None, AreaKind.subdistrict) and not row.get("parent"):
        yield Problem("required", "parent")


def _check_compound(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    whole = row.get("residents")
    parts = (row.get("residents_60_plus") or 0) + (row.get("residents_under_12") or 0)
    if whole is not None and parts > whole:
        yield Problem("parts_exceed_whole", "residents", {"parts": parts, "whole": whole})


def _check_building(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    if row.get("lift_retrofitted") and row.get("has_lift") is False:
        yield Problem("retrofit_without_lift", "has_lift")


def _check_class(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    low, high = row.get("age_from_months"), row.get("age_to_months")
    if low is not None and high is not None and low >= high:
        yield Problem("ages_out_of_order", "age_to_months", {"low": low, "high": high})


def _check_day(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    if row.get("kind") is DayKind.swapped_workday and row.get("runs_as_weekday") is None:
        yield Problem("weekday_missing", "runs_as_weekday")


def _check_template(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    start, end = row.get("starts_at_local"), row.get("ends_at_local")
    if start is not None and end is not None and end <= start:
        data = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
        yield Problem("times_out_of_order", "ends_at_local", data)
    if all(value is None for key, value in row.items() if key.startswith("capacity_")):
        yield Problem("capacity_missing", "capacity_places")


def _check_closure(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    first, last = row.get("starts_on"), row.get("ends_on")
    if first is not None and last is not None and last > (latest := find_last_closed_day(first)):
        yield Problem("closed_too_long", "ends_on", {"last": latest})


def _check_round(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    dates = [row.get(key) for key in ("opens_on", "closes_on", "publishes_on", "starts_on")]
    known = [on for on in dates if on is not None]
    if known != sorted(known):
        yield Problem("dates_out_of_order", "opens_on")


def _check_person(row: Row, today: date) -> Iterator[Problem]:
    yield from _check_past(row, "born_on", today)


def _check_evidence(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    value = row.get("value")
    if row.get("kind") is EvidenceKind.care_grade and value not in {"0", "1", "2", "3", "4", "5", "6"}:
        yield Problem("care_grade_unknown", "value", {"text": value or ""})


def _check_consent(row: Row, today: date) -> Iterator[Problem]:
    yield from _check_past(row, "given_on", today)


def _check_guardianship(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    if row.get("child") and row.get("child") == row.get("guardian"):
        yield Problem("guards_themselves", "guardian")


def _check_need(row: Row, today: date) -> Iterator[Problem]:
    yield from _check_past(row, "entered_on", today)
    patterns = row.get("patterns") or ()
    weekly = row.get("rhythm") is NeedRhythm.weekly
    if weekly and any(p.occurs_on for p in patterns):
        yield Problem("pattern_not_weekly", "patterns")
    if row.get("rhythm") is NeedRhythm.dated and any(not p.occurs_on for p in patterns):
        yield Problem("pattern_not_dated", "patterns")
    if len(set(patterns)) < len(patterns):
        yield Problem("pattern_twice", "patterns")
    kind = row.get("kind")
    if kind in PARTS_OF_KIND:
        for part in sorted({p.part for p in patterns} - PARTS_OF_KIND[kind]):
            yield Problem(
                "part_not_of_kind", "patterns", {"kind": write_word(kind), "part": write_word(part)}
            )


def _check_placement(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    if row.get("is_pinned") and not row.get("pin_reason"):
        yield Problem("pin_without_reason", "pin_reason")


def _check_offer(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    sent, expires = row.get("sent_at"), row.get("expires_at")
    if sent is not None and expires is not None and expires <= sent:
        yield Problem(
            "ends_before_start", "expires_at", {"start": f"{sent:%F %R}", "end": f"{expires:%F %R}"}
        )
    if (row.get("answer") is None) != (row.get("answered_at") is None):
        yield Problem("answer_without_instant", "answered_at")


def _check_booking(row: Row, today: date) -> Iterator[Problem]:  # noqa: ARG001
    if row.get("origin") is Origin.urgent and not row.get("reason"):
        yield Problem("urgent_without_reason", "reason")
    if row.get("state") is BookingState.cancelled and row.get("cancelled_at") is None:
        yield Problem("required", "cancelled_at")


def _check_past(row: Row, key: str, today: date) -> Iterator[Problem]:
    if row.get(key) is not None and row[key] > today:
        yield Problem("in_the_future", key, {"date": row[key]})


_RULES: Final[dict[str, Rule]] = {
    "areas": _check_area,
    "compounds": _check_compound,
    "buildings": _check_building,
    "classes": _check_class,
    "days": _check_day,
    "templates": _check_template,
    "closures": _check_closure,
    "rounds": _check_round,
    "people": _check_person,
    "evidence": _check_evidence,
    "consents": _check_consent,
    "guardianships": _check_guardianship,
    "needs": _check_need,
    "placements": _check_placement,
    "offers": _check_offer,
    "bookings": _check_booking,
}
