"""Run sheets and escort lists on paper, in the reader's language; asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from app.clock import to_local
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_, label
from app.prints.page import begin_paper
from app.prints.tables import Column, list_rows
from app.visits.escorts import Group
from app.visits.queries import HalfDay
from app.visits.rules import Fault

if TYPE_CHECKING:
    from app.prints.paper import Paper

VISITS: Final = N_("Run sheets, {on}")
ESCORTS: Final = N_("Escort groups, {on}")
FOOT: Final = N_("Printed on {made_at}. Holds personal data: shred it after the day.")
TIME: Final = N_("Time")
NAME: Final = N_("Name")
HOME: Final = N_("Compound and building")
ADDRESS: Final = N_("Address")
PHONE: Final = N_("Phone")
MINUTES: Final = N_("Minutes")
WAY: Final = N_("Way there")
DONE: Final = N_("Signed")
TO_SITE: Final = N_("Brought to")
THERE: Final = N_("There")
ARRIVED: Final = N_("Arrived")
FITS: Final = N_("Fits in this order: ends {ends} of {until}.")
OVER: Final = N_("Does not fit in this order: {minutes} minutes over.")
TOO_FAR: Final = N_("One way is longer than the zone table allows.")
AWAY: Final = N_("excused")
NO_VISITS: Final = N_("Nobody is visited on this day.")
NO_ESCORTS: Final = N_("Nobody has to be fetched on this day.")
GATE: Final = N_("School gate: {place}")
FROM_HOME: Final = N_("From home: {place}")
TOGETHER: Final = N_("{number} to fetch")


def make_visits_pdf(
    half_days: Sequence[HalfDay],
    contacts: Mapping[int, tuple[str, str]],
    on: date,
    made_at: str,
    language: str,
) -> bytes:
    """Return the run sheets; `contacts` are address and phone by person id."""
    paper = _start(VISITS, on, made_at, language)
    write_visits(paper, half_days, contacts, language)
    return paper.finish()


def make_escorts_pdf(groups: Sequence[Group], on: date, made_at: str, language: str) -> bytes:
    """Return the escort groups, one table a gate."""
    paper = _start(ESCORTS, on, made_at, language)
    write_escorts(paper, groups, language)
    return paper.finish()


def write_visits(
    paper: Paper, half_days: Sequence[HalfDay], contacts: Mapping[int, tuple[str, str]], language: str
) -> None:
    """Write run sheets into a paper: also into a site's day pack."""
    if not half_days:
        paper.say(say(NO_VISITS, language))
    for one in half_days:
        name = one.class_zh if language == "zh" else one.class_en
        paper.head(f"{name} · {label(one.part, language)}")
        paper.say(say_proof(one, language))
        heads = (TIME, NAME, HOME, ADDRESS, PHONE, MINUTES, DONE)
        shares = (1.3, 1.1, 1.8, 1.8, 1.4, 0.8, 0.9)
        list_rows(
            paper,
            [Column(say(head, language), share) for head, share in zip(heads, shares, strict=True)],
            [
                (
                    f"{to_local(leg.arrives_at):%H:%M}–{to_local(leg.leaves_at):%H:%M}",
                    stop.name,
                    stop.home,
                    *contacts.get(stop.person_id, ("", "")),
                    str(stop.visit.minutes),
                    "",
                )
                for stop, leg in zip(one.stops, one.proof.legs, strict=True)
            ],
        )


def write_escorts(paper: Paper, groups: Sequence[Group], language: str) -> None:
    """Write escort groups into a paper."""
    if not groups:
        paper.say(say(NO_ESCORTS, language))
    for group in groups:
        paper.head(say(GATE if group.is_gate else FROM_HOME, language, {"place": group.place}))
        paper.say(say(TOGETHER, language, {"number": group.expected}))
        heads = (NAME, TO_SITE, TIME, THERE, ARRIVED)
        list_rows(
            paper,
            [
                Column(say(head, language), share)
                for head, share in zip(heads, (1.4, 2, 1, 0.8, 0.8), strict=True)
            ],
            [
                (
                    one.name,
                    one.site,
                    f"{to_local(one.starts_at):%H:%M}",
                    say(AWAY, language) if one.is_excused else "",
                    "",
                )
                for one in group.people
            ],
        )


def say_proof(one: HalfDay, language: str) -> str:
    """Return in a sentence what the checker says of a half-day's order."""
    if one.proof.over_minutes:
        return say(OVER, language, {"minutes": one.proof.over_minutes})
    if Fault.too_far in one.proof.faults:
        return say(TOO_FAR, language)
    ends = one.proof.legs[-1].leaves_at if one.proof.legs else one.starts_at
    figures = {"ends": f"{to_local(ends):%H:%M}", "until": f"{to_local(one.ends_at):%H:%M}"}
    return say(FITS, language, figures)


def _start(title: str, on: date, made_at: str, language: str) -> Paper:
    return begin_paper(
        say(title, language, {"on": say_date(on, language)}), say(FOOT, language, {"made_at": made_at})
    )
