from rustok.kernel.modules import ModuleConfig


class TelemetryConfig(ModuleConfig):
    """Health, logs and metrics."""

    name = "apps.telemetry"
    slug = "telemetry"
    verbose_name = "Telemetry"
