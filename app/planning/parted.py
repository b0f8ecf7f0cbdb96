"""Drafts that would part a group: somebody of it has a place elsewhere by now, and nobody where the draft leads."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, select

from app.db import WriteSession
from app.models import CareClass, Need, NeedGroup, Placement, Service
from app.planning.elsewhere import is_draft, is_elsewhere


def list_parted(session: WriteSession, plan_id: int) -> set[int]:
    """Return the drafts at a site where nobody of the group is, though others of it have a place by now."""
    wanted = (
        select(Need.group_id)
        .join(Placement, Placement.need_id == Need.id)
        .where(is_draft(plan_id), Need.group_id.is_not(None))
    )
    elsewhere: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(_ask_sites(is_elsewhere(plan_id), Need.group_id.in_(wanted))):
        elsewhere[row.group_id].add(row.site_id)
    if not elsewhere:
        return set()
    mine = _ask_sites(is_draft(plan_id), ~Placement.is_transfer, Need.group_id.in_(list(elsewhere)))
    return {row.id for row in session.execute(mine) if row.site_id not in elsewhere[row.group_id]}


def _ask_sites(*conditions: ColumnElement[bool]) -> Any:
    return (
        select(Placement.id, Need.group_id, Service.site_id)
        .join(Need, Need.id == Placement.need_id)
        .join(NeedGroup, NeedGroup.id == Need.group_id)
        .join(CareClass, CareClass.id == Placement.class_id)
        .join(Service, Service.id == CareClass.service_id)
        .where(NeedGroup.same_site, *conditions)
    )
