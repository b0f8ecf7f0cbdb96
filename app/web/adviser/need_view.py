"""Reads what a need's page shows, and says what stood in the way of an act; one place for the page and its live part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from app.actor import Actor
from app.auth import CurrentActor, CurrentDatabase
from app.clock import now, today
from app.db import Database, ReadSession
from app.desk.needs import Placed, list_booked, list_holds, list_placed, list_turns, stamp_need
from app.desk.ranking import Ranking, rank_options
from app.errors import DomainError
from app.language.catalogue import say
from app.language.days import say_pattern
from app.language.labels import N_
from app.language.reasons import explain
from app.ledger.beyond import WeekFull
from app.ledger.errors import SlotFull
from app.models import Need, Person
from app.models.enums import Channel, NeedState, Reason
from app.needs.queries import get_need
from app.options.patterns import PARTS
from app.options.question import load_question
from app.placements.errors import Contested, DoubleBooked
from app.rounds.errors import to_refusal
from app.rounds.queries import find_round_in_way
from app.schemas import PathId
from app.web.adviser import present
from app.web.adviser.acts import parse_key
from app.web.templating import get_language, render

GONE = N_("The last place at {site} went a moment ago. The next best is {next}.")
ALL_GONE = N_("The last place at {site} went a moment ago, and nothing else is free; join a waitlist.")


@dataclass(frozen=True)
class NeedDesk:
    """One request about one need: who asks, in which language, over which database."""

    need_id: int
    request: Request
    actor: Actor
    database: Database
    language: str

    def answer(self, act: Callable[[], object], done: str, *, key: str = "") -> Response:
        """Do the act and show the need as it now stands; a refusal is a sentence above the new options."""
        refused: DomainError | None = None
        try:
            act()
        except DomainError as error:
            refused = error
        with self.database.reading() as session:
            values = load_view(session, self.actor, self.need_id, self.language, key=key, refused=refused)
        values["told"] = "" if refused else say(done, self.language)
        status = refused.status if refused else 200
        return render(self.request, "adviser/_need_live.html", status=status, actor=self.actor, **values)


def get_need_desk(
    need_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
) -> NeedDesk:
    """Return what a button's route needs to know."""
    return NeedDesk(need_id, request, actor, database, get_language(request))


Desk = Annotated[NeedDesk, Depends(get_need_desk)]


def load_view(
    session: ReadSession,
    actor: Actor,
    need_id: int,
    language: str,
    *,
    chosen: str = "",
    key: str = "",
    refused: DomainError | None = None,
) -> dict[str, Any]:
    """Return everything that the need's templates name. `key` is the option an act was about. Raises `NotFound`."""
    at, on = now(), today()
    need = get_need(session, actor, need_id)
    person = session.get_one(Person, need.person_id)
    has = list_placed(session, [person.id])
    placed = [row for row in has if row.need_id == need.id]
    booked = [row for row in list_booked(session, [person.id]) if row.need_id == need.id]
    holds = list_holds(session, need.id, at)
    # While something is held the page asks one thing only: confirm or release.
    is_asked = need.state is NeedState.open and not placed and not holds
    ranking = (
        rank_options(session, load_question(session, need.id, on))
        if is_asked
        else Ranking((), (), (), is_graph=True)
    )
    picked = present.find_option(ranking, chosen)
    wanted = present.find_option(ranking, key)
    why_not = [(row.is_nearer, present.show_why_not(row, language)) for row in ranking.why_not]
    return {
        "need": present.show_need(need, language),
        "person": person,
        "stamp": stamp_need(session, need.id, on, at),
        "waits_for": _say_round(session, need, on, language) if is_asked else "",
        "has_already": _say_has_already(need, has, on, language) if is_asked else [],
        "told": "",
        "conflict": "" if refused is None else _say_conflict(session, refused, need, ranking, key, language),
        "contested_service": wanted.candidate.service.id
        if wanted is not None and isinstance(refused, Contested)
        else None,
        "holds": [present.show_hold(row, language) for row in holds],
        "booked": [present.show_booked(row, language) for row in booked],
        "placed": [present.show_placed(row, language, on) for row in placed],
        "turns": [present.show_turn(row, language) for row in list_turns(session, need.id, on)],
        "options": [
            present.show_option(row, number, language) for number, row in enumerate(ranking.options, 1)
        ],
        "why_not": [row for is_nearer, row in why_not if is_nearer],
        "why_not_rest": [row for is_nearer, row in why_not if not is_nearer],
        "nothing_at_all": present.say_refusals(ranking.refusals, language),
        "is_asked": is_asked,
        "is_graph": ranking.is_graph,
        "chosen": None if picked is None else present.show_option(picked, 0, language),
        "chosen_key": "" if picked is None else chosen,
        "channels": [Channel.desk, Channel.phone, Channel.visit],
    }


