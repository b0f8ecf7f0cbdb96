"""Reasons and gates as one true sentence each; figures in braces come with the reason's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from string import Formatter
from typing import Any, Final

from babel.dates import get_day_names
from babel.numbers import format_decimal

from app.language.catalogue import LOCALES, say
from app.language.days import say_date
from app.language.labels import N_, label
from app.language.sentences import SENTENCES
from app.models.enums import CapacityKind, Part, Reason

TITLES: Final[dict[Reason, str]] = {
    Reason.placed: N_("Placed"),
    Reason.less_preferred: N_("Got a place they prefer"),
    Reason.full: N_("No place free"),
    Reason.group: N_("Would split people who belong together"),
    Reason.outweighed: N_("The place does more for others by the published order"),
    Reason.too_far: N_("Too far to walk"),
    Reason.no_way_down: N_("Cannot get down the stairs; no lift"),
    Reason.too_young: N_("Too young"),
    Reason.too_old: N_("Too old"),
    Reason.care_grade_too_low: N_("Care grade too low"),
    Reason.care_grade_too_high: N_("Care grade too high"),
    Reason.care_grade_missing: N_("No care assessment"),
    Reason.care_grade_expired: N_("Care assessment expired"),
    Reason.needs_cognition_flag: N_("Only for people with a cognition finding"),
    Reason.not_for_cognition: N_("Not for people with a cognition finding"),
    Reason.outside_area: N_("Lives outside the area"),
    Reason.consent_missing: N_("Consent missing"),
    Reason.guardian_consent_missing: N_("Guardian's consent missing"),
    Reason.not_on_these_days: N_("Not offered on the days asked for"),
    Reason.smaller_pattern: N_("Only a smaller pattern would fit"),
    Reason.closed: N_("Closed"),
    Reason.calendar_not_published: N_("Calendar not yet published"),
    Reason.beyond_horizon: N_("Beyond the dates that can be booked"),
    Reason.quota_used_up: N_("Weekly or monthly allowance used up"),
    Reason.not_wished: N_("Not among the wishes"),
    Reason.no_option: N_("No service of this kind can take the person"),
    Reason.double_booked: N_("Has something else at that time"),
    Reason.not_step_free: N_("The site has steps the person cannot manage"),
    Reason.carer_not_suited: N_("The carer lacks a skill or does not match the wish"),
    Reason.no_pickup_adult: N_("No named adult can pick the child up at that time"),
    Reason.waits_for_round: N_("Waits for the round to close"),
    Reason.escort_missing: N_("No escort free"),
    Reason.inside_notice: N_("Too soon for the night; booked at the desk"),
    Reason.need_changed: N_("The wish was changed meanwhile"),
}

GATE_TITLES: Final[dict[str, str]] = {
    "revoked": N_("offered or confirmed places revoked"),
    "split": N_("siblings or couples split"),
    "over_capacity": N_("over capacity"),
    "ineligible": N_("not eligible"),
    "double_booked": N_("booked twice at one time"),
}


def title(reason: Reason, language: str) -> str:
    """Return a reason's short name, for tables and chips."""
    return say(TITLES[reason], language)


def explain(reason: Reason, language: str, data: Mapping[str, Any] | None = None) -> str:
    """Return a reason as one true sentence with the case's figures, as a `Refusal` or a proposal's option has them.

    Dates may be dates or ISO text, `missing` a list of `weekday/part` (1 = Monday). What a variant names and the data
    lack makes it pass to the next, plainer one.
    """
    given = {key: value for key, value in (data or {}).items() if value is not None}
    if given.get("metres") == given.get("cost_metres"):
        given.pop("metres", None)  # no stairs and no slow pace: the way is what it is
    figures = {key: _show(key, value, language) for key, value in given.items()}
    for sentence in SENTENCES[reason]:
        if all(name is None or name in figures for _, name, _, _ in Formatter().parse(sentence)):
            return say(sentence, language, figures)
    return title(reason, language)


def explain_all(reasons: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return reasons as `NotEligible` and proposals hold them (`code` or `reason`, and figures), joined to one text."""
    told = []
    for row in reasons:
        code = row.get("code", row.get("reason"))
        if code in Reason.__members__.values():
            told.append(explain(Reason(code), language, row))
    return " ".join(dict.fromkeys(told)) if language == "en" else "".join(dict.fromkeys(told))


def _show(key: str, value: Any, language: str) -> str:
    if key == "missing":
        return ("、" if language == "zh" else ", ").join(_name_cell(str(cell), language) for cell in value)
    if key == "kind" and value in CapacityKind.__members__.values():
        name = label(CapacityKind(value), language)
        return name if language == "zh" else name.lower()
    if key == "year":
        return str(value)
    if isinstance(value, str) and (key == "on" or key.endswith(("_on", "_day"))):
        value = date.fromisoformat(value)
    if isinstance(value, date):
        return say_date(value, language, with_weekday=False)
    if isinstance(value, int):
        return format_decimal(value, locale=LOCALES[language])
    return str(value)


def _name_cell(cell: str, language: str) -> str:
    weekday, _, part = cell.partition("/")
    day = get_day_names("abbreviated", locale=LOCALES[language])[int(weekday) - 1]
    return (
        f"{day}{label(Part(part), language)}" if language == "zh" else f"{day} {label(Part(part), language)}"
    )


def gate_title(gate: str, language: str, data: Mapping[str, object] | None = None) -> str:
    """Return what a gate counts."""
    return say(GATE_TITLES[gate], language, data)
