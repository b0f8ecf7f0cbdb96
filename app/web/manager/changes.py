"""Says of each proposal what was decided and why, in one true sentence; every option below it. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal

from app.actor import DESK, Actor
from app.db import ReadSession
from app.language.catalogue import LOCALES, say
from app.language.days import say_date, say_pattern, say_weekdays
from app.language.labels import N_, label
from app.language.reasons import explain
from app.models import NeedPattern
from app.models.enums import ProposalOutcome, Reason, WishPart
from app.planning.queries import Row, list_names
from app.reports.changes import Before, Cell, load_cells, load_replaced, load_wishes

PLACED = N_("Has a place at {to}.")
KEPT = N_("Keeps what was proposed: {to}.")
MOVED = N_("Was proposed {before}; now {to}.")
MOVED_SIMPLY = N_("Now {to} instead of what was proposed before.")
WISHED_MOVE = N_("Wished to change: {to} is possible instead of {before}.")
GIVEN_UP = N_("What was proposed ({before}) was given up.")
HELD_BACK = N_("{to} is held back: it belongs to a part of the plan that touched a gate.")
OVERTAKEN = N_("Was to get {to}; meanwhile the need was met otherwise or closed.")
BOOKED_AWAY = N_("Was to get {to}; meanwhile it was booked otherwise.")
OF_SERVICE = N_("{service}: {sentence}")
FULL_AT = N_("Full: on {day}, {part}, {short_by} too few of {kind}.")


@dataclass(frozen=True)
class _Words:
    """What the codes in a page's proposals are called."""

    names: Mapping[str, Mapping[str, str]]
    replaced: Mapping[str, Before]
    cells: Mapping[str, Cell]
    wishes: Mapping[int, NeedPattern]


def show_rows(session: ReadSession, rows: Sequence[Row], actor: Actor, language: str) -> list[dict[str, Any]]:
    """Return the page's rows as the template names them; set-based reads, whatever the number of rows."""
    options = [option for row in rows for option in row.proposal.data.get("options", ())]
    words = _Words(
        list_names(session, rows),
        load_replaced(session, {row.proposal.data.get("replaces", "") for row in rows} - {""}),
        load_cells(session, {option["resource"] for option in options if "resource" in option}),
        load_wishes(session, [row.need.id for row in rows]),
    )
    return [_show(row, words, language, links=actor.role in DESK) for row in rows]


def _show(row: Row, words: _Words, language: str, *, links: bool) -> dict[str, Any]:
    need, wish = row.need, words.wishes.get(row.need.id)
    return {
        "id": row.proposal.id,
        "person": row.person_name,
        "person_id": need.person_id if links else None,
        "code": need.code,
        "kind": need.kind,
        "wish": "" if wish is None else say_pattern(wish.weekdays, wish.part, wish.occurs_on, language),
        "entered_on": need.entered_on,
        "class": row.proposal.data.get("class"),
        "months": row.proposal.data.get("months_waited"),
        "outcome": row.proposal.outcome,
        "sentence": say_decision(row, words, language),
        "options": [_show_option(each, words, language) for each in row.proposal.data.get("options", ())],
    }


def say_decision(row: Row, words: _Words, language: str) -> str:
    """Return what was decided and why; nothing is claimed that the plan does not hold."""
    proposal, to = row.proposal, _name_place(row, language)
    before = words.replaced.get(proposal.data.get("replaces", ""))
    told = "" if before is None else _name_before(before, language)
    outcome = proposal.outcome
    if outcome is ProposalOutcome.unplaced:
        given_up = say(GIVEN_UP, language, {"before": told}) if told else ""
        return _join([given_up, _say_reason(row, words, language)], language)
    if outcome is ProposalOutcome.moved and told:
        return say(WISHED_MOVE if row.need.wants_transfer else MOVED, language, {"to": to, "before": told})
    if outcome is ProposalOutcome.displaced:
        overtaken = proposal.reason is Reason.double_booked
        return say(OVERTAKEN if overtaken else BOOKED_AWAY, language, {"to": to})
    texts = {
        ProposalOutcome.placed: PLACED,
        ProposalOutcome.kept: KEPT,
        ProposalOutcome.moved: MOVED_SIMPLY,
        ProposalOutcome.held_back: HELD_BACK,
    }
    return say(texts[outcome], language, {"to": to})


def _say_reason(row: Row, words: _Words, language: str) -> str:
    """Say the main reason with the figures of the first option that it is about: the one closest to a place."""
    reason = row.proposal.reason
    about = next(
        (one for one in row.proposal.data.get("options", ()) if one.get("reason") == reason.value), None
    )
    return explain(reason, language) if about is None else _say_option(about, words, language)


def _say_option(option: Mapping[str, Any], words: _Words, language: str) -> str:
    sentence = explain(Reason(option["reason"]), language, option)
    cell = words.cells.get(option.get("resource", ""))
    if cell is not None and "short_by" in option:
        sentence = _say_full(cell, option["short_by"], language)
    names = words.names.get(option.get("service", ""))
    if names is None:
        return sentence
    service = names["zh"] if language == "zh" else names["en"] or names["zh"]
    return say(OF_SERVICE, language, {"service": service, "sentence": sentence})


def _say_full(cell: Cell, short_by: int, language: str) -> str:
    """Name the fullest cell of the week and what it lacks, with its unit."""
    part, kind = label(cell.part, language), label(cell.kind, language)
    figures = {
        "day": say_weekdays(1 << cell.weekday, language),
        "part": part if language == "zh" else part.lower(),
        "kind": kind if language == "zh" else kind.lower(),
        "short_by": format_decimal(short_by, locale=LOCALES[language]),
    }
    return say(FULL_AT, language, figures)


def _show_option(option: Mapping[str, Any], words: _Words, language: str) -> dict[str, Any]:
    is_option = "weekdays" in option
    when = say_pattern(option["weekdays"], WishPart(option["part"]), None, language) if is_option else ""
    return {
        "sentence": _say_option(option, words, language),
        "when": when,
        "metres": option.get("metres") if is_option else None,
        "is_placed": option["reason"] == Reason.placed.value,
    }


def _name_place(row: Row, language: str) -> str:
    service, proposal = row.service, row.proposal
    if service is None or proposal.part is None:
        return ""
    name = service.name_zh if language == "zh" else service.name_en or service.name_zh
    parts = [name, say_pattern(proposal.weekdays, proposal.part, None, language)]
    if proposal.starts_on is not None:
        parts.append(say(N_("from {date}"), language, {"date": say_date(proposal.starts_on, language)}))
    return ("，" if language == "zh" else ", ").join(parts)


def _name_before(before: Before, language: str) -> str:
    name = before.service_zh if language == "zh" else before.service_en
    when = say_pattern(before.weekdays, before.part, None, language)
    return f"{name}，{when}" if language == "zh" else f"{name}, {when}"


def _join(texts: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(text for text in texts if text)