def _say_round(session: ReadSession, need: Need, on: date, language: str) -> str:
    """Return the sentence of the undecided round that keeps what this need asks for; empty where there is none."""
    dates = [pattern.occurs_on for pattern in need.patterns if pattern.occurs_on is not None]
    last_on = max(dates) if dates else need.ends_on
    window = find_round_in_way(session, need.round_id, need.kind, on, last_on)
    return "" if window is None else to_refusal(window).sentence(language)


def _say_has_already(need: Need, has: Sequence[Placed], on: date, language: str) -> list[str]:
    """Return the weekly places of the person at the very times that the wish names: better asked before than refused after."""
    wish = next(iter(need.patterns), None)
    if wish is None:
        return []
    days = wish.weekdays if wish.occurs_on is None else 1 << wish.occurs_on.weekday()
    found = [
        row
        for row in has
        if row.need_id != need.id
        and row.weekdays & days
        and set(PARTS[row.part]) & set(PARTS[wish.part])
        and (row.ends_on is None or row.ends_on >= (wish.occurs_on or on))
        and (wish.occurs_on is None or row.starts_on <= wish.occurs_on)
    ]
    zh = language == "zh"
    return [
        f"{row.site_zh if zh else row.site_en or row.site_zh} · {say_pattern(row.weekdays, row.part, None, language)}"
        for row in found
    ]


def _say_conflict(
    session: ReadSession, refused: DomainError, need: Need, ranking: Ranking, key: str, language: str
) -> str:
    """Return what happened and what to do instead, in one go."""
    if isinstance(refused, DoubleBooked):
        return _say_clash(session, refused, need.person_id, language)
    if key and isinstance(refused, (SlotFull, WeekFull)):
        return _say_gone(ranking, key, language)
    return present.say_error(refused, language)


def _say_gone(ranking: Ranking, key: str, language: str) -> str:
    """Name the place that has just gone and the next best."""
    class_id = parse_key(key)[0]
    wanted = next((one for one in ranking.options if one.candidate.care_class.id == class_id), None)
    free = next((one for one in ranking.options if one.is_free and one is not wanted), None)
    names = [
        "" if one is None else (one.name.site_zh if language == "zh" else one.name.site_en)
        for one in (wanted, free)
    ]
    if free is None:
        return say(ALL_GONE, language, {"site": names[0]})
    return say(GONE, language, {"site": names[0], "next": names[1]})


def _say_clash(session: ReadSession, refused: DomainError, person_id: int, language: str) -> str:
    """Name what the person has at that time by site and hours, not by its code."""
    code = str(refused.data.get("with", "")).partition(":")[2]
    zh = language == "zh"
    for row in list_placed(session, [person_id]):
        if row.code == code:
            site = row.site_zh if zh else row.site_en or row.site_zh
            what = f"{site} {say_pattern(row.weekdays, row.part, None, language)}"
            return explain(Reason.double_booked, language, {"with": what})
    for one in list_booked(session, [person_id]):
        if one.code == code:
            site = one.site_zh if zh else one.site_en or one.site_zh
            what = f"{site} {present.say_when(one.on, one.starts_at, one.ends_at, language)}"
            return explain(Reason.double_booked, language, {"with": what})
    return explain(Reason.double_booked, language)
