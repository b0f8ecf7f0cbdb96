"""Counts for a monitor: requests by route and status, their seconds, the plan's age. No person, no id."""

from __future__ import annotations

from collections.abc import Iterable
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


class _PlanAge(Collector):
    def __init__(self, hours: float | None) -> None:
        self._hours = hours

    def collect(self) -> Iterable[Metric]:
        """Give the age of the published plan; nothing while there is none."""
        family = GaugeMetricFamily("carematch_plan_age_hours", "Hours since the plan in force was published")
        if self._hours is not None:
            family.add_metric([], self._hours)
        yield family


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def render(plan_age_hours: float | None) -> bytes:
    """Return the text that a monitor reads, added up over all workers of this `serve`."""
    registry = CollectorRegistry()
    if values.ValueClass.__name__ == "MmapedValue":
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    registry.register(_PlanAge(plan_age_hours))
    return generate_latest(registry)


class _Own(Collector):
    def collect(self) -> Iterable[Metric]:
        """Give this process's counts: it runs alone."""
        yield from REQUESTS.collect()
        yield from SECONDS.collect()
