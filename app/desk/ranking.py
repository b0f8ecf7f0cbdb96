"""A need's options as the desk shows them: places left, next free date, price; and why not each other site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.vacancies import Vacancies, Vacancy, load_vacancies
from app.models import CareClass, Service, Site
from app.models.enums import CapacityKind, NeedRhythm, Reason, ServiceKind
from app.options.build import Candidate, Choice, list_cells
from app.options.facts import CareClass as ClassFacts
from app.options.facts import Refusal
from app.options.patterns import PARTS
from app.options.question import Question
from app.placements.byhand import MAIN_KINDS
from app.prices.queries import PriceList, load_price_list
from app.prices.rules import Quote


@dataclass(frozen=True)
class Name:
    """What a service and its site are called, in Chinese and English."""

    service_zh: str
    service_en: str
    site_zh: str
    site_en: str
    address: str
    phone: str


@dataclass(frozen=True)
class Option:
    """One place that the need may have; where it is full, since when and until when."""

    candidate: Candidate
    name: Name
    class_zh: str
    class_en: str
    starts_on: date
    """First day that could be had: the date asked for, or the next one with a place."""
    left: int
    """Places left for this person on the fullest date from `starts_on` on; 0 where it is full."""
    slot_ids: Sequence[int]
    """Dated needs: the slots to hold, one for each part of the day."""
    full: Refusal | None
    quote: Quote | None
    wish_rank: int | None
    """1 for the first wish; None where the need names no such service."""

    @property
    def is_free(self) -> bool:
        """Whether the need may have it as asked for, or somewhat later."""
        return self.left > 0


@dataclass(frozen=True)
class WhyNot:
    """A site that is not in question, with every reason."""

    service_id: int
    name: Name
    metres: int | None
    is_nearer: bool
    """Nearer than the best option that is free."""
    refusals: Sequence[Refusal]


@dataclass(frozen=True)
class Ranking:
    """All that a need may have, the best first, and all that it may not, the nearest first."""

    options: Sequence[Option]
    why_not: Sequence[WhyNot]
    refusals: Sequence[Refusal]
    """Why nothing at all is in question."""
    is_graph: bool
    """False: metres are straight lines x detour and are labelled so."""


def rank_options(session: Session, question: Question) -> Ranking:
    """Return the options of a need, free ones before full ones, each in the order of preference."""
    choice = question.build()
    names = _load_names(session, question.need.kind)
    class_names = _load_class_names(session, question.need.kind)
    vacancies = load_vacancies(session, _list_templates(question, choice), question.ground.today)
    prices = load_price_list(
        session, question.person, question.need.kind, question.ground.policies, question.ground.today
    )
    found = [
        _show(question, one, names[one.service.id], class_names[one.care_class.id], vacancies, prices)
        for one in choice.candidates
    ]
    options = sorted(_keep_best_class(found), key=lambda one: not one.is_free)
    return Ranking(
        options,
        _explain_rest(question, choice, names, options),
        choice.refusals,
        question.ground.reach.is_graph,
    )


def _is_dated(question: Question) -> bool:
    return question.need.rhythm is NeedRhythm.dated


def _list_templates(question: Question, choice: Choice) -> list[int]:
    found: set[int] = set()
    for one in choice.candidates:
        if _is_dated(question):  # every weekday of the class: another date may be asked for
            parts = set(PARTS[one.pattern.part])
            cells = [cell for (_, part), row in one.care_class.cells.items() if part in parts for cell in row]
            found |= {cell.id for cell in cells}
        else:
            found |= {cell.id for cell in list_cells(one.stages[0])}
    return sorted(found)


def _show(
    question: Question,
    one: Candidate,
    name: Name,
    class_names: tuple[str, str],
    vacancies: Vacancies,
    prices: PriceList,
) -> Option:
    if _is_dated(question):
        starts_on, left, slot_ids, full = _find_dated(question, one, vacancies)
    else:
        starts_on, left, full = _find_weekly(one, vacancies)
        slot_ids = []
    quote = prices.quote(
        starts_on,
        one.pattern.part,
        question.need.visit_minutes,
        service_id=one.service.id,
        channel="delivery" if one.trip.is_delivered else "dine_in",
    )
    wish = question.need.wishes.get(one.service.id)
    return Option(one, name, *class_names, starts_on, left, slot_ids, full, quote, wish)


def _find_weekly(one: Candidate, vacancies: Vacancies) -> tuple[date, int, Refusal | None]:
    """Return the first day from which every date of the pattern has a place, and how many there are."""
    cells = [cell.id for cell in list_cells(one.stages[0])]
    dates = vacancies.list_dates(cells, one.starts_on, one.ends_on)
    amounts = one.amounts
    if not dates:  # beyond the dated slots: the week's own capacity is all there is to go by
        left = min(
            (
                cell.capacities[kind] // amount
                for cell in list_cells(one.stages[0])
                for kind, amount in amounts.items()
                if kind in cell.capacities
            ),
            default=0,
        )
        return one.starts_on, left, None
    full = [each for each in dates if each.count(amounts) == 0]
    if not full:
        return one.starts_on, min(each.count(amounts) for each in dates), None
    later = [each for each in dates if each.on > full[-1].on]
    refusal = _say_full(full[0], amounts, later[0].on if later else None, dates[-1].on)
    if not later:
        return one.starts_on, 0, refusal
    return later[0].on, min(each.count(amounts) for each in later), refusal


def _find_dated(
    question: Question, one: Candidate, vacancies: Vacancies
) -> tuple[date, int, list[int], Refusal | None]:
    on, parts = one.starts_on, PARTS[one.pattern.part]
    keep = one.service.held_back_places
    by_part = {
        part: [
            slot for slot in _list_part(one.care_class, part, vacancies) if slot.on >= question.ground.today
        ]
        for part in parts
    }
    slots = [slot for part in parts for slot in by_part[part] if slot.on == on]
    if len(slots) < len(parts):
        return on, 0, [], Refusal(Reason.closed, {"on": on.isoformat()})
    left = min(slot.count(one.amounts, keep) for slot in slots)
    if left:
        return on, left, [slot.slot_id for slot in slots], None
    free_by_part = [
        {slot.on for slot in rows if slot.on > on and slot.count(one.amounts, keep)}
        for rows in by_part.values()
    ]
    later = min(set.intersection(*free_by_part), default=None)
    fullest = next(slot for slot in slots if not slot.count(one.amounts, keep))
    last = max((slot.on for rows in by_part.values() for slot in rows), default=on)
    return on, 0, [slot.slot_id for slot in slots], _say_full(fullest, one.amounts, later, last, keep)


def _list_part(care_class: ClassFacts, part: object, vacancies: Vacancies) -> list[Vacancy]:
    cells = [cell.id for (_, each), row in care_class.cells.items() if each is part for cell in row]
    return vacancies.list_dates(cells, date.min, None)


def _say_full(
    slot: Vacancy, amounts: Mapping[CapacityKind, int], next_on: date | None, last: date, keep: int = 0
) -> Refusal:
    if not slot.is_open:
        return Refusal(Reason.closed, {"on": slot.on.isoformat()})
    data: dict[str, object] = {"on": slot.on.isoformat()}
    # A delivery round may be full while the kitchen still has meals: the kind that runs out is the one to name.
    kind = next(
        (each for each in (*MAIN_KINDS, *slot.capacities) if slot.is_short_of(each, amounts, keep)), None
    )
    if kind is not None:
        capacity, taken = slot.capacities[kind]
        data |= {"capacity": capacity, "taken": taken, "kind": kind.value}
        if 0 < capacity - taken < amounts[kind]:  # some is left, and too little: else "full" looks wrong
            data |= {"left": capacity - taken, "wanted": amounts[kind]}
        if kind is CapacityKind.places and 0 < capacity - taken <= keep:
            data["kept"] = capacity - taken
    data |= {"next_on": next_on.isoformat()} if next_on else {"until_on": last.isoformat()}
    return Refusal(Reason.full, data)


def _keep_best_class(options: Sequence[Option]) -> list[Option]:
    """Keep one row for each service and pattern: of several classes (carers) the one that is free soonest."""
    best: dict[tuple[int, int], Option] = {}
    for one in options:
        key = (one.candidate.service.id, one.candidate.pattern.rank)
        known = best.get(key)
        if known is None or (not one.is_free, one.starts_on, -one.left) < (
            not known.is_free,
            known.starts_on,
            -known.left,
        ):
            best[key] = one
    return list(best.values())


def _explain_rest(
    question: Question, choice: Choice, names: Mapping[int, Name], options: Sequence[Option]
) -> list[WhyNot]:
    best = next((one for one in options if one.is_free), None)
    best_metres = None if best is None else best.candidate.trip.metres
    found = []
    for each in choice.excluded:
        metres = _find_metres(question, each.service.site_id)
        nearer = metres is not None and (best_metres is None or metres < best_metres)
        found.append(WhyNot(each.service.id, names[each.service.id], metres, nearer, each.refusals))
    return sorted(found, key=lambda row: (row.metres is None, row.metres or 0, row.name.site_zh))


def _find_metres(question: Question, site_id: int) -> int | None:
    reach = question.ground.reach
    if question.need.gate_site_id is not None:
        metres = reach.find_gate_metres(question.need.gate_site_id, site_id)
    else:
        metres = reach.find_metres(question.person.home.compound_id, site_id)
    return None if metres == float("inf") else round(metres)


def _load_names(session: Session, kind: ServiceKind) -> dict[int, Name]:
    rows = session.execute(
        select(
            Service.id,
            Service.name_zh,
            Service.name_en,
            Site.name_zh,
            Site.name_en,
            Site.address,
            Site.phone,
        )
        .join(Site, Site.id == Service.site_id)
        .where(Service.kind == kind)
    )
    return {
        id_: Name(zh, en or zh, site_zh, site_en or site_zh, address, phone)
        for id_, zh, en, site_zh, site_en, address, phone in rows
    }


def _load_class_names(session: Session, kind: ServiceKind) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(CareClass.id, CareClass.name_zh, CareClass.name_en)
        .join(Service, Service.id == CareClass.service_id)
        .where(Service.kind == kind)
    )
    return {row.id: (row.name_zh, row.name_en or row.name_zh) for row in rows}
