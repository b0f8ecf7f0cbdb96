"""Sealed fields: AES-GCM bound to table, column and row, with blind indexes to search by.

A model inherits `HasSealedFields`, declares a `LargeBinary` column and names it in a `Sealed` descriptor;
the plain text exists only in memory. A blind index is a keyed hash of the normalised value: it finds equal
values and says nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

_NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"


class Keyring:
    """The key that seals fields, and the keys derived from it for blind indexes and the audit chain."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the field key must have 32 bytes")
        self._cipher = AESGCM(key)
        self._blind_key = hmac.digest(key, b"blind index", "sha256")
        self.audit_key = hmac.digest(key, b"audit chain", "sha256")

    @classmethod
    def load(cls, folder: Path, encoded: str | None = None) -> Keyring:
        """Read the key from settings or from `keys/field.key` below `folder`; make one where there is none."""
        if encoded is not None:
            return cls(base64.b64decode(encoded))
        path = folder / "keys" / "field.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:  # another process made it a moment ago
                return cls.load(folder)
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)))
        return cls.parse(path.read_bytes())

    @classmethod
    def parse(cls, encoded: bytes) -> Keyring:
        """Return the keyring of a key file's content."""
        return cls(base64.b64decode(encoded))

    def seal(self, plain: str, bound_to: str) -> bytes:
        """Encrypt a text; it opens only at the place it was sealed for."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain.encode(), bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> str:
        """Decrypt; raises `SealBroken` where the value was moved, altered or sealed under another key."""
        try:
            nonce, box = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
            return self._cipher.decrypt(nonce, box, bound_to.encode()).decode()
        except InvalidTag as fault:
            raise SealBroken(bound_to) from fault

    def blind(self, plain: str, purpose: str) -> str:
        """Return the keyed hash under which equal values of one purpose find each other."""
        return hmac.new(self._blind_key, f"{purpose}\0{plain}".encode(), hashlib.sha256).hexdigest()[:32]


class SealBroken(Exception):
    """A sealed value does not open at this place with this key."""


class _Installed:
    """The keyring of this process; set once at start-up."""

    keyring: Keyring | None = None


def install(keyring: Keyring) -> None:
    """Use this keyring for all sealed fields of the process."""
    _Installed.keyring = keyring


def keep(folder: Path, encoded: bytes) -> None:
    """Make this key the data folder's; the one before stays beside it under another name."""
    path = folder / "keys" / "field.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        path.rename(path.with_name(f"field.key.before-{secrets.token_hex(4)}"))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(encoded)


def keyring() -> Keyring:
    """Return the installed keyring."""
    if _Installed.keyring is None:
        raise RuntimeError("no field key is installed; call sealed.install() at start-up")
    return _Installed.keyring


def _new_row_key() -> str:
    return secrets.token_hex(8)


class HasSealedFields:
    """Gives a row a random key of its own, so that a sealed value cannot be copied to another row."""

    row_key: Mapped[str] = mapped_column(String(16), default=_new_row_key)

    def sealed_place(self, column: str) -> str:
        """Name the place a value is bound to: table, column, row."""
        if self.row_key is None:
            self.row_key = _new_row_key()
        return f"{self.__tablename__}.{column}:{self.row_key}"  # type: ignore[attr-defined]


class Sealed:
    """A text attribute kept in a sealed column; blind index columns are filled along with it.

    Parameters
    ----------
    column
        Attribute name of the `LargeBinary` column.
    whole, last4
        Attribute names of the blind index columns for the whole value and its last four characters.

    """

    def __init__(self, column: str, *, whole: str | None = None, last4: str | None = None) -> None:
        self._column, self._whole, self._last4 = column, whole, last4

    def __set_name__(self, owner: type, name: str) -> None:
        self._purpose = name

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        box = getattr(row, self._column)
        return None if box is None else keyring().open(box, row.sealed_place(self._column))

    def __set__(self, row: Any, value: str | None) -> None:
        place = row.sealed_place(self._column)
        for column, stored in self.columns(place, value).items():
            setattr(row, column, stored)

    def columns(self, place: str, value: str | None) -> dict[str, Any]:
        """Return what the sealed column and the blind index columns hold for a value at this place."""
        keys = keyring()
        stored: dict[str, Any] = {self._column: None if value is None else keys.seal(value, place)}
        if self._whole:
            stored[self._whole] = None if value is None else keys.blind(value, self._purpose)
        if self._last4:
            last4 = None if value is None else keys.blind(value[-4:].upper(), f"{self._purpose}.last4")
            stored[self._last4] = last4
        return stored

    @property
    def column(self) -> str:
        """Attribute name of the sealed column."""
        return self._column


def seal_columns(model: type[HasSealedFields], row_key: str, values: dict[str, str | None]) -> dict[str, Any]:
    """Return the columns of a bulk insert that assigning these attributes to a row with this key would fill."""
    stored: dict[str, Any] = {}
    for attribute, value in values.items():
        sealed: Sealed = getattr(model, attribute)
        place = f"{model.__tablename__}.{sealed.column}:{row_key}"  # type: ignore[attr-defined]
        stored |= sealed.columns(place, value)
    return stored
