"""What other modules may use of telemetry: counting, and a way to have gauges asked for."""

from apps.telemetry.metrics import SECONDS, SIZES, Counter, Gauge, Histogram, collector, counter, histogram
from apps.telemetry.scraping import serve as serve_metrics

__all__ = [
    "SECONDS", "SIZES", "Counter", "Gauge", "Histogram", "collector", "counter", "histogram", "serve_metrics",
]  # fmt: skip
