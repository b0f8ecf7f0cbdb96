"""The same service as for the features' tests."""

from __future__ import annotations

from tests.app.conftest import service

__all__ = ["service"]
