from celery import signals
from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class TelemetryConfig(ModuleConfig):
    """Health, logs and metrics."""

    name = "apps.telemetry"
    slug = "telemetry"
    verbose_name = _("Telemetry")
    description = _("Health, logs and metrics for those who run the platform.")

    def ready(self) -> None:
        """Have Celery's own processes answer `/metrics` where METRICS_PORT says so."""
        super().ready()
        for signal in (signals.worker_ready, signals.beat_init):
            signal.connect(serve_metrics, dispatch_uid="telemetry.metrics")


def serve_metrics(**kwargs: object) -> None:
    from apps.telemetry.public import serve_metrics

    serve_metrics()
