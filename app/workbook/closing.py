"""Lets dated slots follow the closures of a file: what they close is shut, what they close no longer opens again."""

from __future__ import annotations

from app.bookings.closed import Closing
from app.bookings.closures import Closed, shut
from app.bookings.reopening import Reopened, reopen
from app.db import WriteSession
from app.models import Closure
from app.workbook.examining import Options
from app.workbook.merging import Change
from app.workbook.sheet import Row
from app.workbook.stores.codes import Codes


def follow_closures(session: WriteSession, change: Change, codes: Codes, options: Options) -> None:
    """Open and shut the slots of closures that were written already: bookings move or end, placements skip or run.

    What has been stays as it was. The old days are opened before the new ones are shut: two closures of a file may
    trade their days.
    """
    ids = codes.read("closures")
    for stored, _ in change.changed:
        _open(session, stored.values, codes, options)
    for row in sorted((*change.new, *(row for _, row in change.changed)), key=lambda row: str(row["code"])):
        closure = session.get_one(Closure, ids[row["code"]], populate_existing=True)
        first = max(closure.starts_on, options.today)
        if closure.ends_on >= first:
            closing = Closing(closure.site_id, closure.service_id, first, closure.ends_on, closure.reason)
            shut(session, closing, options.at, Closed(closure))


def _open(session: WriteSession, before: Row, codes: Codes, options: Options) -> None:
    closure = session.get_one(Closure, codes.of("closures")[before["code"]], populate_existing=True)
    site_id, service = codes.of("sites")[before["site"]], before.get("service")
    service_id = codes.of("services")[service] if service else None
    first = max(before["starts_on"], options.today)
    if before["ends_on"] >= first:
        opening = Closing(site_id, service_id, first, before["ends_on"], before.get("reason") or "")
        reopen(session, opening, options.at, Reopened(closure))
