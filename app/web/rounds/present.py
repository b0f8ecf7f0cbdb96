"""What the pages of rounds show: steps with their days, figures, the trial draw, cutoffs by class of a site."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotAllowed
from app.language.labels import N_
from app.models import CareClass, Round, Service
from app.models.enums import Mode, RoundState, ServiceKind, StaffRole
from app.rounds import queries
from app.rounds.commitment import digest
from app.rounds.preview import preview
from app.rounds.rules import Act, list_acts
from app.scope import check_runs_district

KINDS = (
    ServiceKind.holiday_class,
    ServiceKind.after_school,
    ServiceKind.nursery,
    ServiceKind.day_care,
    ServiceKind.home_visit,
    ServiceKind.canteen,
    ServiceKind.children_centre,
    ServiceKind.family_centre,
)
"""What rounds are usually for comes first."""
STEPS = (
    (RoundState.announced, N_("Commitment announced"), None),
    (RoundState.open, N_("Window opens"), "opens_on"),
    (RoundState.closed, N_("Window closes"), "closes_on"),
    (RoundState.drawn, N_("Public number, draw"), "public_number_on"),
    (RoundState.published, N_("List published"), "publishes_on"),
)
ORDER = [state for state, _, _ in STEPS]
SHOWN = 200
"""Rows of the trial draw and of the list on the page; the file has all."""
BEFORE_THE_DRAW = frozenset({RoundState.planned, RoundState.announced, RoundState.open, RoundState.closed})


def load_rounds(session: Session, actor: Actor, on: date) -> dict[str, Any]:
    """Return what the page of all rounds shows."""
    counts = queries.count_needs(session)
    return {
        "rows": [(row, counts.get(row.id, 0)) for row in queries.list_rounds(session)],
        "may_act": _may_act(session, actor),
        "kinds": KINDS,
        "modes": list(Mode),
        "first_on": on + timedelta(days=1),
        "form": None,
        "told": "",
        "refused": "",
    }


def load_round(session: Session, actor: Actor, round_id: int, on: date) -> dict[str, Any]:
    """Return what the page of one round shows. Raises `NotFound`."""
    row = queries.get_round(session, round_id)
    is_announced = row.state is not RoundState.planned and row.policy_file is not None
    published = queries.get_list(session, row.id) if _has_list(session, row) else None
    return {
        "row": row,
        "needs": queries.count_needs(session).get(row.id, 0),
        "steps": _list_steps(row),
        "acts": _list_due(row, on) if _may_act(session, actor) else set(),
        "may_cancel": _may_act(session, actor) and Act.cancel in list_acts(row.state),
        "waits_for_number": row.state is RoundState.closed and on >= row.publishes_on,
        "waits_for_night": row.state is RoundState.drawn and on >= row.publishes_on,
        "fingerprint": digest(queries.get_commitment(row)) if is_announced and row.list_key else "",
        "preview": preview(session, row, on) if _may_preview(session, actor, row) else None,
        "published": published,
        "withdrawn_on": _find_withdrawn(published),
        "classes": _name_classes(session, published),
        "shown": SHOWN,
        "on": on,
        "told": "",
        "refused": "",
    }


def _runs_district(session: Session, actor: Actor) -> bool:
    try:
        check_runs_district(session, actor)
    except NotAllowed:
        return False
    return True


def _may_act(session: Session, actor: Actor) -> bool:
    return actor.role is StaffRole.manager and _runs_district(session, actor)


def _may_preview(session: Session, actor: Actor, row: Round) -> bool:
    shows = row.state in BEFORE_THE_DRAW | {RoundState.drawn}
    return shows and actor.role is not StaffRole.auditor and _runs_district(session, actor)


def _has_list(session: Session, row: Round) -> bool:
    return session.scalar(select(Round.published_list.is_not(None)).where(Round.id == row.id)) is True


def _find_withdrawn(published: dict[str, Any] | None) -> date | None:
    """Return since when the list does not hold any more; None while it does, or there is none."""
    told = None if published is None else published.get("withdrawn")
    return None if told is None else date.fromisoformat(told["on"])


def _list_steps(row: Round) -> list[tuple[str, date | None, bool]]:
    """Return each step with its day and whether it is done."""
    reached = ORDER.index(row.state) if row.state in ORDER else -1
    return [
        (text, None if day is None else getattr(row, day), number <= reached)
        for number, (_, text, day) in enumerate(STEPS)
    ]


def _list_due(row: Round, on: date) -> set[str]:
    """Return the acts whose day has come."""
    due = {
        Act.announce: on < row.opens_on,
        Act.open: on >= row.opens_on,
        Act.close: on > row.closes_on,
        Act.draw: on > row.closes_on,
        Act.publish: on >= row.publishes_on,
        Act.cancel: False,
    }
    return {act.value for act in list_acts(row.state) if due[act]}


def _name_classes(session: Session, published: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the cutoffs of a list by class of a site, with its name."""
    if published is None:
        return []
    by_class: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for cutoff in published["cutoffs"]:
        by_class[cutoff["class"]].append(cutoff)
    names = {
        each.code: (each.service, each.name)
        for each in session.execute(
            select(CareClass.code, CareClass.name_zh.label("name"), Service.name_zh.label("service"))
            .join(Service, Service.id == CareClass.service_id)
            .where(CareClass.code.in_(list(by_class)))
        )
    }
    return [
        {
            "code": code,
            "service": names.get(code, ("", ""))[0],
            "name": names.get(code, ("", code))[1],
            "placed": sum(cutoff["placed"] for cutoff in cutoffs),
            "cutoffs": cutoffs,
        }
        for code, cutoffs in by_class.items()
    ]
