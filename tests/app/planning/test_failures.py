"""What ends a night early: a held lease, a failing solver, a lost lease. The plan in force stays, the code says which."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.clock import now, process_label
from app.models import Lease, Plan, PlanRun
from app.models.enums import PlanState, RunState
from app.planning import night as nights
from app.planning.errors import LeaseHeld, LeaseLost
from app.planning.gates import Fault, Findings
from app.planning.lease import beat, fence, take_lease
from tests.app.planning.town import TOMORROW, add_need, list_live, make_town, night

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database

SCRIPTS = {
    "crashed": "import os; os.abort()",
    "out_of_memory": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "rubbish": "import sys; open(sys.argv[sys.argv.index('--out') + 1], 'w').write('no plan')",
    "deadline": "import time; time.sleep(600)",
    "no_answer": "import sys; sys.exit(1)",
    "problem_refused": "import sys; print('groups[0]: wrong', file=sys.stderr); sys.exit(2)",
    "refused_by_checker": (
        "import json, sys\n"
        "problem = json.load(open(sys.argv[2]))\n"
        "placements = {r['id']: r['options'][0]['id'] for r in problem['requests'] if r['options']}\n"
        "plan = {'format': 'solver-plan/1', 'outcome': 'feasible', 'placements': placements,\n"
        "        'unplaced': [], 'levels': [{'value': 0} for _ in problem['objective']]}\n"
        "json.dump(plan, open(sys.argv[sys.argv.index('--out') + 1], 'w'))\n"
    ),
}


@pytest.mark.parametrize("reason", SCRIPTS)
def test_solver_that_fails_leaves_the_plan_in_force(database: Database, tmp_path: Path, reason: str) -> None:
    with database.writing() as session:
        town = make_town(session, places=1)
        for _ in range(3):
            add_need(session, town)
    empty = tmp_path / "empty.py"
    empty.write_text(
        "import json, sys\n"
        "problem = json.load(open(sys.argv[2]))\n"
        "plan = {'format': 'solver-plan/1', 'outcome': 'feasible', 'placements': {},\n"
        "        'unplaced': [r['id'] for r in problem['requests']],\n"
        "        'levels': [{'value': 0} for _ in problem['objective']]}\n"
        "json.dump(plan, open(sys.argv[sys.argv.index('--out') + 1], 'w'))\n",
        encoding="utf-8",
    )
    assert night(database, tmp_path, solver=[sys.executable, str(empty)]).exit_code == 0
    script = tmp_path / "solver.py"
    script.write_text(SCRIPTS[reason], encoding="utf-8")
    result = night(database, tmp_path, solver=[sys.executable, str(script)], seconds=-13.0)
    assert (result.exit_code, result.code) == (4, reason)
    with database.reading() as session:
        plans = session.scalars(select(Plan)).all()
        assert [plan.state for plan in plans] == [PlanState.published]
        runs = session.scalars(select(PlanRun).order_by(PlanRun.id)).all()
        assert [run.state for run in runs] == [RunState.published, RunState.no_plan]
        assert runs[1].code == reason
        assert session.get_one(Lease, "nightly").expires_at is None
    assert list_live(database) == []


def test_second_start_names_the_holder(database: Database, tmp_path: Path) -> None:
    run = database.write(lambda session: take_lease(session, process_label(), TOMORROW, now()))
    result = night(database, tmp_path)
    assert (result.exit_code, result.code) == (75, "lease_held")
    assert result.report["holder"] == process_label()
    with database.reading() as session:
        assert session.get_one(PlanRun, run.id).state is RunState.running


def test_lease_of_a_killed_process_of_this_machine_is_taken_over_at_once(database: Database) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    holder = f"{os.uname().nodename}:{gone.pid}"
    first = database.write(lambda session: take_lease(session, holder, TOMORROW, now()))
    second = database.write(lambda session: take_lease(session, process_label(), TOMORROW, now()))
    assert second.token == first.token + 1
    with database.reading() as session:
        assert session.get_one(PlanRun, first.id).state is RunState.abandoned


def test_lease_of_another_machine_is_waited_for_until_it_runs_out(database: Database) -> None:
    at = now()
    first = database.write(lambda session: take_lease(session, "elsewhere:1", TOMORROW, at))
    with pytest.raises(LeaseHeld) as held:
        database.write(lambda session: take_lease(session, process_label(), TOMORROW, at))
    assert held.value.data["holder"] == "elsewhere:1"
    later = at + timedelta(seconds=31)
    second = database.write(lambda session: take_lease(session, process_label(), TOMORROW, later))
    for late in (
        lambda session: fence(session, first),
        lambda session: beat(session, first, later, "solve", 0.5),
    ):
        with pytest.raises(LeaseLost):
            database.write(late)
    database.write(lambda session: fence(session, second))


def test_holder_that_slept_past_its_lease_publishes_nothing(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        add_need(session, make_town(session))

    def steal(step: str, _share: float) -> None:
        if step == "publish":
            expired = update(Lease).values(expires_at=now() - timedelta(seconds=1))
            database.write(lambda session: session.execute(expired))
            database.write(lambda session: take_lease(session, "other:1", TOMORROW, now()))

    result = night(database, tmp_path, watch=steal)
    assert (result.exit_code, result.code) == (5, "lease_lost")
    assert list_live(database) == []
    with database.reading() as session:
        assert session.scalar(select(Plan.id).where(Plan.state == PlanState.published)) is None
        assert session.get_one(Lease, "nightly").holder == "other:1"
        runs = session.scalars(select(PlanRun).order_by(PlanRun.id)).all()
        assert [run.state for run in runs] == [RunState.abandoned, RunState.running]
        assert runs[0].report == {}, (
            "a run that lost its lease writes nothing, not even what it says of itself"
        )


@pytest.mark.parametrize("gates", [False, True], ids=["all of it", "a part held back"])
@pytest.mark.parametrize("fault", [RuntimeError, LeaseLost, KeyboardInterrupt])
def test_run_that_has_published_is_closed_as_published_whatever_ends_it(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: type[BaseException],
    gates: bool,
) -> None:
    with database.writing() as session:
        add_need(session, make_town(session))
    if gates:
        found = Findings([Fault("split", "test", frozenset())], [])
        monkeypatch.setattr(nights, "check_gates", lambda *_: found)
    state, code = (RunState.held_back, 3) if gates else (RunState.published, 0)

    def fail_at_the_end(step: str, _share: float) -> None:
        if step == "report":
            raise fault

    if fault is RuntimeError:
        with pytest.raises(RuntimeError):
            night(database, tmp_path, watch=fail_at_the_end)
    else:
        result = night(database, tmp_path, watch=fail_at_the_end)
        assert (result.exit_code, result.code) == (code, state.value)
        assert result.report["seconds_by_step"]["publish"] >= 0
    with database.reading() as session:
        (run,) = session.scalars(select(PlanRun))
        assert (run.state, run.code, run.report["code"]) == (state, state.value, state.value)
        assert run.report["placed"] == 1
        assert session.get_one(Lease, "nightly").expires_at is None
