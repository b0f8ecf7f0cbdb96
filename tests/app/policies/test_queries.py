"""A dated row overrules the default, on its days only."""

from __future__ import annotations

from datetime import date

import pytest

from app.models import Policy
from app.policies.queries import get_policy, load_policies
from app.policies.rules import DEFAULTS


def _add(session, value, valid_from, valid_to=None):
    session.add(
        Policy(key="offer_working_days", value=value, valid_from=valid_from, valid_to=valid_to, source="test")
    )
    session.flush()


def test_default_holds_where_nothing_is_decided(session) -> None:
    assert get_policy(session, "offer_working_days", date(2026, 11, 23)) == 2


def test_row_holds_on_its_days_only(session) -> None:
    _add(session, 5, date(2026, 1, 1), date(2026, 6, 30))
    _add(session, 7, date(2026, 6, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)]
    assert [get_policy(session, "offer_working_days", day) for day in days] == [2, 5, 7, 7]


def test_unknown_key_is_refused(session) -> None:
    with pytest.raises(KeyError):
        load_policies(session, date(2026, 1, 1)).get("no_such_policy")


def test_every_default_has_a_source() -> None:
    assert all(default.source for default in DEFAULTS.values())
