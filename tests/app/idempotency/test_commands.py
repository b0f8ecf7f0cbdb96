"""One effect and one reply per key: sent again, at once, with another body, after a refusal or a fault."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.clock import now
from app.db import Database, WriteSession
from app.errors import DomainError, NotFound, OwnFault
from app.idempotency.commands import Kept, Key, do_once, forget_before
from app.idempotency.errors import IdempotencyKeyReused
from app.idempotency.rules import hash_request, is_key
from app.models import IdempotencyKey, Provider, StaffUser
from app.models.enums import StaffRole


@pytest.fixture
def user_id(database: Database) -> int:
    def work(session: WriteSession) -> int:
        user = StaffUser(
            name="t", password_hash="-", display_name="T", role=StaffRole.adviser, created_at=now()
        )
        session.add(user)
        session.flush()
        return user.id

    return database.write(work)


def add_provider(session: WriteSession) -> Kept:
    count = session.scalar(select(func.count()).select_from(Provider)) or 0
    session.add(Provider(code=f"P{count}", name_zh="测试"))
    session.flush()
    return Kept(201, b"%d" % count)


def refuse(error: DomainError) -> Kept:
    return Kept(error.status, error.code.encode())


def count_providers(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Provider)) or 0


def test_same_request_gets_the_same_reply_and_no_second_effect(database: Database, user_id: int) -> None:
    key = Key(user_id, "k", "h")
    first = do_once(database, key, add_provider, refuse)
    again = do_once(database, key, add_provider, refuse)
    assert (again.status, again.body, again.is_replay) == (first.status, first.body, True)
    assert count_providers(database) == 1


def test_other_request_under_the_key_is_refused(database: Database, user_id: int) -> None:
    do_once(database, Key(user_id, "k", "h"), add_provider, refuse)
    with pytest.raises(IdempotencyKeyReused):
        do_once(database, Key(user_id, "k", "other"), add_provider, refuse)
    assert count_providers(database) == 1


def test_refusal_is_kept_and_undoes_its_work(database: Database, user_id: int) -> None:
    def work(session: WriteSession) -> Kept:
        add_provider(session)
        raise NotFound

    key = Key(user_id, "k", "h")
    assert do_once(database, key, work, refuse).status == 404
    again = do_once(database, key, add_provider, refuse)
    assert (again.status, again.is_replay) == (404, True)
    assert count_providers(database) == 0


def test_own_fault_keeps_nothing_so_that_a_retry_can_succeed(database: Database, user_id: int) -> None:
    def work(session: WriteSession) -> Kept:
        add_provider(session)
        raise OwnFault

    key = Key(user_id, "k", "h")
    with pytest.raises(OwnFault):
        do_once(database, key, work, refuse)
    assert do_once(database, key, add_provider, refuse).status == 201
    assert count_providers(database) == 1


def test_without_a_key_every_request_counts(database: Database) -> None:
    do_once(database, None, add_provider, refuse)
    do_once(database, None, add_provider, refuse)
    assert count_providers(database) == 2


def test_requests_at_once_with_one_key_have_one_effect(database: Database, user_id: int) -> None:
    barrier = threading.Barrier(8)
    replies: list[Kept] = []

    def send() -> None:
        barrier.wait()
        replies.append(do_once(database, Key(user_id, "k", "h"), add_provider, refuse))

    _run_together(send, 8)
    assert len(replies) == 8
    assert {(each.status, each.body) for each in replies} == {(201, b"0")}
    assert sum(not each.is_replay for each in replies) == 1
    assert count_providers(database) == 1


def test_old_keys_are_forgotten(database: Database, user_id: int) -> None:
    do_once(database, Key(user_id, "k", "h"), add_provider, refuse)
    assert database.write(lambda session: forget_before(session, now())) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), ("x" * 120, True), ("", False), ("x" * 121, False), ("a b", False), ("钥", False)],
)
def test_key_is_visible_ascii(text: str, expected: bool) -> None:
    assert is_key(text) is expected


def test_json_counts_by_content() -> None:
    one = hash_request("POST", "/api/bookings", "", b'{"a": 1, "b": 2}')
    assert one == hash_request("POST", "/api/bookings", "", b'{"b":2,"a":1}')
    assert one != hash_request("POST", "/api/bookings", "", b'{"a": 1, "b": 3}')
    assert one != hash_request("POST", "/api/bookings/1", "", b'{"a": 1, "b": 2}')
    assert hash_request("POST", "/a", "b", b"") != hash_request("POST", "/ab", "", b"")


def _run_together(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
