"""Rolls, sign-out sheets and letters of a site as PDF and Excel; what they tell of children is noted as a reading."""

# ruff: noqa: FAST003 - `site_id` is read by the dependency `Desk`

from __future__ import annotations

from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Response

from app.attendance.children import FLAG_FIELDS
from app.audit.commands import log_read
from app.auth import require
from app.clock import now, to_local
from app.language.catalogue import say
from app.language.days import say_weekdays
from app.language.labels import N_, label
from app.models import Placement, Site
from app.prints.sheet import Block, Column, Letter, Sheet, make_excel, make_letters, make_pdf
from app.web.coordinator.site_desk import AT_THE_SITE, PAPERS, Desk, SiteDesk

router = APIRouter(prefix="/coordinator/sites", include_in_schema=False, dependencies=[require(*AT_THE_SITE)])

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FOOT = N_("{site} · printed {made_at} · holds personal data: keep it locked, shred it after the day")
NOTHING = N_("Nobody is expected here on this day.")
TO_FAMILY = N_("To the family of {name}")
WELCOME = N_("{name} has a place in our after-school class. Please check what we have noted:")
PICKUP_RULE = N_(
    "We hand the child only to the adults named above. Please bring an ID card; tell us in writing before anybody else comes."
)
ABSENT_RULE = N_(
    "If the child is not coming, please tell us as early as you can: the place, the meal and the escort then help somebody else."
)
NOBODY = N_("nobody yet: please name an adult")


class Paper(StrEnum):
    """What can be printed."""

    roll = "roll"
    sign_out = "sign-out"
    letters = "letters"


class Form(StrEnum):
    """As what."""

    pdf = "pdf"
    xlsx = "xlsx"


@router.get("/{site_id}/papers/{name}.{form}")
def print_paper(desk: Desk, name: Paper, form: Form) -> Response:
    """Print the roll, the sign-out sheet or the letters of a day."""
    with desk.database.reading() as session:
        values = desk.load(session)
        phone = session.get_one(Site, desk.site_id).phone
        weekdays = {
            row["placement_id"]: session.get_one(Placement, row["placement_id"]).weekdays
            for row in _list_rows(values)
            if row["placement_id"]
        }
    ids = sorted(values["children"])
    if ids:
        log_read(desk.database, desk.actor.user_id, ids, f"{FLAG_FIELDS},pickups", f"paper {name.value}")
    values |= {"phone": phone, "weekdays": weekdays}
    return _send(_make(desk, values, name, form), form, name)


def _make(desk: SiteDesk, values: dict[str, Any], name: Paper, form: Form) -> bytes:
    language = desk.language
    if name is Paper.letters and form is Form.pdf:
        return make_letters(
            say(dict(PAPERS)[name.value], language),
            _say_foot(values, language),
            [_write_letter(row, wave, values, language) for row, wave in _list_with_wave(values)],
            say(NOTHING, language),
        )
    sheet = {Paper.roll: _list_roll, Paper.sign_out: _list_sign_out, Paper.letters: _list_letters}[name](
        values, language
    )
    return make_pdf(sheet) if form is Form.pdf else make_excel(sheet)


def _list_rows(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row, _ in _list_with_wave(values)]


