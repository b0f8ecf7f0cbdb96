"""Opens what a process of this program works with: settings, field key, database."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app import checkpoint, sealed
from app.config import Settings, get_settings
from app.db import Database
from app.errors import FieldKeyUnreadable
from app.keyfile import find_path
from app.keyring import BadKey

MARK = ".carematch-data"


class ForeignFolder(Exception):
    """The data folder holds files this program did not make; nothing in it is touched."""


@dataclass(frozen=True)
class Context:
    """One process's settings and database."""

    settings: Settings
    database: Database


def open_context(settings: Settings | None = None, *, pool_size: int = 45) -> Context:
    """Open the data folder and the database of the settings (the environment's, if none are given)."""
    settings = settings or get_settings()
    take_folder(settings.data)
    try:
        sealed.install_from(settings.data, settings.field_key)
    except BadKey as fault:
        raise FieldKeyUnreadable(
            place="CAREMATCH_FIELD_KEY" if settings.field_key is not None else find_path(settings.data),
            why=fault,
        ) from None
    checkpoint.install(settings.data)
    return Context(settings, Database.at(settings.url, pool_size=pool_size))


def take_folder(folder: Path) -> None:
    """Mark an empty or missing folder as this program's; refuse one that holds anything else's files."""
    mark = folder / MARK
    if mark.exists():
        return
    # A fresh volume of a container is not empty: its file system has put a folder of its own into it.
    if folder.exists() and any(entry.name != "lost+found" for entry in folder.iterdir()):
        raise ForeignFolder(
            f"{folder} 里已有其他文件，CareMatch 不会动它；请用 DATA= 指定一个空文件夹。 "
            f"{folder} holds files that CareMatch did not make; name an empty folder with DATA=."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(PermissionError):  # a volume whose top is somebody else's
        folder.chmod(0o700)  # names stand plain in the database's file
    mark.write_text("This folder belongs to CareMatch.\n", encoding="utf-8")
