"""How to solve: the settings of one run, apart from the problem and from its start. No defaults live elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

VERSION = "21"  # raised whenever the same input may give another plan
Mode = Literal["welfare", "stable"]
LARGEST_SEED = 2**53  # as every number of the contract: a plan carries its seed


@dataclass(frozen=True, slots=True)
class Params:
    """Settings of a run.

    Attributes
    ----------
    mode : "welfare" or "stable"
    time_limit : float
        Seconds from the call (the command line subtracts what starting and reading took).
    gap : float
        A level closes when |bound - value| / max(1, |value|) <= gap.
    seed : int
        Steers the search only, never who wins a draw; within +-2^53 (else ValueError).
    memory_limit : int or None
        MiB of the solving process; kept by the parent process of the command line.

    """

    mode: Mode = "welfare"
    time_limit: float = 60.0
    gap: float = 0.0
    seed: int = 0
    memory_limit: int | None = None

    def __post_init__(self) -> None:
        if abs(self.seed) > LARGEST_SEED:
            raise ValueError("seed must be within +-2^53")

    @property
    def entropy(self) -> int:
        """The seed as numpy takes it: not negative, another one for each."""
        return self.seed % (4 * LARGEST_SEED)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: ``done`` is a share from 0 to 1; ``level`` counts from 1, 0 before the first."""

    step: str
    level: int
    value: int | None
    bound: int | None
    gap: float | None
    done: float


Report = Callable[[Progress], None]
Stop = Callable[[], bool]  # asked often: True ends the run with the best plan so far
