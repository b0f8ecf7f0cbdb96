"""The field key and the chain's head of a test process: whoever opens a record of its own puts back what was there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from app import checkpoint, sealed

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def own_key() -> Iterator[None]:
    """Let other keys be installed meanwhile; at the end the key from before, if any, is in use, and no head is kept."""
    before = None
    with contextlib.suppress(RuntimeError):
        before = sealed.keyring()
    try:
        yield
    finally:
        # Its folder may go: whoever commits later in this process keeps no head in it.
        checkpoint.install(None)
        if before is not None:
            sealed.install(before)


@contextlib.contextmanager
def guarded(key: sealed.Keyring) -> Iterator[None]:
    """Fail if another key is in use at the end: what was sealed before, by whoever comes later, would not open."""
    yield
    try:
        assert sealed.keyring() is key, "another field key was installed and stayed; use own_key()"
        assert checkpoint.read() is None, "a record's chain is still watched; use own_key()"
    finally:
        sealed.install(key)
        checkpoint.install(None)
