from importlib import import_module

from django.apps import AppConfig


class ProbesConfig(AppConfig):
    """What the fault tests publish and listen to; no table of its own is migrated."""

    name = "tests.faults.probes"
    label = "probes"

    def ready(self) -> None:
        """Register events and handlers."""
        for part in ("events", "handlers"):
            import_module(f"{self.name}.{part}")
