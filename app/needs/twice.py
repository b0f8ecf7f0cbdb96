"""Finds what a person asks for already: whoever asks twice would wait, and be drawn, twice."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session, selectinload

from app.models import Need
from app.models.enums import NeedState
from app.needs.errors import NeedKnown
from app.needs.rules import Pattern, to_bits


def check_not_twice(session: Session, need: Need, patterns: Iterable[Pattern]) -> None:
    """Raise `NeedKnown` where another need of the person asks for the same already: recorded anew, or edited into it."""
    same = find_same(session, need, patterns)
    if same is not None:
        raise NeedKnown(need=same.code, need_id=same.id, entered_on=same.entered_on.isoformat())


def find_same(session: Session, need: Need, patterns: Iterable[Pattern]) -> Need | None:
    """Return another live need of the person that asks for the same days of the same kind in a time that overlaps."""
    asked = {(each.part, to_bits(each.weekdays), each.occurs_on) for each in patterns}
    others = session.scalars(
        select(Need)
        .where(
            true() if need.id is None else Need.id != need.id,
            Need.person_id == need.person_id,
            Need.kind == need.kind,
            Need.rhythm == need.rhythm,
            Need.state.in_((NeedState.open, NeedState.placed)),
            or_(Need.ends_on.is_(None), Need.ends_on >= need.starts_on),
            true() if need.ends_on is None else Need.starts_on <= need.ends_on,
        )
        .options(selectinload(Need.patterns))
        .order_by(Need.id)
    )
    for other in others:
        if {(each.part, each.weekdays, each.occurs_on) for each in other.patterns} == asked:
            return other
    return None
