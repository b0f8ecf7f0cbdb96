"""What the round commands do at the terminal: one transaction each, then what the round is now, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from app import migrate
from app.actor import Actor, system_actor
from app.clock import today
from app.context import Context, open_context
from app.db import WriteSession
from app.errors import Malformed
from app.models import Round
from app.models.enums import Mode, ServiceKind
from app.rounds import commands, publishing, queries
from app.rounds.preview import preview as make_preview
from app.rounds.schemas import show_round

Act = Callable[[WriteSession, Actor, int, date], Round]
_ACTS: dict[str, Act] = {
    "announce": commands.announce,
    "open": commands.open_window,
    "close": commands.close,
    "publish": lambda session, actor, id_, _on: publishing.publish(session, actor, id_),
}


def _open() -> Context:
    context = open_context()
    migrate.upgrade(context.database.engine)
    return context


def _print(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=1))


def list_(*, as_json: bool) -> None:
    """List rounds."""
    with _open().database.reading() as session:
        counts = queries.count_needs(session)
        shown = [
            show_round(row, counts.get(row.id, 0)).model_dump(mode="json")
            for row in queries.list_rounds(session)
        ]
    if as_json:
        _print(shown)
        return
    for row in shown:
        dates = " → ".join(row[key] for key in ("opens_on", "closes_on", "publishes_on", "starts_on"))
        print(
            f"{row['code']}  {row['state']:<10}  {row['mode']:<8}  {dates}  {row['needs']:>5}  {row['name']}"
        )


def show(code: str) -> None:
    """Show one round."""
    with _open().database.reading() as session:
        row = queries.get_round_by_code(session, code)
        _print(show_round(row, queries.count_needs(session).get(row.id, 0)).model_dump(mode="json"))


def write_commitment(code: str, out: Path | None) -> None:
    """Write what was announced."""
    with _open().database.reading() as session:
        _write(queries.get_commitment(queries.get_round_by_code(session, code)), out)


def write_list(code: str, out: Path | None) -> None:
    """Write the published list."""
    with _open().database.reading() as session:
        _write(queries.get_list(session, queries.get_round_by_code(session, code).id), out)


def _write(document: Any, out: Path | None) -> None:
    if out is None:
        _print(document)
        return
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"已写入 Written: {out}")


def preview(code: str) -> None:
    """Show the trial draw."""
    with _open().database.reading() as session:
        found = make_preview(session, queries.get_round_by_code(session, code), today())
    print(
        "试抽，不作数。A trial: it does not count." if found.is_trial else "已抽签。These numbers are drawn."
    )
    for position, (need, band, draw) in enumerate(found.rows, 1):
        print(f"{position:>5}  {band:<4}  {draw:>10}  {need}")


def create(code: str, name: str, kind: str, mode: str, dates: tuple[date, ...], policy_version: str) -> None:
    """Make a round."""
    if kind not in set(ServiceKind) or mode not in set(Mode):
        raise Malformed(faults=[{"kind": sorted(ServiceKind), "mode": sorted(Mode)}])
    opens_on, closes_on, publishes_on, starts_on = dates
    wanted = commands.Wanted(
        code=code,
        name=name,
        kind=ServiceKind(kind),
        mode=Mode(mode),
        opens_on=opens_on,
        closes_on=closes_on,
        publishes_on=publishes_on,
        starts_on=starts_on,
        policy_version=policy_version,
    )
    _do(lambda session: commands.create(session, system_actor(), wanted, today()))


def act(code: str, name: str) -> None:
    """Do one of the acts that need nothing but the round."""
    _do_to(code, _ACTS[name])


def draw(code: str, number: str, source: str, arose_on: date) -> None:
    """Enter the public number and draw."""
    given = commands.Number(number, source, arose_on)
    _do_to(code, lambda session, actor, id_, on: commands.draw(session, actor, id_, given, on))


def cancel(code: str, reason: str) -> None:
    """Cancel a round."""
    _do_to(code, lambda session, actor, id_, _on: commands.cancel(session, actor, id_, reason))


def _do_to(code: str, do: Act) -> None:
    _do(lambda session: do(session, system_actor(), queries.get_round_by_code(session, code).id, today()))


def _do(work: Callable[[WriteSession], Round]) -> None:
    def keep(session: WriteSession) -> dict[str, Any]:
        row = work(session)
        return show_round(row, queries.count_needs(session).get(row.id, 0)).model_dump(mode="json")

    _print(_open().database.write(keep))
