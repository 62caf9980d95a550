"""Metrics for Prometheus. Labels take few values: they identify no caller, no request and no photo."""

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from f2p.serving.pool.job_queue import Job

__all__ = ["Metrics"]

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)
_STEPS = (1, 5, 10, 20, 40, 60, 100, 200)
_LOSSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)

Gauges = Callable[[], Iterable[tuple[str, str, dict[str, str], float]]]
"""Called at every scrape: (name, help, labels, value) of each; values of one name follow one another."""


class Metrics:
    """One server's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._calls = Counter(
            "f2p_calls_total", "Calls that ended.", ["method", "code", "reason"], registry=self.registry
        )
        self._call_seconds = Histogram(
            "f2p_call_duration_seconds",
            "From a call's headers to its status.",
            ["method"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._queue_seconds = Histogram(
            "f2p_queue_seconds", "Waiting for a worker.", ["method"], buckets=_SECONDS, registry=self.registry
        )
        self._stage_seconds = Histogram(
            "f2p_stage_duration_seconds",
            "Work on a character, by stage.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._steps = Histogram("f2p_search_steps", "Steps of a search.", buckets=_STEPS, registry=self.registry)
        self._losses = Histogram(
            "f2p_final_loss", "Loss terms at the solution.", ["term"], buckets=_LOSSES, registry=self.registry
        )
        self._issues = Counter(
            "f2p_photo_issues_total", "Issues and hints that CheckPhoto found.", ["issue"], registry=self.registry
        )

    def call_done(self, method: str, code: str, reason: str, seconds: float) -> None:
        """Count a call that has ended."""
        self._calls.labels(method, code, reason).inc()
        self._call_seconds.labels(method).observe(seconds)

    def job_done(self, job: Job, notes: dict[str, Any]) -> None:
        """Record a job that a worker has answered."""
        self._queue_seconds.labels(job.method).observe(job.began_at - job.queued_at)
        for stage, seconds in notes.get("seconds", {}).items():
            self._stage_seconds.labels(stage).observe(seconds)
        if "steps" in notes:
            self._steps.observe(notes["steps"])
        for term, value in notes.get("losses", {}).items():
            self._losses.labels(term).observe(value)
        for issue in notes.get("issues", ()):
            self._issues.labels(issue).inc()

    def add_gauges(self, gauges: Gauges) -> None:
        """Collect these gauges at every scrape."""
        self.registry.register(_GaugeCollector(gauges))

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _GaugeCollector:
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, text, labels, value in self._gauges():
            family = families.setdefault(name, GaugeMetricFamily(name, text, labels=list(labels)))
            family.add_metric(list(labels.values()), value)
        return families.values()
