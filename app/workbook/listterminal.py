"""What `map` and `matches` print and answer."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from app import clock
from app.actor import system_actor
from app.models.enums import CandidateState
from app.workbook.fields import BY_KEY
from app.workbook.foreign import find_list, propose_mapping, remember_mapping
from app.workbook.mapping import hash_headers, write_mapping
from app.workbook.matches import decide_match, list_matches
from app.workbook.terminal import open_migrated


def run_map(file: Path, source: str | None, out: Path | None) -> int:
    """Propose a mapping, write it as TOML and remember it for its source."""
    database = open_migrated().database
    mapping, is_remembered = propose_mapping(database, file, source, clock.today())
    out = out or file.with_suffix(".toml")
    write_mapping(out, mapping)
    if not is_remembered:
        grid, header = find_list(file)
        remember_mapping(database, mapping, hash_headers(grid.rows[header]), clock.now())
    for header_text, key in mapping.columns.items():
        print(f"  {header_text} → {BY_KEY[key].zh} ({key})")
    if mapping.unused:
        print(f"  未使用 not used: {'、'.join(mapping.unused)}")
    how = "沿用已记住的对应关系" if is_remembered else "已提出对应关系"
    how_en = "the remembered mapping" if is_remembered else "a proposed mapping"
    print(
        f"{how}（来源：{mapping.source}），写在 {out}；核对后：carematch import {file} --map {out} --dry-run\n"
        f"{out} holds {how_en} of source {mapping.source}; check it, then import with --map."
    )
    return 0


def run_list_matches(*, as_json: bool) -> int:
    """Print the near matches that wait."""
    with open_migrated().database.reading() as session:
        waiting = list_matches(session)
    if as_json:
        print(json.dumps([asdict(match) for match in waiting], ensure_ascii=False, default=str))
        return 0
    for match in waiting:
        print(
            f"{match.row_code}  {match.row_name} {match.row_born_on} {match.row_phone}  [{match.source}]\n"
            f"  ≈ {match.person_code}  {match.person_name} {match.person_born_on} {match.person_phone}"
            f"  不同 differs: {', '.join(match.differs)}"
        )
    print(
        f"{len(waiting)} 对等待判断：carematch matches decide 名单编码 登记编码 same|different。 "
        f"{len(waiting)} wait for a decision."
    )
    return 0


def run_decide(row_code: str, person_code: str, decision: str) -> int:
    """Keep a decision."""
    database = open_migrated().database
    state = CandidateState(decision)
    database.write(
        lambda session: decide_match(session, row_code, person_code, state, system_actor(), clock.now())
    )
    print("已记下；再次导入同一文件即可。 Kept; import the same file again.")
    return 0
