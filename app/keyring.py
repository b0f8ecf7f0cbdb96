"""The keys that seal fields, and what is derived from them. No file, no database: `keyfile.py` keeps them.

A keyring has one key in use. While a rotation is under way it knows a second one: `next` is known to every process
before the first value is sealed under it, `old` opens what is not sealed anew yet. Sealed values name their key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 4
_UNNAMED: Final = b"\x01"
"""Sealed before keys had names: any key may open it."""
_NAMED: Final = b"\x02"
_BETWEEN: Final = re.compile(rb"[\n,]")


class SealBroken(Exception):
    """A sealed value does not open at this place with these keys."""


class BadKey(ValueError):
    """A key that cannot be read; the message names the fault and never the key."""


class _Key:
    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise BadKey(f"the field key must have {KEY_BYTES} bytes")
        self.secret = secret
        self.id = hmac.digest(secret, b"key id", "sha256")[:_ID_BYTES]
        self.cipher = AESGCM(secret)
        self.blind = hmac.digest(secret, b"blind index", "sha256")
        self.audit = hmac.digest(secret, b"audit chain", "sha256")


@dataclass(frozen=True)
class Kept:
    """What outlives the keys it was derived from."""

    audit: Mapping[str, bytes] = field(default_factory=dict)
    """Keys of the audit chain by key id: rows written under a key that is gone can still be verified."""
    codes: bytes | None = None
    """What codes of an office's lists are derived with: the same row keeps its code for ever."""


