"""The one door through which a placement changes its state: the table of rules.py, the ledger, the need, the audit."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.commands import record
from app.db import WriteSession
from app.ledger.commands import vacate
from app.ledger.queries import OCCUPYING
from app.models import Need, Placement
from app.models.enums import NeedState, PlacementState
from app.placements.errors import DoubleBooked, NotPossibleInState
from app.placements.queries import find_clash
from app.placements.rest import leave_rest_open, take_rest_back
from app.placements.rules import Act, find_next_state
from app.waitlist.commands import serve

GIVES_BACK = {Act.withdraw, Act.decline, Act.site_refuse, Act.expire, Act.step_back}
"""Acts after which the place is free on every date; `end` frees the dates after the last day."""
CODES_PER_AUDIT_ROW = 500
"""Acts on thousands at once are noted in rows of so many codes: one per placement would hold the chain for seconds."""


def check_act(placement: Placement, act: Act) -> PlacementState:
    """Return where the act leads, or raise `NotPossibleInState`."""
    to = find_next_state(placement.state, act)
    if to is None:
        raise NotPossibleInState(placement=placement.code, state=placement.state, act=act)
    return to


def check_clash(session: Session, placement: Placement) -> None:
    """Raise `DoubleBooked` where the person has something else at a (written) placement's times."""
    clash = find_clash(session, placement.id)
    if clash is not None:
        raise DoubleBooked(**{"placement": placement.code, "with": clash})


def change(session: WriteSession, actor: Actor, placement: Placement, act: Act, **data: Any) -> None:
    """Do one act to a (locked) placement: give back what it frees, move its state and its need's, note it."""
    to = check_act(placement, act)
    before = placement.state
    if act in GIVES_BACK:
        vacate(session, [placement.id])
    placement.state = to
    placement.version += 1
    session.flush()
    _carry_to_need(session, placement)
    if to is PlacementState.confirmed:
        leave_rest_open(session, actor, placement)
    elif act is Act.step_back:
        take_rest_back(session, placement.need_id)
    record(
        session,
        actor.label,
        f"placement.{act}",
        f"placement:{placement.code}",
        {"from": before, "to": to} | data,
    )


def set_last_day(session: WriteSession, placement: Placement, last_on: date) -> None:
    """Shorten a placement to a last day and give back the dates after it."""
    if placement.ends_on is not None and placement.ends_on <= last_on:
        return
    vacate(session, [placement.id], from_on=date.fromordinal(last_on.toordinal() + 1))
    placement.ends_on = last_on
    session.flush()


def _carry_to_need(session: WriteSession, placement: Placement) -> None:
    """A need with a confirmed place is placed; one that lost its place waits again, with its old waiting time.

    Who wished to change and has another place still has lost nothing.
    """
    if placement.state in {PlacementState.confirmed, PlacementState.active}:
        _set_need(session, placement.need_id, NeedState.open, NeedState.placed)
        serve(session, placement.need_id)
    elif placement.state in {PlacementState.declined, PlacementState.expired, PlacementState.withdrawn}:
        _set_need(session, placement.need_id, NeedState.placed, NeedState.open)
    elif placement.state is PlacementState.ended:
        _set_need(session, placement.need_id, NeedState.placed, NeedState.ended)


def has_no_place() -> ColumnElement[bool]:
    """Return the condition on `Need` that nothing is set aside for it."""
    return ~exists().where(Placement.need_id == Need.id, Placement.state.in_(OCCUPYING))


def _set_need(session: WriteSession, need_id: int, before: NeedState, after: NeedState) -> None:
    is_left = [has_no_place()] if before is NeedState.placed else []
    session.execute(
        update(Need)
        .where(Need.id == need_id, Need.state == before, *is_left)
        .values(state=after, version=Need.version + 1)
    )
