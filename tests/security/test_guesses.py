"""S6: ten thousand guesses from many at once: next to none is looked at, and the lawful user still gets in."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.accounts import signin
from app.accounts.errors import TooManyAttempts, WrongPassword
from app.accounts.rules import NAME, NAME_AND_ADDRESS, WINDOW, Bucket, choose_buckets, find_wait_seconds
from app.accounts.signin import Browser, sign_in
from app.clock import now
from app.models.enums import StaffRole
from tests.support import cheap_passwords
from tests.support.service import PASSWORD

if TYPE_CHECKING:
    from tests.support.service import Service

GUESSES = 400
"""In the normal run; each is a request of its own."""


def test_guesses_of_many_are_turned_away_and_the_lawful_user_gets_in(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    known = service.sign_in("wang")
    seen: Counter[str] = Counter()

    def guess(number: int) -> str:
        try:
            sign_in(service.database, "wang", f"guess-{number}", Browser(f"10.0.{number % 200}.7", "", ""))
        except (TooManyAttempts, WrongPassword) as refused:
            return refused.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        for code in pool.map(guess, range(GUESSES)):
            seen[code] += 1
    assert seen["in"] == 0
    # Those that note themselves in the same moment do not see each other on PostgreSQL: at most one per thread.
    assert NAME.limit <= seen["wrong_password"] <= NAME.limit + 8
    assert known.post("/api/login", json={"name": "wang", "password": PASSWORD}).status_code == 200
    assert service.client().post("/api/login", json={"name": "wang", "password": PASSWORD}).status_code == 429


def test_a_guess_that_is_turned_away_costs_no_hash(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    looked_at: list[str] = []

    def note(password: str, _stored: str | None) -> bool:
        looked_at.append(password)
        return False

    monkeypatch.setattr(signin, "is_password", note)
    for number in range(NAME_AND_ADDRESS.limit):
        with pytest.raises(WrongPassword):
            sign_in(service.database, "wang", f"guess-{number}", Browser("10.0.0.7", "", ""))
    assert len(looked_at) == NAME_AND_ADDRESS.limit
    for number in range(20):
        with pytest.raises(TooManyAttempts):
            sign_in(service.database, "wang", f"guess-{number}", Browser("10.0.0.7", "", ""))
    assert len(looked_at) == NAME_AND_ADDRESS.limit


def test_a_hash_costs_what_it_has_to() -> None:
    """OWASP's least for Argon2id: 19 MiB, two passes, one lane; the other tests hash for nothing."""
    assert cheap_passwords.OWN.hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_forged_proof_of_a_known_device_is_none(service: Service) -> None:
    service.add_user(StaffRole.adviser, name="wang")
    service.add_user(StaffRole.adviser, name="li")
    others = sign_in(service.database, "li", PASSWORD, Browser("10.0.0.7", "", "")).device_proof
    for proof in (others, "0" * 32 + "." + "0" * 32, "", "."):
        for number in range(NAME_AND_ADDRESS.limit + 1):
            with pytest.raises((WrongPassword, TooManyAttempts)):
                sign_in(service.database, "wang", f"guess-{number}", Browser("10.0.0.8", proof, ""))
    with pytest.raises(TooManyAttempts):
        sign_in(service.database, "wang", PASSWORD, Browser("10.0.0.8", others, ""))


@pytest.mark.parametrize(
    ("ages_minutes", "limit", "wait"),
    [([], 2, None), ([1], 2, None), ([1, 2], 2, 181), ([1, 2, 6], 2, 181), ([6, 7, 8], 2, None)],
)
def test_wait_lasts_until_the_oldest_failure_that_counts_is_old(
    ages_minutes: list[int], limit: int, wait: int | None
) -> None:
    at = now()
    failed = [at - WINDOW / 5 * minutes for minutes in ages_minutes]
    assert find_wait_seconds({Bucket("x", limit): failed}, at) == wait


def test_a_known_device_is_counted_by_itself() -> None:
    assert [bucket.name for bucket in choose_buckets(is_known_device=True)] == ["device"]
    assert len(choose_buckets(is_known_device=False)) == 3
