"""Lists that offices already keep: propose a mapping, remember it for its source, import by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.db import Database, WriteSession
from app.models import ImportMapping
from app.workbook.commands import bring_in
from app.workbook.errors import UnusableFile
from app.workbook.examining import Options
from app.workbook.lines import Findings, Tabs
from app.workbook.lists import read_list
from app.workbook.mapping import Mapping, find_header, hash_headers, propose
from app.workbook.reading import Grid, read_grids
from app.workbook.report import Report


def propose_mapping(database: Database, path: Path, source: str | None, today: date) -> tuple[Mapping, bool]:
    """Return a mapping for a list, and whether it is the one remembered for lists with these headers.

    Raises
    ------
    UnusableFile
        Where no header row is found.

    """
    grid, header = find_list(path)
    headers = grid.rows[header]
    with database.reading() as session:
        remembered = find_mapping(session, hash_headers(headers), source)
    if remembered is not None:
        return remembered, True
    return propose(source or path.stem, headers, today), False


def import_list(
    database: Database, path: Path, mapping: Mapping | None, actor: Actor, options: Options, at: datetime
) -> Report:
    """Import a list by a mapping, or by the one remembered for its headers; the mapping is remembered.

    Raises
    ------
    UnusableFile
        Where no header row is found, or no mapping fits.

    """
    grid, header = find_list(path, mapping)
    hashed = hash_headers(grid.rows[header])
    if mapping is None:
        with database.reading() as session:
            mapping = find_mapping(session, hashed, None)
        if mapping is None:
            raise UnusableFile("no_mapping", file=path.name)
    by = mapping
    options = replace(options, source=by.source)

    def read(findings: Findings) -> Tabs:
        return read_list(grid, header, by, findings, options.today)

    report = bring_in(database, path.name, read, actor, options)
    if report.imported:
        remember_mapping(database, mapping, hashed, at)
    return report


def find_list(path: Path, mapping: Mapping | None = None) -> tuple[Grid, int]:
    """Return the first sheet with a header row that is recognised, and that row's index."""
    for grid in read_grids(path):
        header = find_header(grid, tuple(mapping.columns) if mapping else ())
        if header is not None:
            return grid, header
    raise UnusableFile("no_header", file=path.name)


def find_mapping(session: Session, hashed: str, source: str | None) -> Mapping | None:
    """Return the mapping remembered for these headers (of this source, if one is named), the newest first."""
    query = select(ImportMapping).where(ImportMapping.headers_hash == hashed)
    if source is not None:
        query = query.where(ImportMapping.source == source)
    kept = session.scalars(
        query.order_by(ImportMapping.used_at.desc(), ImportMapping.source).limit(1)
    ).first()
    return None if kept is None else Mapping.from_json(kept.source, kept.mapping)


def remember_mapping(database: Database, mapping: Mapping, hashed: str, at: datetime) -> None:
    """Keep a source's mapping for its next list; the same mapping again changes nothing."""

    def work(session: WriteSession) -> None:
        kept = session.scalars(select(ImportMapping).where(ImportMapping.source == mapping.source)).first()
        if kept is None:
            kept = ImportMapping(
                source=mapping.source, headers_hash=hashed, mapping=mapping.as_json(), used_at=at
            )
            session.add(kept)
        elif (kept.headers_hash, kept.mapping) != (hashed, mapping.as_json()):
            kept.headers_hash, kept.mapping, kept.used_at = hashed, mapping.as_json(), at

    database.write(work)
