"""What carries a notice out of the program: the console and a file now; another one only has to send a message.

A channel either takes a message for good or raises. It may get the same key twice (at least once), and no more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from app.clock import now, to_local
from app.config import Settings
from app.notices.errors import ChannelDown


@dataclass(frozen=True)
class Message:
    """One notice ready to go: its key, for whom (a code, never a name or number), the text by language."""

    key: str
    template: str
    to: str
    texts: Mapping[str, str]


_PREFIX: Final = "notices-"
_SUFFIX: Final = ".jsonl"


class Channel(Protocol):
    """Carries messages."""

    @property
    def name(self) -> str:
        """What the outbox notes as the channel."""

    def send(self, message: Message) -> None:
        """Take the message for good, or raise."""


class ConsoleChannel:
    """Prints messages: for trying out, and for who watches the worker's output."""

    name = "console"

    def send(self, message: Message) -> None:
        """Print the message, Chinese first."""
        print(f"[{message.key}] -> {message.to}", *message.texts.values(), sep="\n  ", flush=True)


class FileChannel:
    """Appends one JSON line a message to a file a day that only its owner reads; on disk before it counts as sent."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """Append the message. Raises `ChannelDown` where the file cannot be written."""
        line = {
            "key": message.key,
            "template": message.template,
            "to": message.to,
            "at": now().isoformat(),
            "texts": dict(message.texts),
        }
        path = self._folder / f"{_PREFIX}{to_local(now()):%Y-%m-%d}{_SUFFIX}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, (json.dumps(line, ensure_ascii=False) + "\n").encode())
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as fault:
            raise ChannelDown(channel=self.name, why=fault.strerror or "?") from fault


def expire_files(folder: Path, today: date, kept_days: int) -> list[date]:
    """Delete the files of days that are over for longer than `kept_days`, and return these days; nothing else there.

    The outbox in the record still says what was sent when: a file only hands the texts over.
    """
    gone = []
    for path in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")):
        try:
            on = date.fromisoformat(path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX))
        except ValueError:
            continue  # somebody else's file
        if (today - on).days > kept_days:
            path.unlink(missing_ok=True)
            gone.append(on)
    return gone


def make_channel(settings: Settings, name: str | None = None) -> Channel:
    """Return the channel of the settings, or the one named."""
    if (name or settings.notices) == "console":
        return ConsoleChannel()
    return FileChannel(find_folder(settings))


def find_folder(settings: Settings) -> Path:
    """Return where the file channel writes."""
    return settings.data / "notices"
