"""What a bar brought, and the table of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """One bar on one database; a control must have violations, everything else none."""

    bar: str
    database: str
    is_control: bool = False
    attempts: int = 0
    successes: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds of each request."""
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Return whether the bar holds, or the control has gone red as it must."""
        return bool(self.violations) is self.is_control

    def percentile(self, share: float) -> float:
        """Return a percentile of the latencies in milliseconds; 0 without any."""
        if not self.latencies:
            return 0.0
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note a violation unless something holds."""
        if not holds:
            self.violations.append(otherwise)

    def line(self) -> str:
        """Return the bar's line."""
        name = f"{self.bar} control" if self.is_control else self.bar
        red = "red, as it must be" if self.violations else "NOT RED"
        verdict = red if self.is_control else ("ok" if not self.violations else "VIOLATED")
        refused = ", ".join(f"{code} {number}" for code, number in self.refusals.most_common(4)) or "-"
        return (
            f"{name:<12}{self.database:<11}{self.attempts:>8}{self.successes:>8}  {refused:<44.44}"
            f"{self.percentile(0.5):>8.0f}{self.percentile(0.99):>8.0f}{len(self.violations):>6}"
            f"{self.seconds:>7.1f}  {verdict}"
        )


HEADER = (
    f"{'bar':<12}{'database':<11}{'tries':>8}{'done':>8}  {'refusals by code':<44}"
    f"{'p50 ms':>8}{'p99 ms':>8}{'viol':>6}{'s':>7}"
)