class Keyring:
    """The keys of one installation; immutable, a step of a rotation makes another one."""

    def __init__(
        self,
        key: bytes,
        *,
        next_key: bytes | None = None,
        old: Sequence[bytes] = (),
        kept: Kept | None = None,
    ) -> None:
        self._now = _Key(key)
        self._next = None if next_key is None else _Key(next_key)
        self._old = [_Key(each) for each in old]
        self._kept = kept or Kept()
        self._all = [self._now, *([self._next] if self._next else []), *self._old]
        self._by_id = {each.id: each for each in self._all}
        first = self._old[-1] if self._old else self._now
        self.first_audit_id = first.id.hex()
        self._codes = self._kept.codes or first.blind
        self._audit = dict(self._kept.audit) | {each.id.hex(): each.audit for each in self._all}
        self._audit[""] = first.audit  # a chain that has never changed its key

    # The rotation

    @property
    def key_id(self) -> str:
        """Name of the key in use, 8 hexadecimal digits; it tells nothing of the key."""
        return self._now.id.hex()

    @property
    def next_id(self) -> str | None:
        """Name of the key that will be used next; None outside a rotation's first step."""
        return None if self._next is None else self._next.id.hex()

    @property
    def old_ids(self) -> list[str]:
        """Names of the keys that only open; empty outside a rotation's last step."""
        return [each.id.hex() for each in self._old]

    def announce(self, next_key: bytes | None = None) -> Keyring:
        """Return the keyring that knows the next key (a fresh one, if none is given) and does not use it yet."""
        made = next_key or secrets.token_bytes(KEY_BYTES)
        kept = Kept(self._kept.audit, self._codes)
        return Keyring(self._now.secret, next_key=made, old=[each.secret for each in self._old], kept=kept)

    def change_over(self) -> Keyring:
        """Return the keyring that uses the announced key and opens with the one before."""
        if self._next is None:
            raise ValueError("no next key is announced")
        old = [self._now.secret, *(each.secret for each in self._old)]
        return Keyring(self._next.secret, old=old, kept=Kept(self._kept.audit, self._codes))

    def forget_old(self) -> Keyring:
        """Return the keyring without its old keys; of these only the audit chain's keys stay."""
        audit = dict(self._kept.audit) | {each.id.hex(): each.audit for each in self._old}
        return Keyring(self._now.secret, kept=Kept(audit, self._codes))

    # As text

    @classmethod
    def parse(cls, encoded: bytes) -> Keyring:
        """Return the keyring of a key file's content, or of the environment (commas between). Raises `BadKey`.

        A word alone is a key: the first is in use, further ones only open. `next`, `old`, `audit ID` and `codes`
        before a word say what else it is.
        """
        now: list[bytes] = []
        old: list[bytes] = []
        next_key: bytes | None = None
        audit: dict[str, bytes] = {}
        codes: bytes | None = None
        for entry in _BETWEEN.split(encoded.strip()):
            match entry.decode("ascii", "replace").split():
                case [word]:
                    (old if now else now).append(_decode(word))
                case ["old", word]:
                    old.append(_decode(word))
                case ["next", word]:
                    next_key = _decode(word)
                case ["audit", key_id, word]:
                    audit[key_id] = _decode(word)
                case ["codes", word]:
                    codes = _decode(word)
                case []:
                    continue
                case _:
                    raise BadKey(
                        "an entry of the field key is none of KEY, next KEY, old KEY, audit ID KEY, codes KEY"
                    )
        if not now:
            raise BadKey("the field key is empty")
        return cls(now[0], next_key=next_key, old=old, kept=Kept(audit, codes))

    def write(self) -> bytes:
        """Return the content of a key file; a keyring that never changed its key is that key alone."""
        lines = [_encode(self._now.secret)]
        if self._next:
            lines.append(f"next {_encode(self._next.secret)}")
        lines += [f"old {_encode(each.secret)}" for each in self._old]
        lines += [f"audit {key_id} {_encode(key)}" for key_id, key in sorted(self._kept.audit.items())]
        if self._kept.codes:
            lines.append(f"codes {_encode(self._kept.codes)}")
        return "\n".join(lines).encode()

    # The work

    @property
    def prefix(self) -> bytes:
        """First bytes of every value that is sealed under the key in use."""
        return _NAMED + self._now.id

    def seal(self, plain: str, bound_to: str) -> bytes:
        """Encrypt a text; it opens only at the place it was sealed for."""
        nonce = os.urandom(_NONCE_BYTES)
        return self.prefix + nonce + self._now.cipher.encrypt(nonce, plain.encode(), bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> str:
        """Decrypt; raises `SealBroken` where the value was moved, altered or sealed under a key not known here."""
        if sealed[:1] == _UNNAMED:
            keys, rest = self._all, sealed[1:]
        else:
            found = self._by_id.get(sealed[1 : 1 + _ID_BYTES])
            keys, rest = [found] if found else [], sealed[1 + _ID_BYTES :]
        nonce, box = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        for key in keys:
            try:
                return key.cipher.decrypt(nonce, box, bound_to.encode()).decode()
            except (InvalidTag, ValueError):
                continue
        raise SealBroken(bound_to)

    def knows(self, sealed: bytes) -> bool:
        """Return whether a sealed value names a key that is here; one from before keys had names may be any key's."""
        return sealed[:1] == _UNNAMED or sealed[1 : 1 + _ID_BYTES] in self._by_id

    def blind(self, plain: str, purpose: str) -> str:
        """Return the keyed hash under which equal values of one purpose find each other; what is stored."""
        return _hash(self._now.blind, plain, purpose)

    def list_blinds(self, plain: str, purpose: str) -> list[str]:
        """Return every keyed hash under which a value may stand at present; what is searched for."""
        return [_hash(key.blind, plain, purpose) for key in self._all]

    def derive_code(self, plain: str, purpose: str) -> str:
        """Return a keyed hash that no rotation changes."""
        return _hash(self._codes, plain, purpose)

    def find_audit_key(self, key_id: str) -> bytes | None:
        """Return the audit chain's key of this name ("" is the first one's); None where it is not here."""
        return self._audit.get(key_id)


def _hash(key: bytes, plain: str, purpose: str) -> str:
    return hmac.new(key, f"{purpose}\0{plain}".encode(), hashlib.sha256).hexdigest()[:32]


def _encode(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _decode(word: str) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadKey("an entry of the field key is not base64") from fault
