"""What the worker does between nights, each with its own rhythm; one that fails is logged and holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from app.attendance.sweep import sweep_day
from app.bookings.sweep import sweep
from app.clock import process_label, to_local
from app.consents.lapsed import ask_about_lapsed, find_lapsed
from app.context import Context
from app.db import Database
from app.escalations.commands import raise_due
from app.notices.channels import Channel, expire_files, find_folder, make_channel
from app.notices.sending import deliver
from app.operations import heartbeat
from app.packs.folder import PackFolder
from app.packs.keeper import PackKeeper
from app.policies.queries import get_policy
from app.problems import log_fault


@dataclass(frozen=True)
class Chore:
    """One thing to do every so often; `work` gets the instant and whether to stop early."""

    name: str
    every: timedelta
    work: Callable[[datetime, Callable[[], bool]], object]


_MINUTE: Final = timedelta(minutes=1)


def list_chores(context: Context, channel: Channel | None = None) -> list[Chore]:
    """Return the chores of a context in the order in which they are done."""
    database = context.database
    carrier = channel or make_channel(context.settings)
    label = process_label()
    packs = PackKeeper(database, PackFolder(context.settings.data / "packs"))
    return [
        Chore(
            "heartbeat",
            heartbeat.EVERY,
            lambda at, _: database.write(lambda session: heartbeat.beat(session, label, at)),
        ),
        # Holds, offers, standby orders, placements' days, the horizon of dated slots, kept replies.
        Chore("sweep", _MINUTE, lambda at, _: sweep(database, at)),
        Chore("attendance", _MINUTE, lambda at, _: sweep_day(database, at)),
        Chore(
            "escalations",
            timedelta(hours=1),
            lambda at, _: database.write(lambda session: raise_due(session, at)),
        ),
        Chore("consents", timedelta(hours=1), lambda at, _: _ask_about_consents(database, at)),
        Chore("packs", timedelta(seconds=5), packs.keep),
        Chore(
            "notices",
            timedelta(seconds=5),
            lambda _, is_stopping: deliver(database, carrier, is_stopping=is_stopping),
        ),
        Chore(
            "notice files",
            timedelta(hours=1),
            lambda at, _: _expire_notice_files(database, find_folder(context.settings), at),
        ),
    ]


def _ask_about_consents(database: Database, at: datetime) -> int:
    with database.reading() as session:  # most hours nobody's consent has lapsed: nothing is written
        if not find_lapsed(session, to_local(at).date()):
            return 0
    return database.write(lambda session: ask_about_lapsed(session, at))


def _expire_notice_files(database: Database, folder: Path, at: datetime) -> list[date]:
    on = to_local(at).date()
    with database.reading() as session:
        kept_days = int(get_policy(session, "notice_files_kept_days", on))
    return expire_files(folder, on, kept_days)


class Rhythm:
    """Does chores when they are due; what was done when is forgotten at the end, and done again at the next start."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = chores
        self._not_before: dict[str, datetime] = {}

    def do_due(self, at: datetime, is_stopping: Callable[[], bool]) -> list[str]:
        """Do every chore that is due and return the names of those that failed."""
        failed = []
        for chore in self._chores:
            if is_stopping() or at < self._not_before.get(chore.name, at):
                continue
            self._not_before[chore.name] = at + chore.every
            try:
                chore.work(at, is_stopping)
            except Exception as fault:  # noqa: BLE001 - the loop has to outlive any one chore
                failed.append(chore.name)
                log_fault(fault, path=f"worker/{chore.name}")
        return failed
