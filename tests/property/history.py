"""One random history: days of acts, a night after each, and what must hold checked after every single act."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.bookings.sweep import sweep
from app.clock import SHANGHAI
from app.models import Plan, Round
from app.models.enums import PlanState, RoundState
from app.planning.night import Wanted, run_night
from app.rounds.queries import get_commitment, get_list
from app.rounds.verifying import verify
from tests.property.acts import Acts
from tests.property.calendar import turn
from tests.property.town import FIRST, make_town
from tests.property.watch import find_wrong, list_broken, list_revoked, read_promises

if TYPE_CHECKING:
    from app.db import Database
    from tests.property.calendar import Turned


@dataclass
class History:
    """What happened, and what went wrong."""

    seed: int
    faults: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    nights: int = 0
    inherited: int = 0
    """The most faults that any night found before it."""
    told: list[str] = field(default_factory=list)
    round_state: str = ""


def live(database: Database, folder: Path, seed: int, *, days: int, acts: int) -> History:
    """Live a history on an empty, migrated database and return it; it ends at its first fault."""
    history = History(seed)
    random = Random(seed)
    with turn(datetime.combine(FIRST, time(9), SHANGHAI), random) as turned:
        town = database.write(make_town)
        desk = Acts(database, town, turned, random)
        for _ in range(len(town.elders) + len(town.children)):
            database.write(desk.record)
        for number in range(days):
            _live_day(history, desk, turned, acts)
            if history.faults:
                break
            _live_night(history, desk, turned, folder)
            if history.faults:
                break
            turned.go_to(FIRST + timedelta(days=number + 1), time(9))
        _check_round(history, desk)
    history.done = desk.done
    return history


def _check_round(history: History, desk: Acts) -> None:
    """Derive the round's list again, once it is published."""
    with desk.database.reading() as session:
        row = session.get_one(Round, desk.town.round_id)
        history.round_state = row.state.value
        if row.state is RoundState.published:
            found = verify(get_list(session, row.id), get_commitment(row)).findings
            history.faults += [f"the list: {finding.en}" for finding in found]


def _live_day(history: History, desk: Acts, turned: Turned, acts: int) -> None:
    with desk.database.reading() as session:
        before = read_promises(session)
        wrong = find_wrong(session, turned.today)
    _sweep(history, desk, turned)
    for _ in range(acts):
        turned.advance(minutes=desk.random.randint(5, 25))
        said = desk.do_one()
        history.told.append(f"{turned.today} {said}")
        with desk.database.reading() as session:
            history.faults += desk.faults
            history.faults += list_broken(session)
            history.faults += list_revoked(session, before, desk.released, turned.moment, turned.today)
            now_wrong = find_wrong(session, turned.today)
            if not said.startswith(("bring_in", "answer", "end")):
                # A person may leave a group split by an own act, and imports bring in what they bring in.
                history.faults += wrong.grown(now_wrong)
            wrong = now_wrong
            before = read_promises(session)
        if history.faults:
            return
    desk.database.write(desk.draw)


def _sweep(history: History, desk: Acts, turned: Turned) -> None:
    with desk.database.reading() as session:
        before = read_promises(session)
    sweep(desk.database, turned.moment)
    with desk.database.reading() as session:
        history.faults += list_broken(session)
        history.faults += list_revoked(session, before, desk.released, turned.moment, turned.today)


def _live_night(history: History, desk: Acts, turned: Turned, folder: Path) -> None:
    """Run the night: it publishes whatever it finds, revokes nothing and makes nothing worse."""
    turned.go_to(turned.today, time(23))
    with desk.database.reading() as session:
        before = read_promises(session)
        wrong = find_wrong(session, turned.today)
    wanted = Wanted(effective_on=turned.today + timedelta(days=1), folder=folder, seconds=20.0)
    result = run_night(desk.database, wanted, lambda _step, _share: None)
    history.nights += 1
    history.told.append(f"{turned.today} night: {result.code}")
    if result.exit_code != 0 or result.code != "published":
        history.faults.append(f"the night of {turned.today} ended with {result.code}: {result.report}")
        return
    history.inherited = max(
        history.inherited, len(wrong.over_full) + len(wrong.split) + len(wrong.ineligible)
    )
    with desk.database.reading() as session:
        plan = session.scalars(select(Plan).where(Plan.state == PlanState.published)).one()
        history.faults += [f"gate {gate}: {count}" for gate, count in plan.gates.items() if count]
        history.faults += list_broken(session)
        history.faults += list_revoked(session, before, desk.released, turned.moment, turned.today)
        history.faults += wrong.grown(find_wrong(session, turned.today))
