"""Keeps today's packs as the record has them, a little at a time: a paper takes a second, the worker has other chores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Final

from app.clock import to_local
from app.db import Database
from app.packs.commands import Made, make_packs
from app.packs.content import find_state, list_sites
from app.packs.folder import PackFolder
from app.policies.queries import load_policies

AT_ONCE_SECONDS: Final = 2.0
"""After so long the rest waits for the next turn."""
_LOOK_EVERY: Final = timedelta(minutes=1)
"""A busy morning changes the record every few seconds; the papers follow it within a minute."""


class PackKeeper:
    """The worker's view of today's packs: which sites still have to be looked at."""

    def __init__(self, database: Database, folder: PackFolder) -> None:
        self._database, self._folder = database, folder
        self._seen: tuple[date, tuple[int, int]] | None = None
        self._looked_at: datetime | None = None
        self._left: list[str] = []

    def keep(
        self,
        now: datetime,
        is_stopping: Callable[[], bool] = lambda: False,
        seconds: float = AT_ONCE_SECONDS,
    ) -> Made:
        """Make today's packs from their hour on, and again after every change; return what this turn did."""
        on, done = to_local(now).date(), Made()
        if self._looked_at is None or now - self._looked_at >= _LOOK_EVERY or now < self._looked_at:
            self._looked_at = now
            done.expired = self._look(now)
        until = monotonic() + seconds
        while self._left and not is_stopping():
            site = self._left[0]
            made = make_packs(self._database, self._folder, on, now, site=site)
            done.written += made.written
            done.unchanged += made.unchanged
            del self._left[0]  # only now: what failed is the first of the next turn
            if monotonic() >= until:
                break
        return done

    @property
    def is_done(self) -> bool:
        """Whether every site has been looked at since the last change that was seen."""
        return not self._left

    def _look(self, now: datetime) -> list[date]:
        """Note which sites have to be looked at, and take away the days that are over."""
        local = to_local(now)
        with self._database.reading() as session:
            policies = load_policies(session, local.date())
            state = (local.date(), find_state(session))
            sites = [site.code for site in list_sites(session)]
        gone = self._folder.expire(local.date(), int(policies.get("day_pack_kept_days")))
        if local.time() < time.fromisoformat(policies.get("day_pack_at")):
            self._left, self._seen = [], None
        elif state != self._seen:
            # Who waits already keeps the turn: with changes all morning the last site would never be reached.
            self._left += [code for code in sites if code not in self._left]
            self._seen = state
        return gone
