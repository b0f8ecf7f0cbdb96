"""Structured logs: one JSON line an event, without personal data; a file a day, old ones taken away."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

import structlog

from app.clock import today
from app.config import Settings

KEPT_DAYS = 190
"""Logs are kept for six months (domain-rules: privacy), and a little longer."""


def configure(settings: Settings) -> None:
    """Send this process's log lines where the settings say."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_Factory(settings),
        cache_logger_on_first_use=True,
    )


class _Factory:
    def __init__(self, settings: Settings) -> None:
        self._sink = _Sink(settings.data / "logs" if settings.log == "file" else None, settings.log)

    def __call__(self, *_: object) -> _Sink:
        return self._sink


class _Sink:
    """Writes whole lines; several processes may append to the same file."""

    def __init__(self, folder: Path | None, where: str) -> None:
        self._folder, self._where = folder, where
        self._day: date | None = None
        self._file: TextIO | None = sys.stdout if where == "stdout" else None

    def msg(self, line: str) -> None:
        """Write one line."""
        if self._folder is not None and today() != self._day:
            self._open(self._folder)
        if self._file is not None:
            self._file.write(line + "\n")
            self._file.flush()

    debug = info = warning = error = critical = exception = log = msg

    def _open(self, folder: Path) -> None:
        if self._file is not None:
            self._file.close()
        self._day = today()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"{self._day.isoformat()}.jsonl").open("a", encoding="utf-8")
        oldest = (self._day - timedelta(days=KEPT_DAYS)).isoformat()
        for path in folder.glob("????-??-??.jsonl"):
            if path.stem < oldest:
                path.unlink(missing_ok=True)
