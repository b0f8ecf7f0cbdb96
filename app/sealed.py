"""Sealed fields: AES-GCM bound to table, column and row, with blind indexes to search by.

A model inherits `HasSealedFields`, declares a `LargeBinary` column and names it in a `Sealed` descriptor;
the plain text exists only in memory. A blind index is a keyed hash of the normalised value: it finds equal
values and says nothing else. The keys are keyring.py's.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.keyfile import Watch, keep
from app.keyring import Keyring, SealBroken

__all__ = [
    "HasSealedFields",
    "Keyring",
    "SealBroken",
    "Sealed",
    "install",
    "install_from",
    "keep",
    "keyring",
    "list_sealed",
    "make_row_key",
    "seal_columns",
]


class _Installed:
    """The keyring of this process: fixed, or watched in its data folder."""

    keyring: Keyring | None = None
    watch: Watch | None = None


def install(keyring: Keyring) -> None:
    """Use this keyring for all sealed fields of the process."""
    _Installed.keyring, _Installed.watch = keyring, None


def install_from(folder: Path, encoded: str | None = None) -> None:
    """Use the keyring of the settings, or the one in the data folder, made where there is none and watched.

    Raises `BadKey`.
    """
    if encoded is not None:
        install(Keyring.parse(encoded.encode()))
    else:
        watch = Watch(folder)
        _Installed.keyring, _Installed.watch = None, watch


def keyring() -> Keyring:
    """Return the installed keyring; ask again for each value, for a rotation may go on meanwhile."""
    if _Installed.watch is not None:
        return _Installed.watch.get()
    if _Installed.keyring is None:
        raise RuntimeError("no field key is installed; call sealed.install() at start-up")
    return _Installed.keyring


def make_row_key() -> str:
    """Return a fresh random key of a row."""
    return secrets.token_hex(8)


class HasSealedFields:
    """Gives a row a random key of its own, so that a sealed value cannot be copied to another row."""

    row_key: Mapped[str] = mapped_column(String(16), default=make_row_key)

    def sealed_place(self, column: str) -> str:
        """Name the place a value is bound to: table, column, row."""
        if self.row_key is None:
            self.row_key = make_row_key()
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


def list_sealed(model: type[HasSealedFields]) -> list[Sealed]:
    """Return the sealed attributes that a model declares."""
    return [value for value in vars(model).values() if isinstance(value, Sealed)]


def seal_columns(model: type[HasSealedFields], row_key: str, values: dict[str, str | None]) -> dict[str, Any]:
    """Return the columns of a bulk insert that assigning these attributes to a row with this key would fill."""
    stored: dict[str, Any] = {}
    for attribute, value in values.items():
        sealed: Sealed = getattr(model, attribute)
        place = f"{model.__tablename__}.{sealed.column}:{row_key}"  # type: ignore[attr-defined]
        stored |= sealed.columns(place, value)
    return stored
