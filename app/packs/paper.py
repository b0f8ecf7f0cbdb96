"""A pack as one PDF: roll with pickup, dangers and phones; escorts; meals; visits. Asks no database."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from app.attendance.rules import Stay
from app.clock import to_local
from app.language.catalogue import say
from app.language.days import say_date
from app.language.labels import N_, WITHHELD, label
from app.packs.content import Pack
from app.prints.kitchen import write_kitchen
from app.prints.page import begin_paper
from app.prints.tables import Column, list_rows
from app.prints.visits import write_escorts, write_visits

if TYPE_CHECKING:
    from app.prints.paper import Paper

TITLE: Final = N_("{site}: day pack, {on}")
FOOT: Final = N_("As of {made_at}. Holds personal data: keep it locked, shred it after the day.")
EXPECTED: Final = N_("{number} expected, {excused} excused")
NAME: Final = N_("Name")
TIME: Final = N_("Time")
CARE: Final = N_("Take care")
PICKUP: Final = N_("May fetch")
PHONES: Final = N_("Phones")
PRESENT: Final = N_("There, gone")
NOBODY: Final = N_("Nobody is expected here on this day.")
AWAY: Final = N_("excused")


def make_pack(pack: Pack, made_at: str, language: str) -> bytes:
    """Return the file."""
    name = pack.name_zh if language == "zh" else pack.name_en
    title = say(TITLE, language, {"site": name, "on": say_date(pack.on, language)})
    paper = begin_paper(title, say(FOOT, language, {"made_at": made_at}))
    if pack.is_empty:
        paper.say(say(NOBODY, language))
    _write_roll(paper, pack, language)
    if pack.escorts:
        write_escorts(paper, pack.escorts, language)
    if pack.sittings:
        write_kitchen(paper, pack.sittings, pack.eaters, language)
    if pack.half_days:
        write_visits(paper, pack.half_days, pack.contacts, language)
    return paper.finish()


def _write_roll(paper: Paper, pack: Pack, language: str) -> None:
    by_class: dict[int, list[Stay]] = defaultdict(list)
    for stay in pack.stays:
        by_class[stay.class_id].append(stay)
    heads = (TIME, NAME, CARE, PICKUP, PHONES, PRESENT)
    columns = [
        Column(say(head, language), share)
        for head, share in zip(heads, (1.1, 1, 1.5, 1.6, 1.8, 0.9), strict=True)
    ]
    for class_id, stays in sorted(by_class.items()):
        names = pack.classes[class_id]
        paper.head(names[0] if language == "zh" else names[1])
        excused = sum(stay.excused is not None for stay in stays)
        figures = {"number": len(stays) - excused, "excused": excused}
        paper.say(say(EXPECTED, language, figures))
        list_rows(paper, columns, [_list_cells(pack, stay, language) for stay in _sort(pack, stays)])


def _sort(pack: Pack, stays: list[Stay]) -> list[Stay]:
    return sorted(stays, key=lambda stay: (stay.ends_at, pack.children[stay.person_id].pinyin, stay.key))


def _list_cells(pack: Pack, stay: Stay, language: str) -> list[str]:
    child = pack.children[stay.person_id]
    flags = [f"{label(flag.kind, language)} {flag.value}".strip() for flag in child.flags]
    flags += [say(WITHHELD, language)] if child.is_withheld else []
    return [
        f"{to_local(stay.starts_at):%H:%M}–{to_local(stay.ends_at):%H:%M}",
        child.name,
        "；".join(flags),
        "；".join(f"{one.relation} {one.name}" for one in child.pickups),
        "；".join(pack.phones.get(stay.person_id, ())),
        say(AWAY, language) if stay.excused is not None else "",
    ]
