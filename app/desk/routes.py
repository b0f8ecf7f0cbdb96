"""A need's ranked options over HTTP: what it may have and when, and why not the rest."""

from __future__ import annotations

from fastapi import APIRouter

from app.auth import AREA_READERS, CurrentActor, Reading, require
from app.clock import today
from app.desk.ranking import rank_options
from app.desk.schemas import OptionsOut, show_ranking
from app.options.question import load_question
from app.schemas import PathId
from app.scope import check_sees_need

router = APIRouter(tags=["needs"])


@router.get("/needs/{need_id}/options", dependencies=[require(*AREA_READERS)])
def list_options(need_id: PathId, actor: CurrentActor, session: Reading) -> OptionsOut:
    """List what a need may have, the best first, with places left, next free date, metres and minutes; and why not."""
    check_sees_need(session, actor, need_id)
    return show_ranking(rank_options(session, load_question(session, need_id, today())))
