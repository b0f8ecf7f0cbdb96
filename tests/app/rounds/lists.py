"""A published list made without a database, of as many people as wanted."""

from __future__ import annotations

import copy
from typing import Any

from app.models.enums import Mode, ServiceKind
from app.policies.rules import DEFAULT_POLICIES
from app.priority.rules import describe_order, draw_number
from app.rounds.commitment import (
    digest,
    hash_entries,
    hash_secret,
    make_commitment,
    make_list_key,
    make_policy_file,
    make_seed,
    sign,
)
from app.rounds.listing import LIST, Entry, Outcome, count_bands, find_cutoffs, make_rows
from tests.factories.people import TODAY

SECRET, NUMBER = "a secret", "0317254"
PRIVATE, PUBLIC = make_list_key()


def make_entries(counts: dict[int, int], places: int = 8) -> list[Entry]:
    """Return so many people of each class, the first so many of the order placed in two classes of a site in turn."""
    seed = make_seed(SECRET, NUMBER)
    found = [
        Entry(code, draw_number(seed, code), class_, Outcome.waiting)
        for class_, count in counts.items()
        for code in (f"N-{class_}-{number:03d}" for number in range(count))
    ]
    found.sort(key=lambda each: (-(each.class_ or 0), each.draw))
    return [
        Entry(each.need, each.draw, each.class_, Outcome.placed, f"HC-{number % 2}")
        if number < places
        else each
        for number, each in enumerate(found)
    ] + [Entry("N-gone", draw_number(seed, "N-gone"), None, Outcome.withdrawn)]


def make_list(counts: dict[int, int] | None = None) -> dict[str, Any]:
    """Return a sound list."""
    entries = make_entries(counts or {4: 6, 3: 7, 2: 2, 1: 9})
    policy = make_policy_file(
        "R-1", ServiceKind.holiday_class, Mode.stable, "1", describe_order(DEFAULT_POLICIES)
    )
    keys = ("opens_on", "closes_on", "publishes_on", "starts_on")
    dates = {key: TODAY.replace(day=day) for key, day in zip(keys, (2, 9, 16, 25), strict=True)}
    rows = make_rows(entries)
    document = {
        "format": LIST,
        "commitment": make_commitment(
            code="R-1",
            name="测试轮次",
            dates=dates,
            policy=policy,
            secret_hash=hash_secret(SECRET),
            policy_hash=digest(policy),
            list_key=PUBLIC,
        ),
        "secret": SECRET,
        "public_number": NUMBER,
        "public_number_source": "lottery",
        "public_number_on": TODAY.replace(day=12).isoformat(),
        "entries_sha256": hash_entries([each.need for each in entries]),
        "effective_on": TODAY.replace(day=16).isoformat(),
        "bands": count_bands(rows),
        "rows": rows,
        "cutoffs": find_cutoffs(rows),
    }
    return document | {"signature": sign(PRIVATE, document)}


def sign_again(document: dict[str, Any]) -> dict[str, Any]:
    """Return the list signed anew, as somebody in the office could: what is derived must show the change all the same."""
    unsigned = {key: value for key, value in copy.deepcopy(document).items() if key != "signature"}
    return unsigned | {"signature": sign(PRIVATE, unsigned)}
