"""Bad input as data: each fault has a path and a sentence; the exception carries them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (a path as ``requests[12].options[0].uses``) and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class BadInput(ValueError):
    """The input is not a problem or plan of the format; ``faults`` lists everything found, at most 1,000."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))
