"""Keeps in the process what every request asks for and what rarely changes: policies, calendar, services, maps.

    policies = keep(session, "policies", lambda: _load(session))

Nobody has to say that something changed. The database draws a new random stamp with every change of one of the tables
(triggers, migration 0008), in the transaction of the change: whoever reads an old stamp reads the old record, too,
and gets what was kept of it; a stamp rolled back never comes again, and a backup brings its own.

Only what a read session saw is kept, all of it of one moment. What is kept is shared: nobody may change it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import ReadSession
from app.models import ReferenceStamp

T = TypeVar("T")

MOST = 64
"""So many things are kept, the least recently used goes first: those of one or two stamps, and of some days."""
_STAMP: Final = select(ReferenceStamp.stamp)
_ASKED: Final = "reference_stamp"

_kept: OrderedDict[tuple[str, Hashable], Any] = OrderedDict()
_lock = Lock()


def keep(session: Session, name: Hashable, load: Callable[[], T]) -> T:
    """Return what `load` gives, from this process's memory where the session's moment has the same reference data.

    `load` may read only the tables that the stamp stands for (`ReferenceStamp`), and what it gives must not depend
    on anything but the record and `name`.
    """
    stamp = _read_stamp(session)
    key = (stamp, name)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            found: T = _kept[key]
            return found
    value = load()
    if stamp and isinstance(session, ReadSession):
        with _lock:
            _kept[key] = value
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return value


def _read_stamp(session: Session) -> str:
    """Return the stamp as the session sees it: once in a read transaction, each time where one may write."""
    transaction = session.get_transaction()
    if isinstance(session, ReadSession) and transaction is not None:
        known = session.info.get(_ASKED)
        if known is not None and known[0] is transaction:
            return str(known[1])
    stamp = session.scalar(_STAMP) or ""
    session.info[_ASKED] = (session.get_transaction(), stamp)
    return stamp
