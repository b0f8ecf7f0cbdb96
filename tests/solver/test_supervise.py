"""What the parent process promises, where a test can hold it to it without a stop-watch."""

from __future__ import annotations

import os
import signal

from solver import Params, check, parse_problem
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
