"""Notes that somebody asked the run to end, from its first moment on. What follows is for `solver.supervise`."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

ASKING = (signal.SIGINT, signal.SIGTERM)


class Asked:
    """Whether SIGINT or SIGTERM came; a context manager that gives the signals back at its end."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._old: dict[int, Any] = {}

    def __bool__(self) -> bool:
        """Whether somebody asked."""
        return bool(self.numbers)

    def __enter__(self) -> Self:
        """Listen; where signals cannot be had (outside the main thread), nobody will ask."""
        if threading.current_thread() is threading.main_thread():
            self._old = {number: signal.signal(number, self._note) for number in ASKING}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back."""
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.numbers.append(number)
