"""Counts for a monitor: requests, the plan's age, the worker's sign of life, the outbox. No person, no id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

REQUESTS: Final = Counter("carematch_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS: Final = Histogram(
    "carematch_request_seconds",
    "Seconds from request to reply",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 1, 2, 5, 15),
)


@dataclass(frozen=True)
class Standing:
    """How the installation stands at one moment; None leaves a gauge out."""

    plan_age_hours: float | None = None
    worker_silent_seconds: float | None = None
    notices: Mapping[str, int] = field(default_factory=dict)
    """Counts by state."""


class _Gauges(Collector):
    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterable[Metric]:
        """Give what the record says now."""
        for name, text, value in (
            (
                "carematch_plan_age_hours",
                "Hours since the plan in force was published",
                self._standing.plan_age_hours,
            ),
            (
                "carematch_worker_silent_seconds",
                "Seconds since the worker's last sign of life",
                self._standing.worker_silent_seconds,
            ),
        ):
            family = GaugeMetricFamily(name, text)
            if value is not None:
                family.add_metric([], value)
            yield family
        counts = GaugeMetricFamily("carematch_notices", "Notices in the outbox by state", labels=["state"])
        for state, number in sorted(self._standing.notices.items()):
            counts.add_metric([state], number)
        yield counts


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def render(standing: Standing) -> bytes:
    """Return the text that a monitor reads, added up over all workers of this `serve`."""
    registry = CollectorRegistry()
    if values.ValueClass.__name__ == "MmapedValue":
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    registry.register(_Gauges(standing))
    return generate_latest(registry)


class _Own(Collector):
    def collect(self) -> Iterable[Metric]:
        """Give this process's counts: it runs alone."""
        yield from REQUESTS.collect()
        yield from SECONDS.collect()
