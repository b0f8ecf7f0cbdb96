"""The kitchen's count and its lists as PDF and Excel, in the reader's language; asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_, label
from app.meals.queries import Eater, Sitting
from app.meals.rules import Way
from app.prints.excel import Sheet, make_workbook
from app.prints.page import begin_paper
from app.prints.tables import Column, list_rows

if TYPE_CHECKING:
    from app.prints.paper import Paper

WAYS: Final[Mapping[Way, str]] = {
    Way.delivery: N_("Delivery"),
    Way.take_away: N_("Take-away"),
    Way.dine_in: N_("Dine-in"),
}
TITLE: Final = N_("Kitchen count, {on}")
FOOT: Final = N_("Printed on {made_at}. Holds personal data: shred it after the day.")
COOK: Final = N_("To cook")
GUESTS: Final = N_("Guests (forecast)")
SPARE: Final = N_("Spare today")
NAME: Final = N_("Name")
HOME: Final = N_("Compound and building")
ADDRESS: Final = N_("Address")
DIET: Final = N_("Diet")
WAY: Final = N_("How")
SITTING: Final = N_("Meal")
NOTHING: Final = N_("No meal is ordered for this date.")
BELOW: Final = N_("Below the minimum")
ORDERS: Final = N_("Orders")
ROUND: Final = N_("Delivery round")
UNTOLD: Final = N_("Diet or allergy, not told for want of consent: ask them")


def make_pdf(
    sittings: Sequence[Sitting], eaters: Sequence[Eater], on: date, made_at: str, language: str
) -> bytes:
    """Return the count of every sitting, its round and its list."""
    paper = begin_paper(
        say(TITLE, language, {"on": say_date(on, language)}), say(FOOT, language, {"made_at": made_at})
    )
    write_kitchen(paper, sittings, eaters, language)
    return paper.finish()


def write_kitchen(paper: Paper, sittings: Sequence[Sitting], eaters: Sequence[Eater], language: str) -> None:
    """Write the kitchen's part of a paper: also for a site's day pack."""
    if not sittings:
        paper.say(say(NOTHING, language))
    for one in sittings:
        paper.head(f"{_name(one, language)} · {label(one.part, language)}")
        paper.list_facts(
            [(head, str(value)) for head, value in list_figures(one, language)]
            + [(diet, str(number)) for diet, number in one.diets]
            + ([(say(UNTOLD, language), str(one.withheld))] if one.withheld else [])
        )
        if one.drops:
            paper.say(say(ROUND, language))
            list_rows(
                paper,
                [Column(say(HOME, language), 3), Column(say(ORDERS, language)), Column("", 2)],
                [
                    (drop.compound, str(drop.orders), say(BELOW, language) if drop.is_below else "")
                    for drop in one.drops
                ],
            )
        mine = [
            eater
            for eater in eaters
            if (eater.order.service_id, eater.order.part) == (one.service_id, one.part)
        ]
        if mine:
            heads = (WAY, NAME, HOME, ADDRESS, DIET)
            columns = [
                Column(say(head, language), share)
                for head, share in zip(heads, (1, 1.2, 2, 2.4, 1.6), strict=True)
            ]
            list_rows(paper, columns, [_list_cells(eater, language) for eater in mine])


def make_excel(sittings: Sequence[Sitting], eaters: Sequence[Eater], on: date, language: str) -> bytes:
    """Return the count and the list as two sheets."""
    figures: list[list[str | int]] = [
        [
            _name(one, language),
            label(one.part, language),
            *(value for _, value in list_figures(one, language)),
        ]
        for one in sittings
    ]
    heads = [say(text, language) for text in (*_FIGURES, GUESTS)]
    names = {one.service_id: _name(one, language) for one in sittings}
    listed = [
        [
            names.get(eater.order.service_id, ""),
            label(eater.order.part, language),
            *_list_cells(eater, language),
        ]
        for eater in eaters
    ]
    both = [say("Service", language), say(SITTING, language)]
    columns = [say(text, language) for text in (WAY, NAME, HOME, ADDRESS, DIET)]
    return make_workbook(
        [
            Sheet(say(TITLE, language, {"on": on.isoformat()}), [*both, *heads], figures),
            Sheet(say(ORDERS, language), [*both, *columns], listed),
        ]
    )


_FIGURES: Final = (COOK, WAYS[Way.delivery], WAYS[Way.take_away], SPARE)


def list_figures(one: Sitting, language: str) -> list[tuple[str, int]]:
    """Return the figures of a sitting with their names, the most important first."""
    values = (one.to_cook, one.delivery, one.take_away, one.spare)
    guests = max(one.guests, one.expected_guests or 0)
    return [
        *((say(text, language), value) for text, value in zip(_FIGURES, values, strict=True)),
        (say(GUESTS, language), guests),
    ]


def _list_cells(eater: Eater, language: str) -> list[str]:
    return [
        say(WAYS[eater.order.way], language),
        eater.name,
        eater.home,
        eater.address or "",
        "、".join([*eater.diets, *([say(UNTOLD, language)] if eater.is_withheld else [])]),
    ]


def _name(one: Sitting, language: str) -> str:
    return one.service_zh if language == "zh" else one.service_en
