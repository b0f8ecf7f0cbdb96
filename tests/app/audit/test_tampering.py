"""S10: thousands of enumerated tamperings of a chain, each found; the untouched chain is the control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest

from app.audit.queries import check_rows
from app.audit.rules import Entry, chain, digest_reason
from app.checkpoint import Head
from app.models import AuditHead, AuditRow
from app.sealed import keyring

ROWS = 40
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

Rows = list[AuditRow]
Chain = tuple[Rows, AuditHead]


def _key() -> bytes:
    key = keyring().find_audit_key("")
    assert key is not None
    return key


def make_chain() -> Chain:
    rows, before = [], ""
    for number in range(1, ROWS + 1):
        words = f"原因 {number}"
        row = AuditRow(
            sequence=number,
            at=START + timedelta(seconds=number),
            actor=f"user:{number % 3}",
            act="need.edit",
            subject=f"need:N-{number}",
            data={"fields": ["limit_metres"], "version": number},
            row_key=f"{number:016x}",
        )
        if number % 4 == 0:
            row.data["reason"] = digest_reason(_key(), row.row_key, words)
            row.reason = words
        row.hash = _hash(row, before)
        before = row.hash
        rows.append(row)
    return rows, AuditHead(id=1, sequence=ROWS, hash=before, key_id="")


def _hash(row: AuditRow, before: str, key: bytes | None = None) -> str:
    entry = Entry(row.sequence, row.at, row.actor, row.act, row.subject, row.data)
    return chain(key or _key(), before, entry)


def _copy(of: Chain) -> Chain:
    names = ("sequence", "at", "actor", "act", "subject", "hash", "row_key", "reason_box")
    rows = [AuditRow(**{name: getattr(row, name) for name in names}, data=dict(row.data)) for row in of[0]]
    head = of[1]
    return rows, AuditHead(id=1, sequence=head.sequence, hash=head.hash, key_id=head.key_id)


Change = Callable[[AuditRow], Any]
VALUES: dict[str, list[Any]] = {
    "actor": ["", "user:9", "system", "user:1 ", "USER:1", "user:１"],
    "act": ["", "need.withdraw", "key.change", "need.edit\0", "Need.edit"],
    "subject": ["", "need:N-0", "need:N-99", "person:N-1"],
    "hash": ["", "0" * 64, "f" * 64],
    "data": [
        {},
        {"fields": []},
        {"fields": ["limit_metres"], "version": "1"},
        {"fields": ["limit_metres"], "version": -1},
        [],
        None,
    ],
    "at": [START, START - timedelta(days=1), START + timedelta(days=1)],
    "sequence": [0, -1, ROWS + 1, 10**9],
    "reason_box": [b"", b"\x01" + bytes(40), b"\x02" + bytes(40)],
}


def list_tamperings() -> Iterator[tuple[str, Callable[[Chain], None]]]:
    for i in range(ROWS):
        for name, values in VALUES.items():
            for value in values:
                yield f"{name} of {i} to {value!r}", lambda c, i=i, n=name, v=value: setattr(c[0][i], n, v)
        for seconds in (-1, 1, 60, 3600):
            yield (
                f"clock of {i}",
                lambda c, i=i, s=seconds: setattr(c[0][i], "at", c[0][i].at + timedelta(seconds=s)),
            )
        yield f"bit of {i}", lambda c, i=i: setattr(c[0][i], "hash", _flip(c[0][i].hash))
        yield f"cut {i}", lambda c, i=i: c[0].pop(i)
        yield f"cut {i} and close the gap", lambda c, i=i: _close_gap(c, i)
        yield f"twice {i}", lambda c, i=i: c[0].insert(i, c[0][i])
        yield f"tail from {i}", lambda c, i=i: _cut_tail(c, i)
        yield f"reason of {i} taken from another", lambda c, i=i: _take_reason(c[0], i)
        yield f"rehashed without the key {i}", lambda c, i=i: _forge(c, i)
        yield f"key change {i}", lambda c, i=i: _insert_key_change(c, i)
    for i, j in combinations(range(ROWS), 2):
        yield f"swap {i} {j}", lambda c, i=i, j=j: _swap(c[0], i, j)
    for i, j in pairwise(range(ROWS)):
        yield f"cut {i} to {j}", lambda c, i=i, j=j: c[0].__delitem__(slice(i, j + 1))
    for name, value in (
        ("sequence", ROWS - 1),
        ("sequence", ROWS + 1),
        ("hash", "0" * 64),
        ("key_id", "deadbeef"),
    ):
        yield f"head {name}", lambda c, n=name, v=value: setattr(c[1], n, v)


def _flip(text: str) -> str:
    return f"{int(text, 16) ^ 1:064x}"


def _close_gap(of: Chain, i: int) -> None:
    of[0].pop(i)
    for number, row in enumerate(of[0], 1):
        row.sequence = number
    of[1].sequence = len(of[0])
    of[1].hash = of[0][-1].hash if of[0] else ""


def _cut_tail(of: Chain, i: int) -> None:
    """With the head row put right: only the head noted outside the database can tell."""
    del of[0][i:]
    of[1].sequence, of[1].hash = i, of[0][-1].hash if of[0] else ""


def _take_reason(rows: Rows, i: int) -> None:
    other = rows[(i // 4 + 1) * 4 % ROWS + 3]
    rows[i].reason_box, rows[i].row_key = other.reason_box, other.row_key
    if i == rows.index(other):
        rows[i].reason_box = b"\x02"


def _forge(of: Chain, i: int) -> None:
    """Whoever may write the database and has no key rewrites a row and all hashes after it."""
    rows = of[0]
    rows[i].actor = "user:7"
    before = rows[i - 1].hash if i else ""
    for row in rows[i:]:
        row.hash = before = _hash(row, before, b"a guess of the key, 32 bytes ...")
    of[1].hash = before


def _insert_key_change(of: Chain, i: int) -> None:
    rows = of[0]
    rows[i].act, rows[i].data = "key.change", {"from": "", "to": "00000000"}
    rows[i].hash = _hash(rows[i], rows[i - 1].hash if i else "", b"another guess of the key, 32 by.")


def _swap(rows: Rows, i: int, j: int) -> None:
    rows[i].sequence, rows[j].sequence = rows[j].sequence, rows[i].sequence
    rows.sort(key=lambda row: row.sequence)


def test_each_of_thousands_of_tamperings_is_found() -> None:
    whole = make_chain()
    noted = Head(ROWS, whole[1].hash)
    assert check_rows(*whole, noted, "").breaks == []
    missed, count = [], 0
    for name, tamper in list_tamperings():
        count += 1
        mine = _copy(whole)
        tamper(mine)
        if _is_same(mine, whole):
            count -= 1
        elif not check_rows(*mine, noted, "").breaks:
            missed.append(name)
    assert missed == []
    assert count > 2500


def _is_same(one: Chain, other: Chain) -> bool:
    def flat(of: Chain) -> list[Any]:
        names = ("sequence", "at", "actor", "act", "subject", "data", "hash", "row_key", "reason_box")
        return [[getattr(row, name) for name in names] for row in of[0]] + [
            [of[1].sequence, of[1].hash, of[1].key_id]
        ]

    return flat(one) == flat(other)


def test_erased_reason_is_no_tampering() -> None:
    rows, head = make_chain()
    for row in rows:
        row.reason_box, row.row_key = None, ""
    assert check_rows(rows, head, Head(ROWS, head.hash), "").breaks == []


@pytest.mark.parametrize("last", [0, 17, ROWS])
def test_chain_that_grew_since_the_head_was_noted_holds(last: int) -> None:
    rows, head = make_chain()
    noted = Head(last, rows[last - 1].hash) if last else None
    assert check_rows(rows, head, noted, "").breaks == []
