"""A person's plan and the notice of a place, as PDF; all texts in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.language.catalogue import say
from app.language.labels import N_
from app.prints.page import begin_paper

if TYPE_CHECKING:
    from app.prints.paper import Paper


@dataclass(frozen=True)
class Line:
    """One place as it is printed; texts are ready in the reader's language."""

    kind: str
    state: str
    when: str
    span: str
    """From which day, until which."""
    site: str
    service: str
    address: str
    phone: str
    price: str = ""
    code: str = ""
    is_open: bool = False
    """Whether an answer is still awaited."""


@dataclass(frozen=True)
class Head:
    """For whom the paper is, and who made it when."""

    name: str
    home: str
    made_at: str
    office: str


PLAN = N_("Care plan")
NOTICE = N_("Booking notice")
FOR = N_("For")
HOME = N_("Home")
WHEN = N_("When")
WHERE = N_("Site")
SERVICE = N_("Service")
PERIOD = N_("Period")
ADDRESS = N_("Address of the site")
PHONE = N_("Phone")
PRICE = N_("Price")
NUMBER = N_("Number")
STATE = N_("State")
FOOT = N_("Made by {office} on {made_at}. Questions: ask at the desk, or call the site.")
NOTHING = N_("There is nothing arranged at present.")
OPEN_NOTE = N_("This place is kept until you answer; please tell the desk in time.")
ABSENT_NOTE = N_(
    "If you cannot come, please say so by 15:00 the working day before; the place then helps somebody else."
)
BRING_NOTE = N_("Please bring your ID card on the first day.")


def make_plan(head: Head, lines: Sequence[Line], language: str) -> bytes:
    """Return everything a person has, one block a place."""
    paper = _start(PLAN, head, language)
    if not lines:
        paper.say(say(NOTHING, language))
    for line in lines:
        paper.head(f"{line.kind} · {line.site}")
        paper.list_facts(_list_facts(line, language))
        if line.is_open:
            paper.say(say(OPEN_NOTE, language))
    paper.ln(4)
    paper.say(say(ABSENT_NOTE, language))
    return paper.finish()


def make_notice(head: Head, lines: Sequence[Line], language: str) -> bytes:
    """Return the notice of what one need has got."""
    paper = _start(NOTICE, head, language)
    for line in lines:
        paper.head(f"{line.kind} · {line.site}")
        paper.list_facts(_list_facts(line, language))
        if line.is_open:
            paper.say(say(OPEN_NOTE, language))
    paper.ln(4)
    paper.say(say(BRING_NOTE, language))
    paper.say(say(ABSENT_NOTE, language))
    return paper.finish()


def _start(title: str, head: Head, language: str) -> Paper:
    foot = say(FOOT, language, {"office": head.office, "made_at": head.made_at})
    paper = begin_paper(say(title, language), foot)
    paper.list_facts([(say(FOR, language), head.name), (say(HOME, language), head.home)])
    return paper


def _list_facts(line: Line, language: str) -> list[tuple[str, str]]:
    return [
        (say(name, language), value)
        for name, value in (
            (STATE, line.state),
            (WHEN, line.when),
            (PERIOD, line.span),
            (SERVICE, line.service),
            (WHERE, line.site),
            (ADDRESS, line.address),
            (PHONE, line.phone),
            (PRICE, line.price),
            (NUMBER, line.code),
        )
    ]
