"""What tests of the solver share."""

from __future__ import annotations

import pytest


@pytest.fixture
def listen(monkeypatch):
    """Return a function that lets ``module.name`` go on as it is, and lists what it answers."""

    def begin(module, name):
        answers = []
        original = getattr(module, name)

        def answer(*arguments, **named):
            answers.append(original(*arguments, **named))
            return answers[-1]

        monkeypatch.setattr(module, name, answer)
        return answers

    return begin
