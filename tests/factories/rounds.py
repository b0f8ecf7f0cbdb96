"""Smallest valid rounds, with a true commitment; the secret is sealed and known to the test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.models import Round
from app.models.enums import Mode, RoundState, ServiceKind
from app.policies.rules import DEFAULT_POLICIES
from app.priority.rules import describe_order
from app.rounds.commitment import digest, hash_secret, make_list_key, make_policy_file
from tests.factories.serials import start_serials

SECRET = "synthetic secret"
_serials = start_serials()


def make_round(
    session: Session,
    kind: ServiceKind = ServiceKind.holiday_class,
    state: RoundState = RoundState.open,
    **columns: Any,
) -> Round:
    """Make a round whose window is open today and which starts in six weeks."""
    code = f"F-round-{next(_serials)}"
    mode = columns.get("mode", Mode.stable)
    policy = make_policy_file(code, kind, mode, "1", describe_order(DEFAULT_POLICIES))
    private, public = make_list_key()
    given: dict[str, Any] = {
        "code": code,
        "kind": kind,
        "name_zh": "测试轮次",
        "opens_on": today() - timedelta(days=7),
        "closes_on": today() + timedelta(days=7),
        "publishes_on": today() + timedelta(days=14),
        "starts_on": today() + timedelta(days=42),
        "mode": mode,
        "policy_version": "1",
        "state": state,
        "secret_hash": hash_secret(SECRET),
        "policy_hash": digest(policy),
        "policy_file": policy,
        "list_key": public,
    }
    row = Round(**(given | columns))
    row.hidden_secret = SECRET
    row.hidden_list_key = private
    session.add(row)
    session.flush()
    return row