def _list_with_wave(values: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    return [
        (row, wave["label"])
        for service in values["services"]
        for wave in service["waves"]
        for row in wave["rows"]
    ]


def _say_foot(values: dict[str, Any], language: str) -> str:
    made_at = f"{to_local(now()):%Y-%m-%d %H:%M}"
    return say(FOOT, language, {"site": values["site_name"], "made_at": made_at})


def _say_flags(row: dict[str, Any], language: str) -> str:
    flags = [
        f"{label(flag.kind, language)}{': ' + flag.value if flag.value else ''}" for flag in row["flags"]
    ]
    return "; ".join([*flags, *([row["withheld"]] if row["withheld"] else [])])


def _say_pickups(row: dict[str, Any], language: str) -> str:
    return ", ".join(f"{one['name']} ({one['relation']})" for one in row["pickups"]) or say(NOBODY, language)


def _make_sheet(
    values: dict[str, Any], language: str, title: str, columns: list[Column], cells: Any
) -> Sheet:
    blocks = [
        Block(
            f"{wave['label']} ({wave['count']})",
            [[str(i), *cells(row)] for i, row in enumerate(wave["rows"], 1)],
        )
        for service in values["services"]
        for wave in service["waves"]
    ]
    return Sheet(
        title=f"{values['site_name']} · {say(title, language)}",
        subtitle=f"{values['day_text']} · {values['day_state']}",
        columns=[
            Column(say(column.title, language) if column.title else "", column.share, column.characters)
            for column in columns
        ],
        blocks=blocks,
        foot=_say_foot(values, language),
        nothing=say(NOTHING, language),
    )


def _list_roll(values: dict[str, Any], language: str) -> Sheet:
    columns = [
        Column("", 0.5, 5),
        Column(N_("Name"), 2, 12),
        Column(N_("Class name"), 1.5),
        Column(N_("To mind"), 3, 30),
        Column(N_("School gate"), 2, 16),
        Column(N_("Siblings"), 2, 16),
        Column(N_("Here at"), 1.5, 10),
    ]

    def cells(row: dict[str, Any]) -> list[str]:
        away = row["excused"] or row["mark_text"] if row["is_away"] else row["at"]
        flags, names = _say_flags(row, language), ", ".join(row["siblings"])
        return [row["name"], row["class"], flags, row["gate"], names, away]

    return _make_sheet(values, language, "Roll", columns, cells)


def _list_sign_out(values: dict[str, Any], language: str) -> Sheet:
    columns = [
        Column("", 0.5, 5),
        Column(N_("Name"), 2, 12),
        Column(N_("May be handed to"), 5, 44),
        Column(N_("Custody"), 2, 16),
        Column(N_("Time"), 1.2, 8),
        Column(N_("Signature"), 2.5, 18),
    ]

    def cells(row: dict[str, Any]) -> list[str]:
        custody = [
            flag.value or label(flag.kind, language) for flag in row["flags"] if flag.kind.value == "custody"
        ]
        custody += [row["withheld"]] if row["withheld"] else []
        return [row["name"], _say_pickups(row, language), "; ".join(custody), "", ""]

    return _make_sheet(values, language, "Sign-out sheet", columns, cells)


def _list_letters(values: dict[str, Any], language: str) -> Sheet:
    columns = [
        Column("", 0.5, 5),
        Column(N_("Name"), 2, 12),
        Column(N_("Class name"), 1.5),
        Column(N_("Days"), 2, 16),
        Column(N_("May be handed to"), 5, 44),
    ]

    def cells(row: dict[str, Any]) -> list[str]:
        return [row["name"], row["class"], _say_days(row, values, language), _say_pickups(row, language)]

    return _make_sheet(values, language, "Letters to the families", columns, cells)


def _say_days(row: dict[str, Any], values: dict[str, Any], language: str) -> str:
    bits = values["weekdays"].get(row["placement_id"])
    return values["day_text"] if bits is None else say_weekdays(bits, language)


def _write_letter(row: dict[str, Any], wave: str, values: dict[str, Any], language: str) -> Letter:
    facts = [
        (say(N_("Site"), language), values["site_name"]),
        (say(N_("Class name"), language), row["class"]),
        (say(N_("Days"), language), _say_days(row, values, language)),
        (say(N_("Leaves"), language), wave),
        (say(N_("May be handed to"), language), _say_pickups(row, language)),
        (say(N_("Phone"), language), values["phone"]),
    ]
    name = {"name": row["name"]}
    return Letter(
        say(TO_FAMILY, language, name),
        facts,
        [say(text, language, name) for text in (WELCOME, PICKUP_RULE, ABSENT_RULE)],
    )


def _send(content: bytes, form: Form, name: Paper) -> Response:
    kind = "application/pdf" if form is Form.pdf else EXCEL
    headers = {
        "Content-Disposition": f'inline; filename="{name.value}.{form.value}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=kind, headers=headers)
