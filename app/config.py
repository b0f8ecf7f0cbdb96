"""Settings: the only reader of the environment. Every other module is handed a `Settings`."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation may choose; the names are the environment's, without a prefix where they are public."""

    model_config = SettingsConfigDict(env_prefix="CAREMATCH_", extra="ignore", populate_by_name=True)

    data: Path = Field(default=Path("data"), validation_alias="DATA")
    """Folder of the embedded database, keys, day packs and logs."""
    port: int = Field(default=8000, validation_alias="PORT", ge=0, le=65535)
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """PostgreSQL as `postgresql://user:password@host/name`; without it an SQLite file in the data folder."""
    field_key: str | None = None
    """Base64 of the 32-byte key that seals sensitive fields; without it `keys/field.key` in the data folder."""
    tile_url: str | None = None
    """Map tiles are optional; without an address the map draws the district's own shapes only."""
    secure_cookies: bool = False
    """True behind HTTPS: cookies get the `__Host-` prefix and the Secure flag."""
    threads: int = Field(default=40, ge=1, le=200)
    """Threads that answer requests in one web worker; the connection pool is as large."""
    log: Literal["file", "stdout", "none"] = "file"
    """Where requests are logged as JSON lines: a file a day below `logs/`, or standard output (containers)."""

    notices: Literal["file", "console"] = "file"
    """What carries notices out: a file a day below `notices/`, or the worker's standard output."""

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database."""
        if self.database_url is None:
            return f"sqlite:///{(self.data / 'carematch.sqlite3').absolute()}"
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()


def hand_down(settings: Settings, *, threads: int, metrics_folder: Path) -> None:
    """Write what the workers of one `serve` share into the environment that they inherit."""
    os.environ.update(
        DATA=str(settings.data),
        CAREMATCH_THREADS=str(threads),
        # prometheus_client adds up over processes by files in this folder; it reads the name when it is imported.
        PROMETHEUS_MULTIPROC_DIR=str(metrics_folder),
    )
