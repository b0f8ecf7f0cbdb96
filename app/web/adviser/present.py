"""Turns what the desk's queries found into words and figures for the templates; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from app.clock import to_local
from app.desk.needs import Booked, Held, Placed, Turn
from app.desk.ranking import Option, Ranking, WhyNot
from app.errors import DomainError
from app.language.catalogue import say
from app.language.days import say_date, say_pattern, say_price
from app.language.labels import N_
from app.language.reasons import explain, explain_all, title
from app.models import Need
from app.models.enums import ServiceKind
from app.options.facts import Refusal
from app.placements.rules import may_undo

BY_THE_MEAL = N_("a meal")
BY_THE_VISIT = N_("a visit")
BY_THE_DAY = N_("a day")
FREE_OF_CHARGE = N_("free of charge")
WISHED = N_("Wish no. {rank}")
DELIVERED = N_("Brought to the door")
VISITED = N_("Carer comes to the home")
WITHIN_LIMIT = N_("Within the person's own walking limit")
OTHER_PATTERN = N_("Second choice of days")


def show_option(option: Option, number: int, language: str) -> dict[str, Any]:
    """Return one row of the ranked list."""
    one, zh = option.candidate, language == "zh"
    trip = one.trip
    return {
        "number": number,
        "key": name_option(option),
        "site": option.name.site_zh if zh else option.name.site_en,
        "service": option.name.service_zh if zh else option.name.service_en,
        "class": option.class_zh if zh else option.class_en,
        "address": option.name.address,
        "phone": option.name.phone,
        "pattern": say_pattern(one.pattern.weekdays, one.pattern.part, one.pattern.occurs_on, language),
        "is_walked": trip.is_walked,
        "is_delivered": trip.is_delivered,
        "minutes": None if trip.way is None else trip.way.person_minutes,
        "metres": None if trip.way is None else trip.way.metres,
        "is_free": option.is_free,
        "left": option.left,
        "starts_on": say_date(option.starts_on, language),
        "is_later": option.is_free and option.full is not None,
        "full": "" if option.full is None else explain(option.full.reason, language, option.full.data),
        "price": _show_price(option, language),
        "good": _list_good(option, language),
        "service_id": one.service.id,
        "site_confirms": one.service.site_confirms,
    }


def name_option(option: Option) -> str:
    """Return the text that names an option in a form: class, weekdays, part, first day."""
    one = option.candidate
    return (
        f"{one.care_class.id}.{one.pattern.weekdays}.{one.pattern.part.value}.{option.starts_on.isoformat()}"
    )


def find_option(ranking: Ranking, key: str) -> Option | None:
    """Return the option that a form names, or None where it is no longer there."""
    return next((one for one in ranking.options if name_option(one) == key), None)


def show_why_not(row: WhyNot, language: str) -> dict[str, Any]:
    """Return a site that is not in question, with its reasons as chips and as one text."""
    return {
        "site": row.name.site_zh if language == "zh" else row.name.site_en,
        "metres": row.metres,
        "chips": [title(refusal.reason, language) for refusal in row.refusals],
        "sentence": say_refusals(row.refusals, language),
    }


def say_refusals(refusals: Sequence[Refusal], language: str) -> str:
    """Return refusals as sentences."""
    return explain_all([{"code": one.reason, **one.data} for one in refusals], language)


def show_hold(hold: Held, language: str) -> dict[str, Any]:
    """Return a hold with the clock times of its slot and of its end."""
    return {
        "site": hold.site_zh if language == "zh" else hold.site_en or hold.site_zh,
        "when": say_when(hold.on, hold.starts_at, hold.ends_at, language),
        "until": f"{to_local(hold.until):%H:%M}",
    }


def show_booked(row: Booked, language: str) -> dict[str, Any]:
    """Return a booking."""
    zh = language == "zh"
    return {
        "id": row.id,
        "code": row.code,
        "need_id": row.need_id,
        "state": row.state,
        "kind": row.kind,
        "site": row.site_zh if zh else row.site_en or row.site_zh,
        "service": row.service_zh if zh else row.service_en or row.service_zh,
        "address": row.address,
        "phone": row.phone,
        "when": say_when(row.on, row.starts_at, row.ends_at, language),
    }


def show_placed(row: Placed, language: str, today: date) -> dict[str, Any]:
    """Return a placement; an undo is offered for what the desk gave and has not begun."""
    zh = language == "zh"
    return {
        "id": row.id,
        "code": row.code,
        "need_id": row.need_id,
        "state": row.state,
        "kind": row.kind,
        "site": row.site_zh if zh else row.site_en or row.site_zh,
        "service": row.service_zh if zh else row.service_en or row.service_zh,
        "address": row.address,
        "phone": row.phone,
        "pattern": say_pattern(row.weekdays, row.part, None, language),
        "starts_on": say_date(row.starts_on, language),
        "ends_on": "" if row.ends_on is None else say_date(row.ends_on, language),
        "is_transfer": row.is_transfer,
        "offer_until": "" if row.offer_until is None else f"{to_local(row.offer_until):%m-%d %H:%M}",
        "can_answer": row.state.value == "offered" and row.confirmed_at is None,
        "waits_for": _find_missing_yes(row),
        "can_undo": may_undo(row.origin, row.state, row.starts_on, today),
    }


def _find_missing_yes(row: Placed) -> str:
    """Return whose yes is missing where the person's is there: the site's, or one that the group needs."""
    if row.state.value != "offered" or row.confirmed_at is None:
        return ""
    return "group" if row.is_bound else "site"


def show_turn(turn: Turn, language: str) -> dict[str, Any]:
    """Return a place on a waitlist with what put it there."""
    zh = language == "zh"
    return {
        "entry_id": turn.entry_id,
        "site": turn.site_zh if zh else turn.site_en or turn.site_zh,
        "position": turn.position,
        "waiting": turn.waiting,
        "priority": turn.priority,
        "months": turn.months_waited,
        "draw": turn.draw,
        "by_class": turn.before_by_class,
        "by_months": turn.before_by_months,
        "by_draw": turn.before_by_draw,
    }


def show_need(need: Need, language: str) -> dict[str, Any]:
    """Return a need with its patterns in words, the wish first."""
    patterns = [say_pattern(row.weekdays, row.part, row.occurs_on, language) for row in need.patterns]
    return {
        "id": need.id,
        "code": need.code,
        "person_id": need.person_id,
        "kind": need.kind,
        "state": need.state,
        "rhythm": need.rhythm,
        "is_dated": need.rhythm.value == "dated",
        "wish": patterns[0] if patterns else "",
        "else": patterns[1:],
        "starts_on": say_date(need.starts_on, language),
        "entered_on": say_date(need.entered_on, language, with_weekday=False),
    }


def say_when(on: date, starts_at: datetime, ends_at: datetime, language: str) -> str:
    """Return a date with clock times, as 12月1日 周二 08:30-12:00."""
    return f"{say_date(on, language)} {to_local(starts_at):%H:%M}-{to_local(ends_at):%H:%M}"


def say_error(error: DomainError, language: str) -> str:
    """Return what went wrong; rules that refuse are told one by one, with their figures."""
    reasons = error.data.get("reasons")
    if reasons:
        told = explain_all(reasons, language)
        if told:
            return told
    return error.sentence(language)


def _show_price(option: Option, language: str) -> dict[str, Any] | None:
    if option.quote is None:
        return None
    quote = option.quote
    kind = option.candidate.service.kind
    unit = BY_THE_DAY
    if kind is ServiceKind.canteen:
        unit = BY_THE_MEAL
    elif kind is ServiceKind.home_visit:
        unit = BY_THE_VISIT
    if quote.bill.fen == 0:
        return {"text": say(FREE_OF_CHARGE, language), "unit": "", "before": "", "steps": []}
    return {
        "text": say_price(quote.fen, language),
        "unit": say(unit, language),
        "before": say_price(quote.bill.fen, language) if quote.fen != quote.bill.fen else "",
        "steps": [(step.rule.source, say_price(step.off_fen, language)) for step in quote.steps],
    }


def _list_good(option: Option, language: str) -> list[str]:
    one = option.candidate
    chips = []
    if option.wish_rank is not None:
        chips.append(say(WISHED, language, {"rank": option.wish_rank}))
    if one.trip.is_delivered:
        chips.append(say(DELIVERED, language))
    elif not one.trip.is_walked:
        chips.append(say(VISITED, language))
    elif one.bands == 0:
        chips.append(say(WITHIN_LIMIT, language))
    if one.pattern.rank > 1:
        chips.append(say(OTHER_PATTERN, language))
    return chips
