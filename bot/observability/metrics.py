"""`METRICS`: one row for each Prometheus metric. docs/operating.md and the dashboard follow it.

Only `wiring` and `instruments` import this module. Other parts get plain functions. Label values come from tables of
ours, and everything else is `other`, so that no ID, name or typing error becomes a series of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

OTHER = "other"
"""The label for values that no table has."""

NO_ANSWER = "none"
"""The status of a call without a response."""

HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Samples of a counter end in `_total`, those of a histogram in `_bucket`, `_sum` and `_count`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    description: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = _QUICK

    @property
    def samples(self) -> tuple[str, ...]:
        """The names for queries."""
        if self.kind == "histogram":
            return tuple(f"{self.name}_{end}" for end in ("bucket", "sum", "count"))
        return (f"{self.name}_total",) if self.kind == "counter" else (self.name,)


ACCOUNT = ("workspace", "connection")
"""A connection is identified by workspace and name."""

METRICS: tuple[Metric, ...] = (
    Metric(
        "clustbot_build_info",
        "gauge",
        "Always 1. Its labels say which version runs.",
        ("version", "python", "database"),
    ),
    Metric("clustbot_database_up", "gauge", "1 if the database answers this process, else 0."),
    Metric(
        "clustbot_poll_age_seconds",
        "gauge",
        "Seconds since an account was last read completely, by any process. Of more than `METRICS_WORKSPACES` "
        "workspaces, the largest.",
        ACCOUNT,
    ),
    Metric(
        "clustbot_polls_overdue",
        "gauge",
        "Accounts that weren't read completely for three intervals, and at least five minutes.",
    ),
    Metric("clustbot_poll_duration_seconds", "histogram", "Seconds that polls took.", (*ACCOUNT, "result"), _SLOW),
    Metric("clustbot_poll_pages", "counter", "Pages that polls read.", ACCOUNT),
    Metric("clustbot_poll_changes", "counter", "Applications that polls found new or changed.", ACCOUNT),
    Metric(
        "clustbot_outbox_deliveries",
        "gauge",
        "Deliveries waiting in the database, for all processes together.",
        ("state",),
    ),
    Metric(
        "clustbot_outbox_oldest_seconds", "gauge", "Seconds that the oldest waiting delivery has waited.", ("state",)
    ),
    Metric("clustbot_deliveries", "counter", "Attempts to deliver, by their result.", ("result",)),
    Metric(
        "clustbot_slack_request_seconds",
        "histogram",
        "Seconds that calls to Slack's Web API took.",
        ("method", "status"),
    ),
    Metric(
        "clustbot_clust_request_seconds",
        "histogram",
        "Seconds that calls to Clust's API took.",
        ("method", "endpoint", "status"),
    ),
    Metric("clustbot_throttled", "counter", "Responses with status 429.", ("service",)),
    Metric("clustbot_command_seconds", "histogram", "Seconds from a command to its answer.", ("word",)),
)

Labels = Mapping[str, str]
Kind = TypeVar("Kind", Counter, Gauge, Histogram)


class Metrics:
    """The metrics of one process. `allowed` are the values of a label. A label without an entry can have any."""

    def __init__(self, allowed: Mapping[str, Collection[str]]) -> None:
        self._allowed = {name: frozenset(values) for name, values in allowed.items()}
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for row in METRICS:
            description, labels, registry = row.description, row.labels, self._registry
            if row.kind == "counter":
                self._counters[row.name] = Counter(row.name, description, labels, registry=registry)
            elif row.kind == "gauge":
                self._gauges[row.name] = Gauge(row.name, description, labels, registry=registry)
            else:
                self._histograms[row.name] = Histogram(
                    row.name, description, labels, buckets=row.buckets, registry=registry
                )

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Increment a counter."""
        _of(self._counters[name], self._allowed_labels(labels)).inc(amount)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        _of(self._histograms[name], self._allowed_labels(labels)).observe(seconds)

    def show(self, name: str, values: Iterable[tuple[Labels, float]]) -> None:
        """Set a gauge to these values, and remove its other ones."""
        gauge = self._gauges[name]
        gauge.clear()
        for labels, value in values:
            _of(gauge, self._allowed_labels(labels)).set(value)

    def exposition(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _allowed_labels(self, labels: Labels) -> dict[str, str]:
        return {
            name: value if name not in self._allowed or value in self._allowed[name] else OTHER
            for name, value in labels.items()
        }


def _of(metric: Kind, labels: Labels) -> Kind:
    """Return the child of a metric with these labels. Without labels, the metric itself."""
    return metric.labels(**labels) if labels else metric
