"""One request about one site's roll of a day, and the answer that shows the roll as it now stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from app.actor import Actor
from app.attendance.children import FLAG_FIELDS, list_not_logged
from app.attendance.queries import list_roll_services
from app.audit.commands import log_read
from app.auth import CurrentActor, CurrentDatabase
from app.clock import now, today
from app.db import Database, ReadSession, WriteSession
from app.errors import DomainError
from app.language.catalogue import say
from app.language.labels import N_
from app.language.reasons import explain_all
from app.models import Site
from app.models.enums import ExceptionKind, StaffRole
from app.schemas import Day, PathId
from app.web.coordinator.roll import load_roll
from app.web.templating import get_language, render

AT_THE_SITE = (StaffRole.coordinator, StaffRole.manager, StaffRole.site)
IN_CHARGE = (StaffRole.coordinator, StaffRole.manager)
PAPERS = (
    ("roll", N_("Roll")),
    ("sign-out", N_("Sign-out sheet")),
    ("letters", N_("Letters to the families")),
)
AWAY_KINDS = (ExceptionKind.absent, ExceptionKind.holiday_stay, ExceptionKind.hospital)


@dataclass(frozen=True)
class SiteDesk:
    """Who asks about which site and day, in which language, over which database."""

    site_id: int
    on: date
    request: Request
    actor: Actor
    database: Database
    language: str

    def show(self, template: str, *, status: int = 200, told: str = "", conflict: str = "") -> Response:
        """Show the roll as it stands; whose flags are seen for the first time today is noted before."""
        with self.database.reading() as session:
            values = self.load(session)
            children = values["children"].values()
            unseen = (
                []
                if self.actor.user_id is None
                else list_not_logged(session, self.actor.user_id, children, today())
            )
        if unseen:
            log_read(self.database, self.actor.user_id, unseen, FLAG_FIELDS)
        values |= {"told": told, "conflict": conflict}
        return render(self.request, template, status=status, actor=self.actor, **values)

    def load(self, session: ReadSession) -> dict[str, Any]:
        """Return everything that the roll's templates name."""
        values = load_roll(session, self.actor, self.site_id, self.on, now(), self.language)
        may_move = self.actor.role in IN_CHARGE
        ids = {row.site_id for row in list_roll_services(session, self.actor)} - {self.site_id}
        others = [session.get_one(Site, id_) for id_ in sorted(ids)]
        zh = self.language == "zh"
        return values | {
            "may_move": may_move,
            "other_sites": [
                {"id": row.id, "name": row.name_zh if zh else row.name_en or row.name_zh} for row in others
            ],
            "papers": [(name, say(text, self.language)) for name, text in PAPERS],
            "away_kinds": AWAY_KINDS,
        }

    def answer(self, work: Callable[[WriteSession], str]) -> Response:
        """Do the act and show the roll as it now stands; a refusal is a sentence above it."""
        try:
            told = self.database.write(work)
        except DomainError as refused:
            if refused.status in {403, 404}:
                raise
            conflict = say_refusal(refused, self.language)
            return self.show("coordinator/_roll.html", status=refused.status, conflict=conflict)
        return self.show("coordinator/_roll.html", told=told)


def say_refusal(refused: DomainError, language: str) -> str:
    """Return what stood in the way; rules that refuse are told one by one, with their figures."""
    reasons = refused.data.get("reasons")
    return (explain_all(reasons, language) if reasons else "") or refused.sentence(language)


def get_site_desk(
    site_id: PathId,
    request: Request,
    actor: CurrentActor,
    database: CurrentDatabase,
    on: Annotated[Day | None, Query()] = None,
) -> SiteDesk:
    """Return what a route about one site needs to know."""
    return SiteDesk(site_id, on or today(), request, actor, database, get_language(request))


Desk = Annotated[SiteDesk, Depends(get_site_desk)]
