"""Erases a person from the database, the data folder and the free space of the database's files: all there is.

What it cannot reach: workbooks, papers and backups that were handed out. A restored backup is erased anew.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from functools import partial

from sqlalchemy.exc import DBAPIError

from app.actor import Actor, system_actor
from app.clock import to_local
from app.context import Context
from app.db import is_transient
from app.erasure.commands import Erased, erase_person
from app.erasure.errors import ScrubLater, StillGuardian, StillServed, UnknownPerson
from app.erasure.files import blank_notices, list_erased, note_erased
from app.packs.commands import make_packs
from app.packs.folder import PackFolder


def erase(context: Context, actor: Actor, code: str, reason: str, now: datetime) -> Erased:
    """Erase a person wherever this installation knows them. Raises what `erase_person` raises, and `ScrubLater`."""
    erased = context.database.write(partial(erase_person, actor=actor, code=code, reason=reason, now=now))
    folder, today = context.settings.data, to_local(now).date()
    note_erased(folder, code, today)
    blank_notices(folder, code)
    packs = folder / "packs"
    if packs.exists():  # other days' papers cannot be taken apart: they go; today's are made anew
        for day in packs.iterdir():
            if day.is_dir():
                shutil.rmtree(day)
        make_packs(context.database, PackFolder(packs), today, now)
    scrub(context)
    return erased


def scrub(context: Context) -> None:
    """Overwrite what is left of deleted rows in the database's files. Raises `ScrubLater` where it is too busy."""
    try:
        context.database.scrub()
    except DBAPIError as fault:
        if is_transient(fault):
            raise ScrubLater from fault
        raise


def erase_again(context: Context, now: datetime) -> list[str]:
    """Erase once more all whom a restored backup brought back; return the codes of those who have places there."""
    left, done = [], 0
    for code in list_erased(context.settings.data):
        work = partial(erase_person, actor=system_actor(), code=code, reason="restore", now=now)
        try:
            context.database.write(work)
            done += 1
        except UnknownPerson:
            continue
        except (StillServed, StillGuardian):
            left.append(code)
    if done:
        scrub(context)
    return left
