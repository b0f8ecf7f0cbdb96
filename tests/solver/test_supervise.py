"""What the parent process promises, where a test can hold it to it without a stop-watch."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from types import ModuleType, SimpleNamespace

from solver import Params, check, commands, parse_problem, supervise
from solver.__main__ import make_parser
from solver.decide import nobody
from solver.generate import NightShape, draw_night, to_document
from solver.plan import write_plan
from solver.signals import Asked
from solver.supervise import _proportional_mib, _resident_mib, solve_supervised
from tests.solver.samples import document


def test_who_asked_while_the_file_was_read_gets_a_plan():
    problem = parse_problem(document())
    with Asked() as asked:
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked
        plan = solve_supervised(problem, Params(), None, None, asked)
    assert plan.outcome in ("optimal", "feasible")
    assert check(problem, plan) == []


def test_what_a_library_prints_does_not_get_into_a_plan_on_standard_output(monkeypatch, capfd):
    solve_observed = supervise.solve_observed

    def talkative(*given):
        os.write(1, b"HighsMipSolverData: a line for its authors\n")
        return solve_observed(*given)

    monkeypatch.setattr(supervise, "solve_observed", talkative)
    plan = solve_supervised(parse_problem(document()), Params(), None, None)
    write_plan(plan, "-")
    assert json.loads(capfd.readouterr().out)["format"] == "solver-plan/1"


def test_signals_are_given_back():
    before = signal.getsignal(signal.SIGTERM)
    with Asked() as asked:
        assert signal.getsignal(signal.SIGTERM) != before
        assert not asked
    assert signal.getsignal(signal.SIGTERM) == before


def test_shared_pages_count_less_than_resident_ones():
    mine = os.getpid()
    assert 0 < _proportional_mib(mine) <= _resident_mib(mine) + 1
    assert _resident_mib(2**30) == _proportional_mib(2**30) == 0


def test_loading_the_solving_libraries_is_time_of_the_limit(tmp_path, monkeypatch):
    clock, limits = [0.0], []

    class SlowToLoad(ModuleType):
        def __getattr__(self, name):
            if name != "solve_supervised":
                raise AttributeError(name)
            clock[0] += 4.0
            return solve_at_once

    def solve_at_once(problem, params, *_others):
        limits.append(params.time_limit)
        return nobody(problem, params, "no_answer")

    monkeypatch.setitem(sys.modules, "solver.supervise", SlowToLoad("solver.supervise"))
    monkeypatch.setattr(commands, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    night = tmp_path / "night.json"
    night.write_text(json.dumps(document()))
    arguments = ["solve", str(night), "--out", str(tmp_path / "plan.json"), "--time-limit", "10"]
    assert commands.run_command(make_parser().parse_args(arguments), began=0.0) == 1
    assert limits == [6.0]


def test_signals_are_heard_and_threads_limited_before_numpy_is_loaded():
    seen = "import sys, solver.__main__; print('numpy' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert loaded.stdout == "False\n"


def test_what_is_handed_over_last_names_the_same_plan_as_the_end():
    problem = parse_problem(to_document(draw_night(NightShape(300), 2)))
    handed = []
    plan = supervise.solve_observed(problem, Params(time_limit=30), None, None, None, handed.append)
    assert len(handed) > 1
    last = handed[-1].to_plan(problem)
    assert (last.placements, last.unplaced, last.prices) == (plan.placements, plan.unplaced, plan.prices)
    assert [level.value for level in last.levels] == [level.value for level in plan.levels]
    first = handed[0].to_plan(problem)
    assert check(problem, dataclasses.replace(first, levels=plan.levels, cut_short=False)) != []
    assert check(problem, first) == []
