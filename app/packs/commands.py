"""Makes the packs of a day; one that would say the same is left as it lies. When it is time is for keeper.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import structlog

from app.actor import system_actor
from app.audit.commands import record
from app.clock import to_local
from app.db import Database
from app.packs.content import list_sites, load_pack
from app.packs.folder import PackFolder
from app.packs.paper import make_pack
from app.policies.queries import load_policies

_log = structlog.get_logger("carematch.packs")


@dataclass
class Made:
    """What became of the packs of a day."""

    written: list[Path] = field(default_factory=list)
    unchanged: int = 0
    expired: list[date] = field(default_factory=list)


def make_packs(
    database: Database,
    folder: PackFolder,
    on: date,
    now: datetime,
    *,
    site: str | None = None,
    language: str = "zh",
    is_forced: bool = False,
) -> Made:
    """Write the packs of a day that are not there or would say something else, and take old days away."""
    done, codes = Made(), []
    local = to_local(now)
    with database.reading() as session:
        sites = list_sites(session, site)
        kept_days = int(load_policies(session, local.date()).get("day_pack_kept_days"))
    for one in sites:
        with database.reading() as session:  # one moment a site: its roll and its meals agree
            pack = load_pack(session, one, on, local)
        if pack.is_empty:
            folder.drop(on, one.code)
            continue
        if not is_forced and folder.is_current(on, one.code, pack.fingerprint):
            done.unchanged += 1
            continue
        content = make_pack(pack, f"{local:%Y-%m-%d %H:%M}", language)
        done.written.append(folder.put(on, one.code, content, pack.fingerprint))
        codes.append(one.code)
    done.expired = folder.expire(local.date(), kept_days)
    if codes:
        data = {"on": on.isoformat(), "sites": codes}
        database.write(
            lambda session: record(session, system_actor().label, "packs.make", f"packs:{on}", data)
        )
        _log.info("packs_made", written=len(codes), unchanged=done.unchanged)
    return done
