"""Counting: what a module declares once and adds to for ever, cheaply, and without ever hurting the work it counts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import prometheus_client

from apps.telemetry import files

__all__ = [
    "SECONDS", "SIZES", "Counter", "Gauge", "Histogram", "collector", "collectors", "counter", "declared",
    "histogram",
]  # fmt: skip

log = logging.getLogger(__name__)

#: Upper bounds of durations in seconds, and of batches in rows.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
#: Sets of labels that one metric may have in a process; all further ones are counted as "other".
MAX_SERIES = 1000
#: Seconds between two complaints about metrics that cannot be written.
COMPLAIN_EVERY = 60.0

_creating = threading.Lock()
_complained_at = float("-inf")


class Metric:
    """A name with labels, and a function that adds to it for every set of labels seen."""

    kind: ClassVar[type[prometheus_client.metrics.MetricWrapperBase]]
    method: ClassVar[str]

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        self.name, self.text, self.labels = name, text, tuple(labels)
        self._adders: dict[tuple[str, ...], Callable[[float], None]] = {}
        self._metric: prometheus_client.metrics.MetricWrapperBase | None = None

    def _add(self, labels: tuple[str, ...], amount: float) -> None:
        try:
            (self._adders.get(labels) or self._adder(labels))(amount)
        except Exception as error:  # whatever it is, the work that is being counted goes on
            _complain(self.name, error)

    def _adder(self, labels: tuple[str, ...]) -> Callable[[float], None]:
        if len(labels) != len(self.labels):
            raise ValueError(f"expected {len(self.labels)} labels, not {len(labels)}")
        with _creating:
            if len(self._adders) >= MAX_SERIES:
                labels = ("other",) * len(labels)
            if labels not in self._adders:
                metric = self._metric = self._metric or self._made()
                child = metric.labels(*labels) if labels else metric
                self._adders[labels] = getattr(child, self.method)
            return self._adders[labels]

    def _made(self) -> prometheus_client.metrics.MetricWrapperBase:
        _count_in_files()
        return self.kind(self.name, self.text, self.labels, registry=None, **self._options())

    def _options(self) -> dict[str, Any]:
        return {}


class Counter(Metric):
    """A number that only grows."""

    kind = prometheus_client.Counter
    method = "inc"

    def inc(self, *labels: str, by: float = 1) -> None:
        """Add to the count of these labels."""
        self._add(labels, by)


class Histogram(Metric):
    """How many observations there were up to each bound, and their sum."""

    kind = prometheus_client.Histogram
    method = "observe"

    def __init__(self, name: str, text: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        super().__init__(name, text, labels)
        self.bounds = tuple(bounds)

    def observe(self, value: float, *labels: str) -> None:
        """Add one observation; durations are in seconds."""
        self._add(labels, value)

    def _options(self) -> dict[str, Any]:
        return {"buckets": self.bounds}


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a collector has found out: a value for every set of labels."""

    name: str
    text: str
    labels: tuple[str, ...] = ()
    values: dict[tuple[str, ...], float] = field(default_factory=dict)


M = TypeVar("M", bound=Metric)
Collect = Callable[[], Iterable[Gauge]]

declared: dict[str, Metric] = {}
collectors: dict[str, Collect] = {}


def counter(name: str, text: str, labels: Sequence[str] = ()) -> Counter:
    """Declare a counter; its name ends in `_total`.

    :raises ValueError: if the name is another metric's
    """
    return _declare(Counter(name, text, labels))


def histogram(name: str, text: str, labels: Sequence[str] = (), bounds: Sequence[float] = SECONDS) -> Histogram:
    """Declare a histogram; the bounds grow.

    :raises ValueError: if the name is another metric's
    """
    return _declare(Histogram(name, text, labels, bounds))


def collector(function: Collect) -> Collect:
    """Have a function asked for gauges when somebody reads the metrics, though not more often than it can bear.

    It is named after its module. With its database away the metrics that are counted are answered without it.
    """
    collectors[function.__module__.removeprefix("apps.").split(".")[0]] = function
    return function


def _declare(metric: M) -> M:
    if metric.name in declared:
        raise ValueError(f"there is a metric {metric.name} already")
    declared[metric.name] = metric
    return metric


_installed = False


def _count_in_files() -> None:
    global _installed
    if not _installed:
        files.install()
        _installed = True


def _complain(name: str, error: Exception) -> None:
    global _complained_at
    now = time.monotonic()
    if now - _complained_at > COMPLAIN_EVERY:
        _complained_at = now
        log.warning("metrics_not_written", extra={"metric": name, "reason": f"{type(error).__name__}: {error}"[:200]})
